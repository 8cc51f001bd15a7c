/* usage: takeover HOW THREADS: threads that call without end, while one or two of them run a new
 * program, or end all. What they made is counted where it outlives them. */
#include "made.h"
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

static struct { long begun[2048], ended[2048]; } *counts;
static const char *how;
static pthread_barrier_t all;

static void *calls(void *argument) {
    long me = (long)argument;
    struct timespec nap = {0, 3000000};
    pthread_barrier_wait(&all);
    for (;;) {
        counts->begun[me]++;
        call(SYS_umask, 077);
        counts->ended[me]++;
        call(SYS_nanosleep, &nap, NULL);
    }
    return NULL;
}

static void *replaces(void *argument) {
    char *words[] = {"true", NULL};
    pthread_barrier_wait(&all);
    usleep(3000);
    if (argument && !strcmp(how, "exits"))
        call(SYS_exit_group, 0);
    call(SYS_execve, "/bin/true", words, NULL);
    return NULL;
}

int main(int argc, char **argv) {
    long threads = argc > 2 ? atol(argv[2]) : 4, low = 0, high = 0;
    int status;
    how = argc > 1 ? argv[1] : "one";
    counts = shared(sizeof *counts);
    if (fork() == 0) {
        long two = strcmp(how, "one") != 0;
        pthread_t thread;
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, 32 << 10);
        pthread_barrier_init(&all, NULL, (unsigned)(threads + 1 + two));
        for (long i = 0; i < threads; i++)
            pthread_create(&thread, &attributes, calls, (void *)i);
        for (long i = 0; i < 1 + two; i++)
            pthread_create(&thread, &attributes, replaces, (void *)i);
        for (;;)
            pause();
    }
    wait(&status);
    for (long i = 0; i < threads; i++)
        low += counts->ended[i], high += counts->begun[i];
    fprintf(stderr, "between umask %ld %ld\n", low, high);
    say("ended with %d\n", status);
    told();
    return 0;
}
