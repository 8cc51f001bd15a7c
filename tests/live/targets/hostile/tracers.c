/* A tracer and its tracee, both of them traced; a process that traces itself into a knot. */
#include "made.h"
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

/* As a tracee stops: an access that it is about to make gets another name. */
#ifdef __x86_64__
enum { GET = PTRACE_GETREGS };

static void renames(int pid) {
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, pid, 0, &registers) == 0 && registers.orig_rax == SYS_access &&
        (long)registers.rax == -ENOSYS) {
        registers.rdi = (unsigned long)"/hostile/as-its-tracer-wants";
        ptrace(PTRACE_SETREGS, pid, 0, &registers);
    }
}
#else
enum { GET = PTRACE_GETREGSET, NT_PRSTATUS = 1 };

static void renames(int pid) {
    struct user_regs_struct registers;
    struct iovec them = {&registers, sizeof registers};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &them) == 0 && registers.regs[8] == SYS_faccessat &&
        registers.regs[7] == 0) { /* x7 says at such a stop whether the call begins or ends */
        registers.regs[1] = (unsigned long)"/hostile/as-its-tracer-wants";
        ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &them);
    }
}
#endif

int main(void) {
    int status, pid = fork(), stops = 0;
    if (pid == 0) {
        long result = call(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0);
        if (result == 0) /* else nobody would let it go on */
            call(SYS_kill, call(SYS_getpid), SIGSTOP);
        makes(ACCESS("/hostile/as-it-was", result));
        call(SYS_exit_group, 9);
    }
    while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        /* Each call of the tracee's, first and last; access gets another name. */
        stops++;
        renames(pid);
        ptrace(PTRACE_SYSCALL, pid, 0, 0);
    }
    say("%d stops, ended with %#x\n", stops, status);
    /* What may not be: to trace oneself, one's tracer's child once more, the first of all. */
    begin();
    did(ptrace, PTRACE_ATTACH, getpid(), 0, 0);
    did(ptrace, PTRACE_SEIZE, 0x7ffffffe, 0, 0);
    did(ptrace, -1L, getpid(), -1L, -1L);
    did(ptrace, GET, getppid(), -1L, -1L);
    end();
    return 0;
}
