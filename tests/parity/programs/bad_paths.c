/* Paths that are NULL, unreadable, empty, without an end at a page's end, too long. */
#include "parity.h"
int main(void)
{
	static char longest[4096], longer[5000];
	char *end = page_end();
	memset(longest, 'x', 4095);
	memset(longer, 'y', 4999);
	call(openat, AT_FDCWD, NULL, O_RDONLY);
	call(openat, AT_FDCWD, BAD, O_RDONLY);
	call(openat, AT_FDCWD, (void *)-4096l, O_RDONLY);
	call(openat, AT_FDCWD, (void *)0xffffffff81000000, O_RDONLY);
	call(openat, AT_FDCWD, (void *)0x1234567890abcdef, O_RDONLY);
	call(openat, AT_FDCWD, "", O_RDONLY);
	call(openat, AT_FDCWD, memset(end - 5, 'z', 5), O_RDONLY);
	call(openat, AT_FDCWD, at_end("whole", 6), O_RDONLY);
	call(openat, AT_FDCWD, longest, O_RDONLY);
	call(openat, AT_FDCWD, longer, O_RDONLY);
	call(rename, NULL, BAD);
	call(rename, "a", NULL);
	call(symlink, BAD, "b");
	call(mount, NULL, NULL, NULL, 0ul, NULL);
	call(execve, NULL, NULL, NULL);
	call(chdir, longest);
	call(unlink, longest + 4000);
}
