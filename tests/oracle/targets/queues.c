/* POSIX message queues: a name that begins without a slash, as the kernel has it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct mq_attr attributes = {.mq_maxmsg = 2, .mq_msgsize = 64};
    struct timespec past = {1, 0};
    char buffer[64];
    unsigned priority;

    syscall(SYS_mq_unlink, "argtrace-oracle");
    int queue = syscall(SYS_mq_open, "argtrace-oracle", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    syscall(SYS_mq_open, "argtrace-oracle", O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    syscall(SYS_mq_open, "argtrace/oracle", O_RDWR | O_CREAT, 0600, NULL);
    syscall(SYS_mq_open, "", O_RDONLY, 0, NULL);
    syscall(SYS_mq_open, "argtrace-absent", O_RDONLY, 0, NULL);
    syscall(SYS_mq_timedsend, queue, "first", 5L, 1L, &past);
    syscall(SYS_mq_timedsend, queue, "\0\1\2", 3L, 32767L, &past);
    syscall(SYS_mq_timedsend, queue, "full", 4L, 0L, &past); /* ETIMEDOUT */
    syscall(SYS_mq_timedsend, queue, buffer, 65L, 0L, NULL); /* EMSGSIZE */
    syscall(SYS_mq_timedreceive, queue, buffer, 64L, &priority, &past);
    syscall(SYS_mq_timedreceive, queue, buffer, 1L, &priority, &past);
    syscall(SYS_mq_getsetattr, queue, NULL, &attributes);
    syscall(SYS_mq_notify, queue, NULL);
    syscall(SYS_mq_unlink, "argtrace-oracle");
    syscall(SYS_mq_unlink, "argtrace-oracle");
    return 0;
}
