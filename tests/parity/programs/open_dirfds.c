/* Calls that start at a directory: AT_FDCWD, a descriptor, one that is none. */
#include "parity.h"
int main(void)
{
	call(mkdirat, AT_FDCWD, "d", 0755);
	long dir = call(openat, AT_FDCWD, "d", O_RDONLY | O_DIRECTORY);
	long fd = call(openat, dir, "f", O_CREAT | O_RDWR, 0644);
	call(close, fd);
	call(faccessat, dir, "f", R_OK | W_OK);
	call(unlinkat, dir, "f", 0);
	call(mkdirat, dir, "e", 0700);
	call(unlinkat, dir, "e", AT_REMOVEDIR);
	call(openat, -1, "relative", O_RDONLY);
	call(openat, 4242, "/dev/null", O_RDONLY);
	call(openat, 0xffffff9c, "d", O_PATH);
	call(openat, -100L, "d", O_PATH);
	call(unlinkat, -2, "f", 0x80000000);
	call(mkdirat, fd, "x", 0);
}
