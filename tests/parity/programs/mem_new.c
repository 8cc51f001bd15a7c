/* mseal, cachestat, map_shadow_stack: younger than strace 6.1, so what is expected stands here. */
#include "parity.h"
/* expect: mseal(_, 4096, 0) = 0 */
/* expect: mseal(_, 1, 4) = -1 EINVAL */
/* expect: cachestat(3, {off=0, len=8192}, {nr_cache=2, nr_dirty=2, nr_writeback=0, nr_evicted=0, nr_recently_evicted=0}, 0) = 0 */
/* expect: cachestat(3, {off=4096, len=0}, _, 1) = -1 EINVAL */
/* expect: cachestat(-1, NULL, 0x1000, 0) = -1 EBADF */
/* expect: map_shadow_stack(0, 4096, SHADOW_STACK_SET_TOKEN) = -1 _ */
/* expect: map_shadow_stack(0x1001, 1, 0x8) = -1 _ */
int main(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct { uint64_t off, len; } range = {0, 8192};
	uint64_t stat[5];
	static char data[8192];
	call(mseal, page, 4096ul, 0ul);
	call(mseal, page, 1ul, 4ul);
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, data, sizeof data);
	call(cachestat, fd, &range, stat, 0);
	range.off = 4096;
	range.len = 0;
	call(cachestat, fd, &range, stat, 1);
	call(cachestat, -1, NULL, BAD, 0);
	call(map_shadow_stack, 0ul, 4096ul, 1);
	call(map_shadow_stack, 0x1001ul, 1ul, 8);
}
