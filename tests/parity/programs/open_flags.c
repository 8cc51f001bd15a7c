/* open, openat, creat: each flag, the access mode as a number in them, the mode only where it counts. */
#include "parity.h"
#define OPEN(...) do { long fd = call(openat, AT_FDCWD, ##__VA_ARGS__); if (fd >= 0) call(close, fd); } while (0)
int main(void)
{
	OPEN("f", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	OPEN("f", O_RDONLY);
	OPEN("f", O_WRONLY);
	OPEN("f", O_RDWR);
	OPEN("f", O_ACCMODE);
	OPEN("f", O_RDWR | O_CREAT | O_EXCL, 0600);
	OPEN("g", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 04755);
	OPEN("f", O_WRONLY | O_APPEND | O_NONBLOCK);
	OPEN("f", O_RDONLY | O_SYNC);
	OPEN("f", O_RDONLY | O_DSYNC);
	OPEN("f", O_RDONLY | O_DIRECT | O_LARGEFILE | O_NOATIME);
	OPEN(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OPEN(".", O_PATH | O_NOFOLLOW);
	OPEN(".", O_RDWR | O_TMPFILE, 0640);
	OPEN(".", O_WRONLY | O_TMPFILE | O_EXCL, 0400);
	OPEN("f", O_RDONLY | O_ASYNC | O_NOCTTY);
	OPEN("f", O_RDONLY | 0x40000000);
	OPEN("f", 0xffffffff, 0xffffffff);
	OPEN("absent", O_RDONLY);
	call(close, call(open, "f", O_RDONLY | O_CLOEXEC));
	call(close, call(open, "h", O_CREAT | O_WRONLY, 01777));
	call(close, call(creat, "i", 02640));
	call(open, "absent/x", O_RDWR);
}
