/* memfd_create, memfd_secret: names and flags, seals. */
#include "parity.h"
int main(void)
{
	static char longest[300];
	memset(longest, 'm', 249);
	long fd = call(memfd_create, "plain", 0);
	call(memfd_create, "sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	call(memfd_create, "huge", MFD_HUGETLB | 21 << 26);
	call(memfd_create, "", 0x8u /* MFD_NOEXEC_SEAL */);
	call(memfd_create, "odd \n \303\244", 0x400);
	call(memfd_create, longest, 0);
	longest[249] = 'x';
	call(memfd_create, longest, 0);
	call(memfd_create, NULL, 0);
	call(ftruncate, fd, 4096l);
	call(memfd_secret, 0);
	call(memfd_secret, O_CLOEXEC);
	call(memfd_secret, 0x123);
}
