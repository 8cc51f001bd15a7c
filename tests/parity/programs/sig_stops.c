/* Calls that a stop interrupts, and that go on afterwards: restart_syscall. */
#include "parity.h"
#include <poll.h>
static void stopped(long child)
{
	int status;
	call(nanosleep, &(struct timespec){0, 15000000}, NULL);
	call(kill, child, SIGSTOP);
	call(wait4, child, &status, WUNTRACED, NULL);
	call(kill, child, SIGCONT);
	call(wait4, child, &status, 0, NULL);
}
int main(void)
{
	struct timespec left = {0, 0};
	struct pollfd none = {-1, POLLIN};
	long child = call(fork);
	if (child == 0) {
		call(nanosleep, &(struct timespec){0, 60000000}, &left);
		call(exit_group, 0);
	}
	stopped(child);
	child = call(fork);
	if (child == 0) {
		call(poll, &none, 1ul, 60);
		call(exit_group, 0);
	}
	stopped(child);
}
