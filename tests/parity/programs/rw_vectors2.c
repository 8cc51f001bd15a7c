/* preadv2, pwritev2: flags beside vectors, and the position in two words. */
#include "parity.h"
int main(void)
{
	char a[4], b[8];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	struct iovec out[] = {{"some", 4}, {"thing", 5}}, in[] = {{a, sizeof a}, {b, sizeof b}};
	call(pwritev2, fd, out, 2ul, 0l, 0l, 0);
	call(pwritev2, fd, out, 2ul, -1l, 0l, RWF_APPEND);
	call(pwritev2, fd, out, 1ul, 5l, 0l, RWF_DSYNC | RWF_SYNC);
	call(preadv2, fd, in, 2ul, 0l, 0l, RWF_NOWAIT);
	call(preadv2, fd, in, 2ul, -1l, -1l, RWF_HIPRI);
	call(preadv2, fd, in, 2ul, 1l, 0l, 0x8000);
	call(preadv2, fd, in, 1ul, 1l << 35, 0l, 0);
}
