/* wait4: how children end, stop and continue, options, what they used. */
#include "parity.h"
#include <sys/resource.h>
static void ends(int how)
{
	int status = 0;
	struct rusage usage;
	long pid = call(fork);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		if (how < 0)
			call(kill, call(getpid), -how);
		call(exit_group, how);
	}
	call(wait4, pid, &status, 0, &usage);
}
int main(void)
{
	int status;
	struct rusage usage;
	ends(0);
	ends(255);
	ends(-SIGTERM);
	ends(-SIGKILL);
	call(wait4, -1, &status, 0, &usage);
	call(wait4, -1, NULL, WNOHANG | WUNTRACED | WCONTINUED, NULL);
	call(wait4, 0, NULL, __WALL | __WCLONE | __WNOTHREAD, NULL);
	call(wait4, -12345, &status, WNOHANG, NULL);
	call(wait4, -1, &status, 0x100, NULL);
	long pid = call(fork);
	if (pid == 0) {
		call(pause);
		call(exit_group, 1);
	}
	call(wait4, pid, &status, WNOHANG, &usage);
	call(kill, pid, SIGSTOP);
	call(wait4, pid, &status, WUNTRACED, NULL);
	call(kill, pid, SIGCONT);
	call(wait4, pid, &status, WCONTINUED, NULL);
	call(kill, pid, SIGINT);
	call(wait4, pid, &status, 0, &usage);
}
