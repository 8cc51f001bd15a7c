/* Descriptors that are not open, in calls that take one or more of them. */
#include "parity.h"
int main(void)
{
	char buffer[8];
	struct stat st;
	call(read, -1, buffer, 8ul);
	call(read, 2147483647, buffer, 8ul);
	call(read, 0x100000001l, buffer, 0ul);
	call(write, 1000, "text", 4ul);
	call(close, -1);
	call(close, 99);
	call(fstat, -9, &st);
	call(dup, 99);
	call(dup2, 99, 5);
	call(dup3, 99, 5, O_CLOEXEC);
	call(dup3, 99, 99, 0);
	call(fcntl, -1, F_GETFL);
	call(ioctl, -1, 0x5401, NULL);
	call(lseek, -1, 0l, 0);
	call(ftruncate, 99, 0l);
	call(flock, -1, 2);
	call(fchdir, -1);
	call(sendfile, -1, -2, NULL, 1ul);
	call(epoll_wait, -1, buffer, 1, 0);
	call(getsockname, -1, NULL, NULL);
	call(mmap, NULL, 4096ul, PROT_READ, MAP_PRIVATE, -1, 0l);
}
