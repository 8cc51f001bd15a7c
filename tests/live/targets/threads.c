/* 1,000 threads at once, each one call; then a thread other than the first runs a program. */
#include <pthread.h>
#include <unistd.h>

enum { THREADS = 1000 };
static pthread_barrier_t all;

static void *one_call(void *unused)
{
    pthread_barrier_wait(&all);
    getppid();
    return unused;
}

static void *run(void *unused)
{
    execl("/bin/echo", "echo", "from a thread", NULL);
    return unused;
}

int main(void)
{
    pthread_t thread[THREADS];
    pthread_attr_t small;
    pthread_barrier_init(&all, NULL, THREADS + 1);
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], &small, one_call, NULL);
    pthread_barrier_wait(&all);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    pthread_create(&thread[0], &small, run, NULL);
    pause();
    return 1;
}
