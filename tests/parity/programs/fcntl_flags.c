/* fcntl: duplicates, flags of descriptors and of files, as arguments and as results. */
#include "parity.h"
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR | O_APPEND, 0640);
	call(fcntl, fd, F_GETFD);
	call(fcntl, fd, F_SETFD, FD_CLOEXEC);
	call(fcntl, fd, F_GETFD);
	call(fcntl, fd, F_SETFD, 0x6);
	call(fcntl, fd, F_GETFL);
	call(fcntl, fd, F_SETFL, O_NONBLOCK | O_NOATIME);
	call(fcntl, fd, F_GETFL);
	call(fcntl, fd, F_SETFL, 0);
	call(fcntl, fd, F_DUPFD, 10);
	call(fcntl, fd, F_DUPFD_CLOEXEC, 10);
	call(fcntl, fd, F_DUPFD, -1);
	call(fcntl, call(openat, AT_FDCWD, "f", O_PATH | O_CLOEXEC), F_GETFL);
	call(fcntl, fd, 0x7777, 5ul);
	call(fcntl, fd, -1, BAD);
	call(fcntl, 99, F_GETFL);
}
