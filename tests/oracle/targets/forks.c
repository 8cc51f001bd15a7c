/* A tree of processes, each waited for by its parent: fork, clone, waits by id, by group, WNOWAIT. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A process with `depth` generations below it, two children each; its exit code says which it is. */
static void tree(int depth, int code)
{
    int status;
    for (int n = 1; depth && n <= 2; n++) {
        pid_t child = fork();
        if (child == 0) {
            tree(depth - 1, code * 3 + n);
            _exit(code * 3 + n);
        }
        waitpid(child, &status, 0);
    }
    getppid();
}

int main(void)
{
    struct rusage usage;
    siginfo_t info;
    int status;

    tree(3, 0);
    if (syscall(SYS_fork) == 0) {
        setpgid(0, 0);
        _exit(7);
    }
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    wait4(info.si_pid, &status, 0, &usage);
    wait4(info.si_pid, &status, 0, &usage);
    if (syscall(SYS_clone, CLONE_PARENT_SETTID | SIGCHLD, 0L, &status, 0L, 0L) == 0)
        _exit(8);
    wait(&status);
    /* A child that dies without a signal to its parent is only found with __WCLONE. */
    if (syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L) == 0)
        _exit(9);
    wait4(-1, &status, 0, NULL);
    wait4(-1, &status, __WCLONE, NULL);
    wait4(0, NULL, WNOHANG, NULL);
    waitid(P_PID, 1, NULL, 0);
    return 3;
}
