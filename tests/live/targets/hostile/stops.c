/* Stopped and continued by a child while it sleeps in calls; some of them the kernel begins anew. */
#include "made.h"
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static void noticed(int number) { (void)number; }

int main(void) {
    pid_t me = getpid();
    struct sigaction action = {.sa_handler = noticed};
    sigaction(SIGUSR1, &action, NULL); /* no SA_RESTART */
    action.sa_flags = SA_RESTART;
    sigaction(SIGUSR2, &action, NULL);
    int pipes[2];
    if (pipe(pipes))
        return 1;
    for (int way = 0; way < 3; way++) {
        pid_t child = fork();
        if (child == 0) {
            for (int i = 0; i < 5; i++) {
                usleep(8000);
                kill(me, way == 0 ? SIGSTOP : way == 1 ? SIGUSR1 : SIGUSR2);
                usleep(2000);
                kill(me, SIGCONT);
            }
            _exit(0);
        }
        int status;
        struct timespec nap = {0, 100000000}, left = {0, 0};
        if (way == 0) {
            say("sleep %ld\n", call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &nap, &left));
            say("poll %ld\n", makes(POLL((&(struct pollfd){pipes[0], POLLIN, 0}), 1, 20)));
        } else if (way == 1) {
            say("sleep %ld\n", call(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &nap, &left));
            say("read %ld\n", call(SYS_read, pipes[0], &status, 1));
        }
        while (waitpid(child, &status, 0) < 0)
            ;
        say("%d\n", status);
    }
    told();
    return 0;
}
