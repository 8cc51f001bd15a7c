/* statx: masks, flags, and the mask that comes back. */
#include "parity.h"
#include <linux/stat.h>
int main(void)
{
	struct statx stx;
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS, &stx);
	call(statx, AT_FDCWD, "f", AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, &stx);
	call(statx, fd, "", AT_EMPTY_PATH, STATX_ALL, &stx);
	call(statx, AT_FDCWD, "f", AT_STATX_FORCE_SYNC, STATX_SIZE | STATX_MODE, &stx);
	call(statx, AT_FDCWD, "f", AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE | STATX_MNT_ID, &stx);
	call(statx, AT_FDCWD, "/dev/null", 0, STATX_INO | STATX_UID | STATX_GID | STATX_NLINK, &stx);
	call(statx, AT_FDCWD, "/", 0, STATX_DIOALIGN | STATX_ATIME, &stx);
	call(statx, AT_FDCWD, "f", 0, STATX__RESERVED, &stx);
	call(statx, AT_FDCWD, "f", 0x6000, 0, &stx);
	call(statx, AT_FDCWD, "absent", 0, STATX_ALL, &stx);
	call(statx, AT_FDCWD, "f", 0, 0, NULL);
}
