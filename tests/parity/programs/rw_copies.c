/* sendfile, splice, tee, vmsplice, copy_file_range: offsets in and out. */
#include "parity.h"
int main(void)
{
	long in = call(openat, AT_FDCWD, "in", O_CREAT | O_RDWR, 0640);
	long out = call(openat, AT_FDCWD, "out", O_CREAT | O_RDWR, 0640);
	int one[2], two[2];
	off_t at = 3, to = 100;
	call(write, in, "0123456789abcdefghij", 20ul);
	call(pipe2, one, 0);
	call(pipe2, two, O_CLOEXEC);
	call(sendfile, out, in, &at, 5ul);
	call(lseek, in, 0l, SEEK_SET);
	call(sendfile, out, in, NULL, 4ul);
	call(sendfile, out, -1, &at, 4ul);
	call(copy_file_range, in, &at, out, &to, 6ul, 0);
	call(copy_file_range, in, NULL, out, NULL, 6ul, 0);
	call(copy_file_range, in, NULL, out, NULL, 6ul, 1);
	at = 0;
	call(splice, in, &at, one[1], NULL, 10ul, SPLICE_F_MOVE);
	call(tee, one[0], two[1], 5ul, SPLICE_F_NONBLOCK);
	call(splice, two[0], NULL, out, &to, 5ul, SPLICE_F_MORE | SPLICE_F_NONBLOCK);
	call(vmsplice, two[1], (struct iovec[]){{"mapped", 6}, {"too", 3}}, 2ul, SPLICE_F_GIFT);
	call(vmsplice, two[1], NULL, 0ul, 0x10);
	call(splice, -1, NULL, -1, BAD, 5ul, 0x30);
}
