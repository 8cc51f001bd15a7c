// Threads, more than there are places for their slots, all at once in the same calls, each with
// values of its own: access("/nowhere/<thread>/<round>"), a read of that many bytes, getppid.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROUNDS = 3 };

static pthread_barrier_t all;

static int zero;

static void *calls(void *argument) {
    long number = (long)argument;
    char path[64], buffer[64];
    for (int round = 0; round < ROUNDS; round++) {
        pthread_barrier_wait(&all);
        snprintf(path, sizeof path, "/nowhere/%ld/%d", number, round);
        access(path, F_OK);
        read(zero, buffer, (size_t)(1 + (number + round) % 60));
        syscall(SYS_getppid);
    }
    pthread_barrier_wait(&all);
    return NULL;
}

int main(int argc, char **argv) {
    zero = open("/dev/zero", O_RDONLY);
    long count = argc > 1 ? atol(argv[1]) : 1;
    pthread_t *threads = calloc((size_t)count, sizeof *threads);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    pthread_barrier_init(&all, NULL, (unsigned)count);
    for (long i = 0; i < count; i++)
        if (pthread_create(&threads[i], &attributes, calls, (void *)i))
            return 1;
    for (long i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return 0;
}
