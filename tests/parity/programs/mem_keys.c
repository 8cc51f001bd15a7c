/* pkey_alloc, pkey_mprotect, pkey_free: rights, keys that are none. */
#include "parity.h"
int main(void)
{
	void *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long key = call(pkey_alloc, 0ul, 0ul);
	call(pkey_alloc, 0ul, (unsigned long)PKEY_DISABLE_ACCESS);
	call(pkey_alloc, 0ul, (unsigned long)PKEY_DISABLE_WRITE);
	call(pkey_alloc, 0ul, 0x3ul);
	call(pkey_alloc, 1ul, 0xf0ul);
	call(pkey_mprotect, a, 4096ul, PROT_READ | PROT_WRITE, (int)key);
	call(pkey_mprotect, a, 4096ul, PROT_READ, -1);
	call(pkey_mprotect, a, 4096ul, PROT_NONE, 77);
	call(pkey_free, (int)key);
	call(pkey_free, -1);
}
