/* kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo: signals by number, 0, none; siginfo that goes in. */
#include "parity.h"
int main(void)
{
	int pid = getpid();
	signal(SIGUSR1, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	call(kill, pid, 0);
	call(kill, pid, SIGUSR1);
	call(tkill, pid, SIGUSR1);
	call(tgkill, pid, pid, SIGUSR1);
	call(tgkill, pid, pid, SIGRTMIN + 3);
	call(kill, 99999999, SIGTERM);
	call(kill, -99999999, SIGKILL);
	call(kill, pid, 65);
	call(tgkill, -1, -1, -1);
	siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE, .si_errno = 5};
	info.si_pid = pid;
	info.si_uid = 1000;
	info.si_value.sival_ptr = (void *)0x123456789abcdef;
	call(rt_sigqueueinfo, pid, SIGUSR1, &info);
	call(rt_tgsigqueueinfo, pid, pid, SIGUSR1, &info);
	info.si_code = SI_USER;
	call(rt_sigqueueinfo, 99999999, SIGUSR1, &info);
	call(rt_sigqueueinfo, pid, SIGUSR1, BAD);
	call(rt_tgsigqueueinfo, -1, pid, SIGUSR1, NULL);
}
