/* clone with odd flags: what is shared, who is the parent, and who is not to be traced. Each child makes
 * chmod("/hostile/KIND") and its ends are waited for. */
#include "made.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

static char stack[16][16384] __attribute__((aligned(16)));
static const char *const kinds[] = {
    "/hostile/fork", "/hostile/vm", "/hostile/vm-files-fs", "/hostile/vfork", "/hostile/untraced",
    "/hostile/ptraced", "/hostile/untraced-ptraced", "/hostile/no-signal", "/hostile/io-sysvsem",
    "/hostile/other-signal", "/hostile/newns",
};
static const unsigned long flags[] = {
    SIGCHLD, CLONE_VM | SIGCHLD, CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, CLONE_VFORK | CLONE_VM | SIGCHLD,
    CLONE_UNTRACED | SIGCHLD, CLONE_PTRACE | SIGCHLD, CLONE_UNTRACED | CLONE_PTRACE | SIGCHLD, 0,
    CLONE_IO | CLONE_SYSVSEM | SIGCHLD, SIGUSR1, CLONE_NEWNS | SIGCHLD,
};
enum { KINDS = sizeof flags / sizeof *flags };

static int child(void *argument) {
    long result = makes(CHMOD(kinds[(long)argument], 0));
    call(SYS_exit, result == -ENOENT ? 10 + (long)argument : 99);
    return 0;
}

static int cousin(void *argument) {
    (void)argument;
    clone(child, stack[14] + 16384, CLONE_PARENT | CLONE_VM, (void *)0);
    call(SYS_exit, 50);
    return 0;
}

int main(void) {
    int status;
    signal(SIGUSR1, SIG_IGN);
    for (long i = 0; i < KINDS; i++) {
        int pid = clone(child, stack[i] + 16384, flags[i], (void *)i);
        long result = pid < 0 ? -errno : call(SYS_wait4, pid, &status, __WALL, 0) == pid ? 0 : -1;
        say("%s %ld: %d\n", kinds[i], result, status);
    }
    int pid = clone(cousin, stack[15] + 16384, CLONE_VM | SIGCHLD, NULL);
    for (int n = 0; n < 2; n++) { /* its child is ours, and ends with the signal that it would have had */
        int one = (int)call(SYS_wait4, -1, &status, __WALL, 0);
        fprintf(stderr, one == pid ? "it %d\n" : "its child %d\n", status);
    }
    pid = vfork();
    if (pid == 0) {
        makes(CHMOD("/hostile/vforked", 0));
        call(SYS_kill, call(SYS_getpid), SIGKILL); /* instead of an exec */
    }
    call(SYS_wait4, pid, &status, 0, 0);
    say("vforked: %d\nmade " name_of(CHMOD(0, 0)) " %d\n", status, KINDS + 2);
    told();
    return 0;
}
