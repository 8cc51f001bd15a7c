/* madvise: every advice. */
#include "parity.h"
int main(void)
{
	char *a = mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int advice[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED, MADV_FREE,
	                MADV_REMOVE, MADV_DONTFORK, MADV_DOFORK, MADV_MERGEABLE, MADV_UNMERGEABLE,
	                MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTDUMP, MADV_DODUMP, MADV_WIPEONFORK,
	                MADV_KEEPONFORK, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE,
	                24 /* MADV_DONTNEED_LOCKED */, 25 /* MADV_COLLAPSE */, 42, -1};
	for (int n = 0; n < COUNT(advice); n++)
		call(madvise, a, 8192ul, advice[n]);
	call(madvise, a + 1, 4096ul, MADV_NORMAL);
	call(madvise, NULL, 0ul, MADV_WILLNEED);
}
