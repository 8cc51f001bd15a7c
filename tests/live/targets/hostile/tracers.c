/* A tracer and its tracee, both of them traced; a process that traces itself into a knot. */
#include "made.h"
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>

int main(void) {
    int status, pid = fork(), stops = 0;
    if (pid == 0) {
        long result = call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
        if (result == 0) /* else nobody would let it go on */
            call(SYS_kill, call(SYS_getpid), SIGSTOP);
        call(SYS_access, "/hostile/as-it-was", result);
        call(SYS_exit_group, 9);
    }
    while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        /* Each call of the tracee's, first and last; access gets another name. */
        struct user_regs_struct registers;
        stops++;
        if (ptrace(PTRACE_GETREGS, pid, 0, &registers) == 0 && registers.orig_rax == SYS_access &&
            (long)registers.rax == -ENOSYS) {
            registers.rdi = (unsigned long)"/hostile/as-its-tracer-wants";
            ptrace(PTRACE_SETREGS, pid, 0, &registers);
        }
        ptrace(PTRACE_SYSCALL, pid, 0, 0);
    }
    say("%d stops, ended with %#x\n", stops, status);
    /* What may not be: to trace oneself, one's tracer's child once more, the first of all. */
    begin();
    did(ptrace, PTRACE_ATTACH, getpid(), 0, 0);
    did(ptrace, PTRACE_SEIZE, 0x7ffffffe, 0, 0);
    did(ptrace, -1L, getpid(), -1L, -1L);
    did(ptrace, PTRACE_GETREGS, getppid(), -1L, -1L);
    end();
    return 0;
}
