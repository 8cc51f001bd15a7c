/* pidfd_open, pidfd_send_signal, pidfd_getfd: processes behind descriptors. */
#include "parity.h"
int main(void)
{
	long child = call(fork);
	if (child == 0) {
		call(pause);
		call(exit_group, 0);
	}
	long fd = call(pidfd_open, child, 0);
	call(pidfd_open, child, O_NONBLOCK);
	call(pidfd_open, -1, 0);
	call(pidfd_open, child, 0x5);
	call(pidfd_getfd, fd, 0, 0);
	call(pidfd_getfd, fd, 99, 0);
	call(pidfd_getfd, fd, 1, 7);
	call(pidfd_send_signal, fd, 0, NULL, 0);
	siginfo_t info = {.si_signo = SIGTERM, .si_code = SI_QUEUE};
	info.si_value.sival_int = 42;
	call(pidfd_send_signal, fd, SIGUSR1, &info, 0);
	call(pidfd_send_signal, fd, SIGTERM, &info, 0);
	call(pidfd_send_signal, -1, SIGKILL, BAD, 0x10);
	call(wait4, child, NULL, 0, NULL);
}
