/* The first thread ends, with one status, and the process goes on; the last thread ends with another.
   The kernel clears the word of set_tid_address when a thread is gone: what a join waits for. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static volatile int alive = 1;

static void *last(void *unused)
{
    while (alive)
        ;
    access("the first thread is gone", F_OK);
    syscall(SYS_exit, 7);
    return unused;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, last, NULL);
    syscall(SYS_set_tid_address, &alive);
    syscall(SYS_exit, 6);
    return 0;
}
