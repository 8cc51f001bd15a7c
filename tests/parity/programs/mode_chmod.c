/* chmod, fchmod, fchmodat, fchmodat2, umask: permissions and their higher bits. */
#include "parity.h"
/* expect: fchmodat2(AT_FDCWD, "f", 0640, AT_SYMLINK_NOFOLLOW) = 0 */
/* expect: fchmodat2(AT_FDCWD, "f", 07777, AT_EMPTY_PATH|0x80000000) = -1 EINVAL */
int main(void)
{
	call(umask, 022);
	call(umask, 0777);
	call(umask, 0);
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0666);
	call(chmod, "f", 0);
	call(chmod, "f", 0777);
	call(chmod, "f", 06555);
	call(fchmod, fd, 0123);
	call(fchmod, fd, S_ISVTX | 0700);
	call(fchmodat, AT_FDCWD, "f", 0444);
	call(chmod, "f", 0100644);
	call(chmod, "absent", 0xffff);
	call(fchmod, -1, 0644);
	call(fchmodat2, AT_FDCWD, "f", 0640, AT_SYMLINK_NOFOLLOW);
	call(fchmodat2, AT_FDCWD, "f", 07777, AT_EMPTY_PATH | 0x80000000);
}
