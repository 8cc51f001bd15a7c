/* rt_sigtimedwait: the set, the siginfo that comes out, the time; queued values. */
#include "parity.h"
int main(void)
{
	unsigned long set = 1ul << (SIGUSR1 - 1) | 1ul << (SIGRTMIN + 4 - 1) | 1ul << (SIGCHLD - 1);
	struct timespec now = {0, 0}, soon = {0, 10000000};
	siginfo_t info, queued = {.si_signo = SIGRTMIN + 4, .si_code = SI_QUEUE};
	queued.si_pid = getpid();
	queued.si_uid = 3;
	queued.si_value.sival_int = -42;
	call(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8ul);
	call(kill, getpid(), SIGUSR1);
	call(rt_sigtimedwait, &set, &info, NULL, 8ul);
	call(rt_sigqueueinfo, getpid(), SIGRTMIN + 4, &queued);
	call(rt_sigtimedwait, &set, &info, &now, 8ul);
	call(tkill, getpid(), SIGUSR1);
	call(rt_sigtimedwait, &set, NULL, &soon, 8ul);
	call(rt_sigtimedwait, &set, &info, &soon, 8ul);
	if (call(fork) == 0)
		call(exit_group, 9);
	call(rt_sigtimedwait, &set, &info, NULL, 8ul);
	call(rt_sigtimedwait, &set, &info, &(struct timespec){0, -1}, 8ul);
	call(rt_sigtimedwait, NULL, &info, &now, 8ul);
	call(rt_sigtimedwait, &set, BAD, BAD, 8ul);
}
