/* mmap, munmap, mprotect: protections, kinds of maps, flags; what is ignored where there is no file. */
#include "parity.h"
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(ftruncate, fd, 65536l);
	char *a = (char *)call(mmap, NULL, 16384ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0l);
	call(mmap, a, 4096ul, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0l);
	call(mmap, a, 4096ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0l);
	call(mmap, NULL, 8192ul, PROT_READ, MAP_SHARED, fd, 4096l);
	call(mmap, NULL, 8192ul, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_POPULATE, fd, 0l);
	call(mmap, NULL, 8192ul, PROT_READ | PROT_WRITE, MAP_SHARED_VALIDATE | MAP_NONBLOCK, fd, 0l);
	call(mmap, NULL, 8192ul, PROT_READ, MAP_SHARED_VALIDATE | MAP_SYNC, fd, 0l);
	call(mmap, NULL, 8192ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0l);
	call(mmap, NULL, 8192ul, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_32BIT, -1, 0l);
	call(mmap, NULL, 8192ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0l);
	call(mmap, NULL, 1ul << 21, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << 26, -1, 0l);
	call(mmap, NULL, 1ul << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 30 << 26, -1, 0l);
	call(mmap, NULL, 0ul, PROT_READ, MAP_PRIVATE, fd, 0l);
	call(mmap, NULL, 4096ul, 0xf0 | PROT_READ, 0x8 | 0x80, fd, 123l);
	call(mmap, NULL, 4096ul, PROT_READ, MAP_PRIVATE, 99, 0l);
	call(mprotect, a, 4096ul, PROT_NONE);
	call(mprotect, a, 8192ul, PROT_READ | PROT_WRITE);
	call(mprotect, a, 4096ul, PROT_READ | PROT_GROWSDOWN);
	call(mprotect, a, 4096ul, 0x80 | PROT_EXEC);
	call(mprotect, 1l, 4096ul, PROT_READ);
	call(munmap, a, 4096ul);
	call(munmap, 1l, 4096ul);
}
