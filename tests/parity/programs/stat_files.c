/* stat, lstat, fstat, newfstatat: what comes out for each type of file, and for none. */
#include "parity.h"
int main(void)
{
	struct stat st;
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, "twelve bytes", 12ul);
	call(stat, "f", &st);
	call(fstat, fd, &st);
	call(symlink, "f", "l");
	call(lstat, "l", &st);
	call(newfstatat, AT_FDCWD, "l", &st, 0);
	call(newfstatat, AT_FDCWD, "l", &st, AT_SYMLINK_NOFOLLOW);
	call(newfstatat, fd, "", &st, AT_EMPTY_PATH | AT_NO_AUTOMOUNT);
	call(newfstatat, AT_FDCWD, ".", &st, 0x8);
	call(stat, "/dev/null", &st);
	call(stat, "/", &st);
	call(stat, "/proc/self/exe", &st);
	call(stat, "absent", &st);
	call(stat, "f", BAD);
	call(fstat, -1, &st);
	int pipes[2];
	call(pipe, pipes);
	call(fstat, pipes[0], &st);
}
