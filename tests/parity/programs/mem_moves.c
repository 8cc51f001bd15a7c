/* mremap, msync, mincore, mlock and its kin, brk. */
#include "parity.h"
int main(void)
{
	unsigned char vector[4];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(ftruncate, fd, 65536l);
	char *file = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *a = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *to = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	a[0] = a[8192] = 1;
	call(mincore, a, 16384ul, vector);
	call(mincore, a + 1, 16384ul, vector);
	call(mincore, NULL, 4096ul, vector);
	call(mlock, a, 4096ul);
	call(mlock2, a, 4096ul, MLOCK_ONFAULT);
	call(mlock2, a, 4096ul, 0x8);
	call(munlock, a, 4096ul);
	call(mlockall, MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
	call(munlockall);
	call(mlockall, 0x40);
	a = (char *)call(mremap, a, 16384ul, 32768ul, MREMAP_MAYMOVE, NULL);
	call(mremap, a, 32768ul, 4096ul, 0, 0);
	call(mremap, a, 4096ul, 8192ul, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	call(mremap, to, 4096ul, 4096ul, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	call(mremap, to, 4096ul, 4096ul, 0x18, NULL);
	call(msync, file, 4096ul, MS_SYNC);
	call(msync, file, 4096ul, MS_ASYNC | MS_INVALIDATE);
	call(msync, file, 4096ul, 0x18);
	call(brk, call(brk, NULL) + 4096);
}
