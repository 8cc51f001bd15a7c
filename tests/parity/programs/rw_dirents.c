/* getdents64, getdents: entries of each type, a buffer too small, the end of a directory. */
#include "parity.h"
int main(void)
{
	char buffer[2048];
	call(mkdir, "d", 0755);
	call(mkdir, "d/sub", 0755);
	call(close, call(openat, AT_FDCWD, "d/file with a longer name", O_CREAT | O_RDWR, 0640));
	call(symlink, "x", "d/link");
	call(mknod, "d/fifo", S_IFIFO | 0600, 0);
	call(mknod, "d/sock", S_IFSOCK | 0600, 0);
	call(close, call(openat, AT_FDCWD, "d/\303\244\n\"", O_CREAT | O_RDWR, 0640));
	long fd = call(openat, AT_FDCWD, "d", O_RDONLY | O_DIRECTORY);
	call(getdents64, fd, buffer, sizeof buffer);
	call(getdents64, fd, buffer, sizeof buffer);
	call(lseek, fd, 0l, SEEK_SET);
	call(getdents, fd, buffer, sizeof buffer);
	call(getdents, fd, buffer, sizeof buffer);
	call(lseek, fd, 0l, SEEK_SET);
	call(getdents64, fd, buffer, 60ul);
	call(getdents64, fd, buffer, 3ul);
	call(getdents64, 1000, buffer, sizeof buffer);
	call(getdents64, fd, NULL, sizeof buffer);
}
