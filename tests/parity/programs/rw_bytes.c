/* Every byte there is, escapes, digits after a NUL, UTF-8 and what is none, in buffers and paths. */
#include "parity.h"
int main(void)
{
	char all[256], back[256];
	for (int n = 0; n < 256; n++)
		all[n] = n;
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, all, sizeof all);
	call(pread64, fd, back, sizeof back, 0l);
	call(write, fd, "\0" "1\0" "9\1" "8\33[1m", 10ul);
	call(write, fd, "gr\303\274n \342\202\254 \360\237\220\247", 15ul);
	call(write, fd, "\303(\240\377\376\355\240\200", 8ul);
	call(write, fd, "\"quoted\" \\ back\\slash /* not a comment */ ... => {a=[1, 2]}", 60ul);
	call(openat, AT_FDCWD, "tab\tnew\nreturn\rbell\a\b\v\f\033\177", O_RDONLY);
	call(openat, AT_FDCWD, "latin-1 \344\366\374", O_RDONLY);
	call(openat, AT_FDCWD, "a)b, \"c\" = 0 <unfinished ...>", O_RDONLY);
	call(openat, AT_FDCWD, "\1\2\3\4\5", O_RDONLY);
}
