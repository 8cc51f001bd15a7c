/* signalfd, signalfd4: sets and flags, the siginfo that is read, and a set that changes. */
#include "parity.h"
int main(void)
{
	char info[256];
	unsigned long set = 1ul << (SIGUSR1 - 1) | 1ul << (SIGRTMIN + 2 - 1);
	call(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8ul);
	long fd = call(signalfd4, -1, &set, 8ul, SOCK_CLOEXEC | SOCK_NONBLOCK);
	call(kill, getpid(), SIGUSR1);
	call(read, fd, info, 128ul);
	call(read, fd, info, sizeof info);
	set = 1ul << (SIGRTMIN + 2 - 1);
	call(signalfd4, fd, &set, 8ul, 0);
	call(signalfd, -1, &set, 8ul);
	call(signalfd4, -1, &set, 8ul, 0x7);
	call(signalfd4, 0, &set, 8ul, 0);
	call(signalfd4, -1, &set, 4ul, 0);
	call(signalfd4, -1, NULL, 8ul, SOCK_CLOEXEC);
}
