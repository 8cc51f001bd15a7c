/* Waiting for one of several: poll, select, epoll, and descriptors that are made to be waited for. */
#define _GNU_SOURCE
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

int main(void)
{
    int ends[2];
    char byte;
    struct timeval none = {0, 0};
    struct timespec little = {0, 1000000};
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT}, got[4];
    struct itimerspec timer = {.it_value = {0, 1000000}};
    unsigned long count;
    fd_set set;

    pipe(ends);
    struct pollfd polled[2] = {{ends[0], POLLIN, 0}, {ends[1], POLLOUT, 0}};
    syscall(SYS_poll, polled, 1L, 0L);
    syscall(SYS_poll, polled, 2L, -1L);
    syscall(SYS_poll, polled, 1L, 5L);
    ppoll(polled, 1, &little, NULL);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, &none);
    syscall(SYS_select, -1L, NULL, NULL, NULL, NULL);
    pselect(0, NULL, NULL, NULL, &little, NULL);
    int old = syscall(SYS_epoll_create, 5L), epoll = epoll_create1(EPOLL_CLOEXEC);
    epoll_create1(1);
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
    epoll_ctl(epoll, EPOLL_CTL_DEL, ends[1], &event);
    epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event);
    syscall(SYS_epoll_wait, epoll, got, 4L, 0L);
    write(ends[1], "x", 1);
    syscall(SYS_epoll_wait, epoll, got, 4L, -1L);
    epoll_pwait2(epoll, got, 4, &little, NULL);
    read(ends[0], &byte, 1);
    int events = eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK);
    for (int n = 0; n < 4; n++)
        read(events, &count, sizeof count);
    int timerfd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(timerfd, 0, &timer, NULL);
    read(timerfd, &count, sizeof count);
    timerfd_gettime(timerfd, &timer);
    epoll_ctl(old, EPOLL_CTL_MOD, timerfd, NULL);
    return 0;
}
