/* Structures that are not there, or end where memory does. */
#include "parity.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
int main(void)
{
	struct timespec soon = {0, 1000};
	call(nanosleep, NULL, NULL);
	call(nanosleep, BAD, NULL);
	call(nanosleep, &soon, BAD);
	call(nanosleep, at_end(&soon, 16), page_end() - 16);
	call(nanosleep, page_end() - 8, NULL);
	call(clock_gettime, CLOCK_REALTIME, NULL);
	call(clock_gettime, CLOCK_REALTIME, page_end() - 8);
	call(stat, "/", page_end() - 100);
	call(rt_sigaction, SIGUSR1, BAD, NULL, 8ul);
	call(rt_sigaction, SIGUSR1, NULL, BAD, 8ul);
	call(rt_sigprocmask, SIG_BLOCK, page_end() - 4, NULL, 8ul);
	call(poll, BAD, 3ul, 0);
	call(poll, page_end() - 12, 2ul, 0);
	call(select, 10, BAD, NULL, NULL, &(struct timeval){0, 0});
	call(bind, -1, BAD, 16);
	call(bind, -1, page_end() - 4, 16);
	call(connect, -1, NULL, 16);
	call(sendmsg, -1, BAD, 0);
	call(sendmsg, -1, NULL, 0);
	call(setrlimit, RLIMIT_CORE, page_end() - 8);
	call(getrlimit, RLIMIT_CORE, BAD);
	call(epoll_ctl, -1, EPOLL_CTL_ADD, 0, BAD);
	call(futex, BAD, 0, 0, NULL, NULL, 0);
	call(prlimit64, 0, RLIMIT_CORE, BAD, NULL);
	call(setitimer, ITIMER_REAL, BAD, NULL);
	call(sysinfo, page_end() - 40);
	call(wait4, -1, BAD, WNOHANG, BAD);
	call(statfs, "/", page_end() - 8);
}
