/* dup, dup2, dup3, pipe, pipe2, close, close_range, flock: descriptors come and go. */
#include "parity.h"
#include <linux/close_range.h>
#include <sys/file.h>
int main(void)
{
	int pipes[2];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(dup, fd);
	call(dup2, fd, 20);
	call(dup2, fd, fd);
	call(dup3, fd, 21, O_CLOEXEC);
	call(dup3, fd, 22, 0x7);
	call(pipe, pipes);
	call(pipe2, pipes, O_CLOEXEC | O_NONBLOCK | O_DIRECT);
	call(pipe2, pipes, 0x7);
	call(pipe2, NULL, 0);
	call(write, 20, "a copy", 6ul);
	call(close, 20);
	call(write, 20, "a copy", 6ul);
	call(close_range, 4u, 6u, 0);
	call(close_range, 21u, ~0u, CLOSE_RANGE_CLOEXEC);
	call(close_range, 100u, ~0u, CLOSE_RANGE_UNSHARE);
	call(close_range, 9u, 4u, 0);
	call(close_range, 4u, 9u, 0x70);
	call(flock, fd, LOCK_SH);
	call(flock, fd, LOCK_EX | LOCK_NB);
	call(flock, fd, LOCK_UN);
	call(flock, fd, LOCK_MAND | LOCK_READ);
	call(flock, fd, 0x77);
}
