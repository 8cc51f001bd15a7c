/* fcntl: locks of processes and of open files, what is asked and what is said. */
#include "parity.h"
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct flock lock = {F_WRLCK, SEEK_SET, 10, 20};
	call(ftruncate, fd, 1000l);
	call(fcntl, fd, F_SETLK, &lock);
	lock.l_type = F_RDLCK;
	call(fcntl, fd, F_GETLK, &lock);
	long child = call(fork);
	if (child == 0) {
		lock = (struct flock){F_WRLCK, SEEK_SET, 0, 0};
		call(fcntl, fd, F_GETLK, &lock);
		lock = (struct flock){F_RDLCK, SEEK_END, -100, 0};
		call(fcntl, fd, F_SETLK, &lock);
		lock = (struct flock){F_RDLCK, SEEK_SET, 0, 0};
		call(fcntl, fd, F_SETLK, &lock);
		call(exit_group, 0);
	}
	call(wait4, child, NULL, 0, NULL);
	lock = (struct flock){F_UNLCK, SEEK_CUR, -5, 3};
	call(fcntl, fd, F_SETLKW, &lock);
	lock = (struct flock){F_WRLCK, SEEK_SET, 5, 6};
	call(fcntl, fd, F_OFD_SETLK, &lock);
	call(fcntl, fd, F_OFD_GETLK, &lock);
	lock = (struct flock){F_UNLCK, SEEK_SET, 5, 6, 77};
	call(fcntl, fd, F_OFD_SETLKW, &lock);
	lock = (struct flock){7, 9, 5, 6};
	call(fcntl, fd, F_SETLK, &lock);
	call(fcntl, fd, F_SETLK, BAD);
	call(fcntl, fd, F_GETLK, NULL);
}
