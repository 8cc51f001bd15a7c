/* vfork and exec of this same program, posix_spawn, and a child that dies between the two. */
#define _GNU_SOURCE
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv, char **environment)
{
    char *child[] = {argv[0], "-", "a child's argument", NULL};
    char *nothing[] = {NULL};
    int status;
    pid_t pid;

    if (argc > 2 && argv[1][0] == '-')
        return argc + 1;
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
    posix_spawn(&pid, argv[0], NULL, NULL, child, nothing);
    waitpid(pid, &status, 0);
    posix_spawn(&pid, "./no such program", NULL, NULL, child, environment);
    return 0;
}
