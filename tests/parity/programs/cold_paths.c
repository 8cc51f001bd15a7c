/* Strings and buffers in pages that nobody has touched yet, some of which the kernel does not read either. */
#include "parity.h"
#define STEP (1l << 20)               /* more than the kernel maps around a page that is missing */
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	for (int n = 0; n < 12; n++)
		call(pwrite64, fd, "no/such/file", 13ul, n * STEP);
	call(fsync, fd);
	call(fadvise64, fd, 0l, 0l, POSIX_FADV_DONTNEED);
	char *map = mmap(NULL, 12 * STEP, PROT_READ, MAP_PRIVATE, fd, 0);
	call(openat, AT_FDCWD, map, O_RDONLY);
	call(mkdir, map + STEP, 0755);
	call(rename, map + 2 * STEP, map + 3 * STEP);
	call(write, 77, map + 4 * STEP, 12ul);
	call(nanosleep, map + 5 * STEP, NULL);
	call(setxattr, map + 6 * STEP, "user.x", map + 7 * STEP, 12ul, 0);
	call(openat2, AT_FDCWD, map + 8 * STEP, NULL, 24ul);
	call(sendto, -1, map + 9 * STEP, 12ul, 0, NULL, 0);
	call(bind, -1, map + 10 * STEP, 12);
	call(mount, NULL, map + 11 * STEP, NULL, 0xc0ed0000ul, NULL);
	char *fresh = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(openat, AT_FDCWD, fresh, O_RDONLY);
	call(pread64, fd, fresh + 4096, 4ul, 0l);
}
