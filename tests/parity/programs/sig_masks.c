/* rt_sigprocmask, rt_sigpending, rt_sigsuspend: sets of signals, full, empty and in between. */
#include "parity.h"
static void handler(int signal) {}
int main(void)
{
	unsigned long set = 1ul << (SIGUSR1 - 1) | 1ul << (SIGUSR2 - 1) | 1ul << (SIGRTMAX - 1), old = 0, none = 0;
	signal(SIGALRM, handler);
	call(rt_sigprocmask, SIG_BLOCK, &set, &old, 8ul);
	call(kill, getpid(), SIGUSR2);
	call(rt_sigpending, &old, 8ul);
	call(rt_sigprocmask, SIG_UNBLOCK, &(unsigned long){1ul << (SIGRTMAX - 1)}, &old, 8ul);
	set = ~0ul;
	call(rt_sigprocmask, SIG_SETMASK, &set, &old, 8ul);
	call(rt_sigprocmask, SIG_SETMASK, NULL, &old, 8ul);
	set = ~(1ul << (SIGTERM - 1) | 3ul << 33);
	call(rt_sigprocmask, SIG_SETMASK, &set, NULL, 8ul);
	call(rt_sigprocmask, 77, &set, &old, 8ul);
	call(rt_sigprocmask, SIG_BLOCK, &set, &old, 16ul);
	call(rt_sigpending, &old, 4ul);
	call(alarm, 0);
	call(setitimer, ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 20000}}, NULL);
	set = ~(1ul << (SIGALRM - 1));
	call(rt_sigsuspend, &set, 8ul);
	call(rt_sigsuspend, BAD, 8ul);
	call(rt_sigsuspend, &set, 5ul);
}
