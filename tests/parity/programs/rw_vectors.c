/* readv, writev, preadv, pwritev: vectors of several parts, empty parts, none. */
#include "parity.h"
int main(void)
{
	char a[4], b[8], c[50];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct iovec out[] = {{"one", 3}, {"", 0}, {"two and\0three", 13}, {NULL, 0}, {"four\n", 5}};
	struct iovec in[] = {{a, sizeof a}, {b, sizeof b}, {c, sizeof c}};
	call(writev, fd, out, 5ul);
	call(writev, fd, out, 1ul);
	call(writev, fd, out, 0ul);
	call(writev, fd, NULL, 0ul);
	call(pwritev, fd, out, 3ul, 100l, 0l);
	call(lseek, fd, 0l, SEEK_SET);
	call(readv, fd, in, 3ul);
	call(preadv, fd, in, 2ul, 2l, 0l);
	call(preadv, fd, in, 3ul, 110l, 0l);
	call(readv, -1, in, 3ul);
	static struct iovec many[1025];
	for (int n = 0; n < 40; n++)
		many[n] = (struct iovec){"0123456789" + n % 10, 1 + n % 10};
	call(writev, fd, many, 40ul);
	call(writev, fd, many, 1025ul);
	call(writev, fd, BAD, 2ul);
	struct iovec wrong[] = {{"fine", 4}, {BAD, 10}};
	call(writev, fd, wrong, 2ul);
	call(writev, fd, at_end(out, sizeof out), 5ul);
}
