/* apart: Structures, vectors and arrays in memory that has not been touched since it was mapped. */
#include "parity.h"
#include <poll.h>
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct iovec out[2] = {{(void *)0x10000000, 5}, {(void *)0x10001000, 3}};
	call(write, fd, out, sizeof out);
	call(pwrite64, fd, "hello", 5ul, 4096l);
	call(pwrite64, fd, "you", 3ul, 8192l);
	call(pwrite64, fd, &(struct timespec){0, 1000}, 16ul, 12288l);
	call(pwrite64, fd, &(struct pollfd){-1, POLLIN}, 8ul, 16384l);
	call(pwrite64, fd, "a name", 7ul, 20480l);
	call(fsync, fd);
	call(fadvise64, fd, 0l, 0l, POSIX_FADV_DONTNEED);
	char *map = mmap((void *)0x0ffff000, 65536, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
	long other = call(openat, AT_FDCWD, "g", O_CREAT | O_RDWR, 0640);
	call(writev, other, map, 2ul);
	call(nanosleep, map + 12288, NULL);
	call(poll, map + 16384, 1ul, 0);
	call(access, map + 20480, F_OK);
	char *fresh = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(fstat, other, fresh);
	call(pread64, fd, fresh + 8192 - 3, 5ul, 4096l);
	call(pipe, fresh + 16384);
	call(clock_gettime, CLOCK_MONOTONIC_COARSE, fresh + 20480);
	call(rt_sigprocmask, SIG_BLOCK, fresh + 24576, NULL, 8ul);
	call(writev, other, fresh + 28672, 2ul);
}
