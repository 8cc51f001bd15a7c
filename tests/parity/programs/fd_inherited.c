/* Descriptors that children, threads and new programs have, and those that close with exec. */
#include "parity.h"
int main(int argc, char **argv)
{
	char byte;
	if (argc > 1) {
		for (int fd = 3; fd < 9; fd++)
			call(lseek, fd, 0l, SEEK_CUR);
		return 0;
	}
	call(openat, AT_FDCWD, "kept", O_CREAT | O_RDWR, 0640);
	call(openat, AT_FDCWD, "closed", O_CREAT | O_RDWR | O_CLOEXEC, 0640);
	call(dup, 4);
	call(fcntl, 3, F_DUPFD_CLOEXEC, 7);
	CHILD(call(write, 3, "child", 5ul); call(close, 3); call(openat, AT_FDCWD, "in the child", O_CREAT | O_RDWR, 0600);
	      call(write, 3, "other", 5ul));
	call(write, 3, "parent", 6ul);
	CHILD(call(close_range, 5u, 6u, 0); call(unshare, 0x400 /* CLONE_FILES */); call(fcntl, 3, F_SETFD, 0);
	      call(execve, "/proc/self/exe", (char *[]){"exe", "again", NULL}, NULL));
	call(close, 4);
	call(read, 5, &byte, 1ul);
}
