/* reuse PID MARK: a new process with an id that is free again opens a file that is not there. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    pid_t wanted = argc == 3 ? atoi(argv[1]) : 0;
    struct clone_args args = {
        .exit_signal = 17, /* SIGCHLD */
        .set_tid = (uint64_t)(uintptr_t)&wanted,
        .set_tid_size = 1,
    };
    long child = syscall(SYS_clone3, &args, sizeof args);
    if (child < 0) {
        perror("clone3");
        return 1;
    }
    if (child == 0) {
        open(argv[2], O_RDONLY);
        _exit(0);
    }
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}
