/* epoll: creation, control with events and data, waits of each kind with what they return. */
#include "parity.h"
#include <sys/epoll.h>
int main(void)
{
	int pipes[2];
	struct epoll_event events[4], event = {EPOLLIN | EPOLLET, {.u64 = 0x1122334455667788}};
	unsigned long set = 1ul << (SIGINT - 1);
	long ep = call(epoll_create1, EPOLL_CLOEXEC);
	call(epoll_create1, 0x7);
	call(epoll_create, 5);
	call(epoll_create, -1);
	call(pipe, pipes);
	call(epoll_ctl, ep, EPOLL_CTL_ADD, pipes[0], &event);
	event = (struct epoll_event){EPOLLOUT | EPOLLONESHOT | EPOLLRDHUP | EPOLLEXCLUSIVE | EPOLLWAKEUP, {.fd = pipes[1]}};
	call(epoll_ctl, ep, EPOLL_CTL_ADD, pipes[1], &event);
	event.events = EPOLLOUT | EPOLLPRI | EPOLLERR | EPOLLHUP;
	call(epoll_ctl, ep, EPOLL_CTL_ADD, pipes[1], &event);
	call(epoll_wait, ep, events, 4, 0);
	call(write, pipes[1], "x", 1ul);
	call(epoll_wait, ep, events, 4, -1);
	call(epoll_ctl, ep, EPOLL_CTL_MOD, pipes[1], &event);
	call(epoll_pwait, ep, events, 1, 10, &set, 8ul);
	call(epoll_pwait2, ep, events, 4, &(struct timespec){0, 1000}, &set, 8ul);
	call(epoll_ctl, ep, EPOLL_CTL_DEL, pipes[1], NULL);
	call(epoll_ctl, ep, EPOLL_CTL_DEL, pipes[0], &event);
	call(epoll_pwait2, ep, events, 4, &(struct timespec){0, 1000}, NULL, 0ul);
	call(epoll_pwait, ep, events, 4, 1, NULL, 0ul);
	call(epoll_wait, ep, events, 0, 0);
	call(epoll_wait, ep, BAD, 4, 0);
	call(epoll_ctl, ep, 77, 0, &event);
	call(epoll_ctl, ep, EPOLL_CTL_ADD, 99, BAD);
	call(epoll_pwait2, -1, events, -5, BAD, BAD, 3ul);
}
