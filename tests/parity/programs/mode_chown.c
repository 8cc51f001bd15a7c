/* chown, fchown, lchown, fchownat: ids, and -1 that leaves one alone. */
#include "parity.h"
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0666);
	call(chown, "f", 0, 0);
	call(chown, "f", 1000, 100);
	call(chown, "f", -1, -1);
	call(fchown, fd, -1, 7);
	call(lchown, "f", 65534, -1);
	call(fchownat, AT_FDCWD, "f", 0, 0, 0);
	call(fchownat, fd, "", 3, 4, AT_EMPTY_PATH);
	call(fchownat, AT_FDCWD, "f", 3, 4, AT_SYMLINK_NOFOLLOW);
	call(fchownat, AT_FDCWD, "f", 3, 4, 0x42);
	call(chown, "absent", 4000000000u, 1);
}
