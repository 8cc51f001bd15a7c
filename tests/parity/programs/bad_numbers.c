/* Numbers at their edges: large, small and negative, in arguments of each size. */
#include "parity.h"
int main(void)
{
	struct timespec edges[] = {{0, 0}, {0, 999999999}, {-1, 0}, {0, -1}, {0x7fffffffffffffff, 0}, {-0x7fffffffffffffff - 1, 0x7fffffffffffffff}};
	for (int n = 1; n < COUNT(edges); n++)
		call(futex, edges, 0x80 /* FUTEX_WAIT_PRIVATE */, 1, &edges[n], NULL, 0);
	call(lseek, -1, 0x7fffffffffffffffl, 0);
	call(lseek, -1, -0x7fffffffffffffffl - 1, 0);
	call(read, -1, NULL, -1l);
	call(ftruncate, -1, -1l);
	call(pread64, -1, NULL, 5ul, -1l);
	call(alarm, 0xffffffff);
	call(alarm, 0);
	call(umask, 0xffffffff);
	call(dup, 0xffffffff00000000l);
	call(close, 0x1ffffffffl);
	call(kill, 0x7fffffff, 0x7fffffff);
	call(setuid, 0xfffffffe);
	call(mmap, -1l, -1l, -1, -1, -1, -1l);
	call(fallocate, -1, -1, -1l, -1l);
	call(epoll_wait, -1, NULL, 0x80000000, 0x7fffffff);
	call(listen, -1, 0x80000000);
	call(ioctl, -1, 0x12345678deadbeefl, 0xfedcba9876543210l);
}
