/* Structures, vectors and arrays in memory that has not been touched since it was mapped. */
#include "parity.h"
#include <poll.h>
#include <sys/epoll.h>
#define STEP (1l << 20)
#define AT 0x10000000l
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct iovec out[2] = {{(void *)(AT + STEP), 5}, {(void *)(AT + 2 * STEP), 3}};
	struct msghdr message = {NULL, 0, (void *)AT, 2};
	call(pwrite64, fd, out, sizeof out, 0l);
	call(pwrite64, fd, "hello", 5ul, STEP);
	call(pwrite64, fd, "you", 3ul, 2 * STEP);
	call(pwrite64, fd, &(struct timespec){0, 1000}, 16ul, 3 * STEP);
	call(pwrite64, fd, &(struct pollfd){-1, POLLIN}, 8ul, 4 * STEP);
	call(pwrite64, fd, &(struct epoll_event){EPOLLIN, {.fd = 3}}, 12ul, 5 * STEP);
	call(pwrite64, fd, &message, sizeof message, 6 * STEP);
	call(pwrite64, fd, &(unsigned long){1 << 9}, 8ul, 7 * STEP);
	call(ftruncate, fd, 9 * STEP);
	call(fsync, fd);
	call(fadvise64, fd, 0l, 0l, POSIX_FADV_DONTNEED);
	char *map = mmap((void *)AT, 9 * STEP, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd, 0);
	long other = call(openat, AT_FDCWD, "g", O_CREAT | O_RDWR, 0640);
	call(writev, other, map, 2ul);
	call(nanosleep, map + 3 * STEP, NULL);
	call(poll, map + 4 * STEP, 1ul, 0);
	call(epoll_ctl, -1, EPOLL_CTL_ADD, 0, map + 5 * STEP);
	call(sendmsg, -1, map + 6 * STEP, 0);
	call(rt_sigprocmask, SIG_BLOCK, map + 7 * STEP, NULL, 8ul);
	call(ioctl, -1, 0x5414 /* TIOCSWINSZ */, map + 8 * STEP);
	char *fresh = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(fstat, other, fresh);
	call(pread64, fd, fresh + 8192 - 3, 5ul, STEP);
	call(pipe, fresh + 16384);
	call(clock_gettime, CLOCK_MONOTONIC_COARSE, fresh + 20480);
	call(writev, other, fresh + 28672, 2ul);
}
