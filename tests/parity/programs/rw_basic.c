/* read, write, pread64, pwrite64: data in, data out, nothing, the end of a file. */
#include "parity.h"
int main(void)
{
	char buffer[100];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, "the first line\nthe second\n", 26ul);
	call(write, fd, "", 0ul);
	call(pwrite64, fd, "THE", 3ul, 0l);
	call(pread64, fd, buffer, 9ul, 4l);
	call(pread64, fd, buffer, sizeof buffer, 1l << 40);
	call(lseek, fd, 0l, SEEK_SET);
	call(read, fd, buffer, 5ul);
	call(read, fd, buffer, sizeof buffer);
	call(read, fd, buffer, sizeof buffer);
	call(read, fd, buffer, 0ul);
	call(pwrite64, fd, "x", 1ul, -5l);
	call(pread64, fd, buffer, 1ul, -1l);
	int pipes[2];
	call(pipe2, pipes, O_NONBLOCK);
	call(read, pipes[0], buffer, sizeof buffer);
	call(write, pipes[1], "through a pipe", 14ul);
	call(read, pipes[0], buffer, sizeof buffer);
	call(write, pipes[0], "wrong end", 9ul);
}
