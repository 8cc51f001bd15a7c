/* Children by descriptor: clone3, pidfd_open, signals and waits through it, a descriptor of theirs. */
#define _GNU_SOURCE
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int pidfd = -1, ends[2];
    siginfo_t info;
    struct clone_args args = {
        .flags = CLONE_PIDFD, .pidfd = (uintptr_t)&pidfd, .exit_signal = SIGCHLD};
    char byte;

    pipe(ends);
    pid_t child = syscall(SYS_clone3, &args, sizeof args);
    if (child == 0) {
        read(ends[0], &byte, 1);
        _exit(5);
    }
    int other = syscall(SYS_pidfd_open, child, 0L);
    syscall(SYS_pidfd_open, child, 0x7fL);
    syscall(SYS_pidfd_open, -1L, 0L);
    int taken = syscall(SYS_pidfd_getfd, pidfd, ends[1], 0L);
    syscall(SYS_pidfd_send_signal, pidfd, 0L, NULL, 0L);
    write(taken, "x", 1);
    waitid(P_PIDFD, other, &info, WEXITED);
    syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0L);
    args.exit_signal = 99;
    syscall(SYS_clone3, &args, sizeof args);
    syscall(SYS_clone3, &args, 1L);
    syscall(SYS_clone3, 8L, sizeof args);
    args.flags = CLONE_VFORK;
    args.pidfd = 0;
    args.exit_signal = SIGCHLD;
    if (syscall(SYS_clone3, &args, sizeof args) == 0)
        _exit(6);
    waitid(P_ALL, 0, &info, WEXITED);
    syscall(SYS_unshare, 0x12345L);
    syscall(SYS_setns, pidfd, 0L);
    return 0;
}
