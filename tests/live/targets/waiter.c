/* Two threads that sleep and call, and children, until killed: something to attach to. SIGUSR1 has the first
 * begin a call that does not end. */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *unused)
{
    for (;;) {
        usleep(20000);
        close(open("/by-thread", O_RDONLY));
    }
    return unused;
}

static void stay(int unused)
{
    open("/stays", O_RDONLY);
    for (;;)
        pause();
}

int main(void)
{
    pthread_t other;
    signal(SIGUSR1, stay);
    pthread_create(&other, NULL, thread, NULL);
    puts("ready");
    fflush(stdout);
    for (;;) {
        usleep(50000);
        if (fork() == 0) {
            open("/by-child", O_RDONLY);
            _exit(3);
        }
        wait(NULL);
    }
}
