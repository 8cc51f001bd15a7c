/* Signals to oneself, by every call that sends one; handlers, masks, and a child's SIGCHLD. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void handler(int number, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    write(-1, "handler", number);
}

int main(void)
{
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    struct sigaction plain = {.sa_handler = SIG_IGN};
    siginfo_t info = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
    sigset_t set, old;
    struct timespec now = {0, 0};
    int status;

    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    sigaction(SIGRTMIN, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigaction(SIGCHLD, &action, NULL);
    sigaction(SIGKILL, &action, NULL); /* EINVAL */
    sigaction(SIGTERM, &plain, NULL);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGTERM);           /* ignored: never delivered */
    kill(getpid(), 0);
    kill(getpid(), 65);                /* EINVAL */
    kill(0x3fffffff, SIGUSR1);         /* ESRCH */
    raise(SIGUSR2);
    tgkill(getpid(), gettid(), SIGRTMIN);
    syscall(SYS_tkill, gettid(), SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42});
    syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR2, &info);

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    int fd = signalfd(-1, &set, SFD_NONBLOCK);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    struct signalfd_siginfo taken;
    read(fd, &taken, sizeof taken);
    sigtimedwait(&set, &info, &now);
    sigtimedwait(&set, &info, &now);   /* nothing left: EAGAIN */
    kill(getpid(), SIGUSR1);
    sigpending(&set);
    sigprocmask(SIG_SETMASK, &old, NULL); /* now it comes */

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &old);
    if (fork() == 0)
        _exit(4);
    wait(&status);
    sigprocmask(SIG_SETMASK, &old, NULL); /* the child's SIGCHLD, whenever it came */
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    sigaltstack(&stack, NULL);
    action.sa_flags |= SA_ONSTACK | SA_RESETHAND;
    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    alarm(100);
    alarm(0);
    return 0;
}
