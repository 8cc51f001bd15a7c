/* Eight threads at work at the same time, each with files of its own, and with a table of descriptors
   of its own, so that their numbers are the same each time. Nobody is joined, since whether that needs
   a futex is a matter of time: the first thread waits for a byte of each, and goes. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 12 };
static int go[2], done[2];

static void *work(void *number)
{
    char name[32], other[48], byte;

    syscall(SYS_unshare, CLONE_FILES);
    read(go[0], &byte, 1);
    for (int round = 0; round < ROUNDS; round++) {
        snprintf(name, sizeof name, "thread-%ld-%d", (long)number, round);
        snprintf(other, sizeof other, "%s.renamed", name);
        int fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT, 0600);
        write(fd, name, 8);
        syscall(SYS_fchmod, fd, 0644);
        syscall(SYS_rename, name, other);
        syscall(SYS_access, name, F_OK);
        syscall(SYS_unlink, other);
    }
    write(done[1], "x", 1);
    return number;
}

int main(int argc, char **argv)
{
    pthread_t thread;
    char bytes[THREADS];

    if (argc < 2 || chdir(argv[1]) || pipe(go) || pipe(done))
        return 1;
    for (long number = 0; number < THREADS; number++)
        pthread_create(&thread, NULL, work, (void *)number);
    write(go[1], "12345678", THREADS); /* all are there before the first may end and leave its stack */
    for (int number = 0; number < THREADS; number++)
        read(done[0], bytes, 1);
    syscall(SYS_exit, 0); /* this thread alone; the process goes on to its last one */
    return 0;
}
