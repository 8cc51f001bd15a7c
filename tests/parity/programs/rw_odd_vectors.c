/* Vectors that end where memory does, overlap, are empty or huge. */
#include "parity.h"
int main(void)
{
	char in[64];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct iovec same[3] = {{"same", 4}, {"same", 2}, {"same", 3}};
	call(writev, fd, same, 3ul);
	struct iovec odd[4] = {{"a", 1}, {NULL, 0}, {BAD, 0}, {"z", 1}};
	call(writev, fd, odd, 4ul);
	call(writev, fd, page_end() - 16, 1ul);
	struct iovec *last = at_end(same, sizeof same);
	call(writev, fd, last, 3ul);
	call(writev, fd, last + 1, 3ul);
	struct iovec huge[2] = {{"x", -1}, {"y", 1}};
	call(writev, fd, huge, 2ul);
	huge[0].iov_len = 1l << 62;
	call(readv, fd, huge, 2ul);
	call(lseek, fd, 0l, 0);
	struct iovec over[2] = {{in, 20}, {in + 10, 20}};
	call(readv, fd, over, 2ul);
	call(readv, fd, over, -1l);
	call(readv, fd, NULL, 2ul);
	struct iovec part[2] = {{at_end("12345678", 8), 8}, {page_end() - 4, 100}};
	call(writev, fd, part, 2ul);
	struct iovec many[16];
	for (int n = 0; n < 16; n++)
		many[n] = (struct iovec){"abcdefghijklmnop" + n, 16 - n};
	call(writev, fd, many, 16ul);
}
