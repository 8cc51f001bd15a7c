/*
 * What can a program notice of being frozen, other than by the clock?
 *
 * Children sleep in one call after another while their parent calls getppid(2)
 * often enough for the ring to fill. Each thing noticed is a line; the end of all
 * is how the calls ended, which is the same without a tracer. See signal(7),
 * "Interruption of system calls and library functions by stop signals".
 *
 * noticing steady    calls that the kernel restarts by itself
 * noticing EINTR     calls that it does not restart
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t signals[65];

static void count(int number) { signals[number]++; }

static const struct timespec nap = {1, 500000000};
static const struct timeval nap_tv = {1, 500000};

static long wait_nanosleep(void) { return nanosleep(&nap, NULL); }
static long wait_clock_nanosleep(void) { return clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL); }
static long wait_poll(void) { return poll(NULL, 0, 1500); }

static long wait_select(void) {
    struct timeval left = nap_tv;
    return select(0, NULL, NULL, NULL, &left);
}

static long wait_futex(void) {
    static int word;
    return syscall(SYS_futex, &word, FUTEX_WAIT, 0, &nap, NULL, 0);
}

static long wait_pipe(void) {
    int ends[2];
    char byte;
    if (pipe(ends) || fork() == 0) {
        nanosleep(&nap, NULL);
        _exit(write(ends[1], "x", 1) != 1);
    }
    return read(ends[0], &byte, 1);
}

static long wait_timerfd(void) {
    struct itimerspec when = {.it_value = nap};
    long long times;
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    timerfd_settime(fd, 0, &when, NULL);
    return read(fd, &times, sizeof times);
}

static long wait_child(void) {
    int status;
    pid_t child = fork();
    if (child == 0) {
        nanosleep(&nap, NULL);
        _exit(3);
    }
    /* A stop or its end would be told here. */
    return waitpid(child, &status, WUNTRACED | WCONTINUED) == child && WIFEXITED(status);
}

static long wait_epoll(void) {
    struct epoll_event event;
    return epoll_wait(epoll_create1(0), &event, 1, 1500);
}

static long wait_semaphore(void) {
    struct sembuf take = {.sem_op = -1};
    int set = semget(IPC_PRIVATE, 1, 0600);
    long got = semtimedop(set, &take, 1, &nap);
    int why = errno;
    semctl(set, 0, IPC_RMID);
    errno = why;
    return got;
}

static long wait_signal(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    return sigtimedwait(&set, NULL, &nap);
}

static long wait_socket(void) {
    int ends[2];
    char byte;
    socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &nap_tv, sizeof nap_tv);
    return recv(ends[0], &byte, 1, 0);
}

struct wait {
    const char *name;
    long (*call)(void);
};

static const struct wait steady[] = {
    {"nanosleep", wait_nanosleep}, {"clock_nanosleep", wait_clock_nanosleep},
    {"poll", wait_poll},           {"select", wait_select},
    {"futex", wait_futex},         {"read of a pipe", wait_pipe},
    {"read of a timerfd", wait_timerfd}, {"waitpid", wait_child},
    {NULL, NULL},
};

static const struct wait interrupted[] = {
    {"epoll_wait", wait_epoll}, {"semtimedop", wait_semaphore},
    {"sigtimedwait", wait_signal}, {"recv with SO_RCVTIMEO", wait_socket},
    {NULL, NULL},
};

/* Signals pending and a tracer, as /proc has them. */
static void look_at_status(void) {
    char line[256];
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "SigPnd", 6) || !strncmp(line, "ShdPnd", 6) || !strncmp(line, "TracerPid", 9))
            fputs(line, stdout);
    fclose(file);
}

int main(int argc, char **argv) {
    const struct wait *waits = argc > 1 && !strcmp(argv[1], "EINTR") ? interrupted : steady;
    int started = 0, ended = 0, status;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int number = 1; number < 32; number++)
        signal(number, count);
    for (const struct wait *wait = waits; wait->name; wait++, started++)
        if (fork() == 0) {
            errno = 0;
            long got = wait->call();
            printf("%s %ld %s\n", wait->name, got, got < 0 ? strerrorname_np(errno) : "");
            for (int number = 1; number < 32; number++)
                if (signals[number] && number != SIGCHLD)
                    printf("%s: a signal: %s\n", wait->name, strsignal(number));
            _exit(0);
        }
    struct timespec begun, now;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    do { /* until all but the clock has had its chance */
        for (int call = 0; call < 20000; call++)
            syscall(SYS_getppid);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec - begun.tv_sec < 2);
    while (ended < started) {
        pid_t pid = waitpid(-1, &status, WUNTRACED | WCONTINUED);
        if (pid > 0 && WIFEXITED(status))
            ended++;
        else if (pid > 0 || errno != EINTR)
            printf("a child did not end but stop: %#x\n", status);
    }
    for (int number = 1; number < 32; number++)
        if (signals[number] && number != SIGCHLD)
            printf("a signal: %s\n", strsignal(number));
    look_at_status();
    return 0;
}
