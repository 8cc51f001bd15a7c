/* usage: many THREADS: so many threads, each of which calls getppid 20 times and opens what is not there. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *thread(void *unused)
{
    for (int n = 0; n < 20; n++)
        syscall(SYS_getppid);
    open("/no/such/file", O_RDONLY);
    return unused;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 50;
    pthread_t threads[count];
    for (int n = 0; n < count; n++)
        pthread_create(&threads[n], NULL, thread, NULL);
    for (int n = 0; n < count; n++)
        pthread_join(threads[n], NULL);
    return 0;
}
