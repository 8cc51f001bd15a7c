/* vfork and exec of this same program, posix_spawn, and a child that dies between the two. What is
   spawned waits until its parent is ready: posix_spawn blocks signals, and which of them is first, the
   child's end or the unblocking, decides whether its SIGCHLD is thrown away. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv, char **environment)
{
    char *child[] = {argv[0], "-", "a child's argument", NULL};
    char *spawned[] = {argv[0], "-", "wait", "for standard input's end", NULL};
    char *nothing[] = {NULL};
    char byte;
    int status, ends[2];
    pid_t pid;

    if (argc > 2 && argv[1][0] == '-')
        return argc > 3 ? read(0, &byte, 1) : argc + 1;
    pid = vfork();
    if (pid == 0) {
        execve(argv[0], child, environment);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    pid = vfork();
    if (pid == 0) {
        execve("./no such program", child, nothing);
        _exit(126);
    }
    waitpid(pid, &status, 0);
    pipe2(ends, O_CLOEXEC);
    dup2(ends[0], 0);
    posix_spawn(&pid, argv[0], NULL, NULL, spawned, nothing);
    close(ends[1]);
    waitpid(pid, &status, 0);
    posix_spawn(&pid, "./no such program", NULL, NULL, child, environment);
    return 0;
}
