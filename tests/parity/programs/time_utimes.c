/* utime, utimes, futimesat, utimensat: arrays of two times, UTIME_NOW and UTIME_OMIT, none at all. */
#include "parity.h"
#include <utime.h>
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0666);
	call(utime, "f", &(struct utimbuf){1000000000, 1234567890});
	call(utime, "f", NULL);
	struct timeval tv[2] = {{1, 2}, {3, 999999}};
	call(utimes, "f", tv);
	tv[0].tv_usec = 1000000;
	call(utimes, "f", tv);
	call(futimesat, AT_FDCWD, "f", NULL);
	tv[0].tv_usec = 5;
	call(futimesat, AT_FDCWD, "f", tv);
	struct timespec ts[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
	call(utimensat, AT_FDCWD, "f", ts, 0);
	ts[0] = (struct timespec){-1, 5};
	ts[1] = (struct timespec){1ll << 33, 999999999};
	call(utimensat, AT_FDCWD, "f", ts, AT_SYMLINK_NOFOLLOW);
	call(utimensat, fd, NULL, ts, 0);
	call(utimensat, fd, NULL, NULL, 0);
	ts[1].tv_nsec = 1000000000;
	call(utimensat, AT_FDCWD, "f", ts, 0);
	call(utimensat, AT_FDCWD, "absent", BAD, 0x1);
}
