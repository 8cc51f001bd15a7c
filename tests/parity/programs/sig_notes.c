/* F_NOTIFY signals, SIGIO with a band, leases that break: what siginfo says then. */
#include "parity.h"
int main(void)
{
	unsigned long set = 1ul << (SIGIO - 1) | 1ul << (SIGRTMIN + 1 - 1);
	siginfo_t info;
	int pipes[2];
	call(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8ul);
	long dir = call(openat, AT_FDCWD, ".", O_RDONLY);
	call(fcntl, dir, F_SETSIG, SIGRTMIN + 1);
	call(fcntl, dir, F_NOTIFY, DN_CREATE);
	call(close, call(openat, AT_FDCWD, "new", O_CREAT | O_RDWR, 0600));
	call(rt_sigtimedwait, &set, &info, &(struct timespec){1, 0}, 8ul);
	call(pipe, pipes);
	call(fcntl, pipes[0], F_SETOWN, getpid());
	call(fcntl, pipes[0], F_SETSIG, SIGRTMIN + 1);
	call(fcntl, pipes[0], F_SETFL, O_ASYNC);
	call(write, pipes[1], "x", 1ul);
	call(rt_sigtimedwait, &set, &info, &(struct timespec){1, 0}, 8ul);
	int timer;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 1, .sigev_value.sival_int = 77};
	call(timer_create, CLOCK_MONOTONIC, &event, &timer);
	call(timer_settime, timer, 0, &(struct itimerspec){{0, 0}, {0, 1000}}, NULL);
	call(rt_sigtimedwait, &set, &info, &(struct timespec){1, 0}, 8ul);
}
