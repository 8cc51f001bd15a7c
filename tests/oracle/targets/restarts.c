/* Calls that a signal interrupts: EINTR, and the codes with which the kernel restarts them. A signal
   that is pending and unblocked by the call itself needs no clock; the others come from a timer, long
   after the call has begun. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ends[2];

static void handler(int number)
{
    write(ends[1], "x", number == SIGALRM);
}

static void timer(int milliseconds)
{
    struct itimerval value = {.it_value = {0, milliseconds * 1000}};
    setitimer(ITIMER_REAL, &value, NULL);
}

int main(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct timespec long_time = {20, 0}, short_time = {0, 300000000}, pause_time = {0, 80000000};
    struct epoll_event event;
    sigset_t blocked, none;
    char byte, bytes[4];
    int status;

    pipe(ends);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigemptyset(&none);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, NULL);

    kill(getpid(), SIGUSR1);
    sigsuspend(&none);                                  /* ERESTARTNOHAND, and EINTR for the program */
    kill(getpid(), SIGUSR1);
    ppoll(NULL, 0, &long_time, &none);
    kill(getpid(), SIGUSR1);
    pselect(0, NULL, NULL, NULL, &long_time, &none);
    kill(getpid(), SIGUSR1);
    epoll_pwait(epoll_create1(0), &event, 1, 20000, &none); /* EINTR itself */

    timer(80);
    read(ends[0], &byte, 1);                            /* ERESTARTSYS, no SA_RESTART: EINTR */
    timer(80);
    nanosleep(&long_time, NULL);                        /* ERESTART_RESTARTBLOCK, a handler: EINTR */
    timer(80);
    poll(NULL, 0, 20000);
    timer(80);
    pause();
    read(ends[0], bytes, 4);                            /* what the four timers left there */
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    timer(80);
    read(ends[0], &byte, 1);                            /* ERESTARTSYS, SA_RESTART: begun again */

    pid_t child = fork();
    if (child == 0) {
        nanosleep(&short_time, NULL);                   /* stopped and continued: restart_syscall */
        _exit(0);
    }
    nanosleep(&pause_time, NULL);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, &status, 0);
    return 0;
}
