/* apart: Strings and structures in pages of a file that nobody has touched yet. */
#include "parity.h"
int main(void)
{
	char block[4096] = "no/such/file";
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	for (int n = 0; n < 16; n++)
		call(write, fd, block, sizeof block);
	call(fsync, fd);
	call(fadvise64, fd, 0l, 0l, POSIX_FADV_DONTNEED);
	char *map = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE, fd, 0);
	call(openat, AT_FDCWD, map, O_RDONLY);
	call(write, 77, map + 4096 * 3, 12ul);
	call(openat, AT_FDCWD, map + 4096 * 5, O_RDONLY);
	call(nanosleep, map + 4096 * 7 + 1024, NULL);
	call(mkdir, map + 4096 * 9, 0755);
	char *fresh = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(openat, AT_FDCWD, fresh, O_RDONLY);
	call(read, fd, fresh + 4096, 4ul);
	call(pread64, fd, fresh + 4096, 4ul, 0l);
}
