/* waitid: kinds of ids, options, siginfo of children that exit, die, stop. */
#include "parity.h"
#include <sys/resource.h>
int main(void)
{
	siginfo_t info;
	struct rusage usage;
	long pid = call(fork);
	if (pid == 0)
		call(exit_group, 42);
	call(waitid, P_PID, pid, &info, WEXITED | WNOWAIT, &usage);
	call(waitid, P_ALL, 0, &info, WEXITED, NULL);
	pid = call(fork);
	if (pid == 0) {
		call(pause);
		call(exit_group, 1);
	}
	call(waitid, P_PID, pid, &info, WEXITED | WNOHANG, NULL);
	call(kill, pid, SIGSTOP);
	call(waitid, P_PID, pid, &info, WSTOPPED, NULL);
	call(kill, pid, SIGCONT);
	call(waitid, P_PID, pid, &info, WCONTINUED, NULL);
	long fd = call(pidfd_open, pid, 0);
	call(kill, pid, SIGKILL);
	call(waitid, P_PIDFD, fd, &info, WEXITED, &usage);
	call(waitid, P_PGID, 0, &info, WEXITED | WSTOPPED | WCONTINUED, NULL);
	call(waitid, 77, -1, &info, 0x40, NULL);
	call(waitid, P_PID, 12345678, NULL, WEXITED | __WALL, NULL);
}
