/* Memory that cannot be had: too much, at bad places, with bad lengths. */
#include "parity.h"
int main(void)
{
	call(mmap, NULL, 1ul << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0l);
	call(mmap, (void *)1, 4096ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0l);
	call(mmap, (void *)0xffff800000000000, 4096ul, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0l);
	call(munmap, NULL, -1l);
	call(mprotect, (void *)0x1000, 0ul, 0);
	call(mremap, BAD, 4096ul, 8192ul, 0);
	call(madvise, BAD, 4096ul, MADV_DONTNEED);
	call(mlock, BAD, 4096ul);
	call(munlock, (void *)-4096l, 8192ul);
	call(msync, BAD, 1ul, MS_ASYNC);
	call(mincore, BAD, 1ul, BAD);
	call(brk, 0x1000ul);
	call(brk, -1l);
	call(memfd_create, BAD, 0);
	call(move_pages, 0, -1l, NULL, NULL, NULL, 0);
}
