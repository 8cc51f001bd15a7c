/* setxattr, getxattr, listxattr, removexattr and their kin: names, values of bytes, flags, sizes. */
#include "parity.h"
#include <linux/xattr.h>
int main(void)
{
	char buffer[256];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(symlink, "f", "l");
	call(setxattr, "f", "user.one", "a value", 7ul, 0);
	call(setxattr, "f", "user.one", "again", 5ul, XATTR_CREATE);
	call(setxattr, "f", "user.two", "\0\1\2\377", 4ul, XATTR_CREATE);
	call(fsetxattr, fd, "user.three", "", 0ul, XATTR_REPLACE);
	call(lsetxattr, "l", "trusted.link", "on the link", 11ul, 0);
	call(setxattr, "f", "user.x", "x", 1ul, 0x77);
	call(setxattr, "f", "absent.x", BAD, 5ul, 0);
	call(setxattr, "f", "user.large", buffer, 100000ul, 0);
	call(getxattr, "f", "user.one", buffer, sizeof buffer);
	call(fgetxattr, fd, "user.two", buffer, sizeof buffer);
	call(lgetxattr, "l", "trusted.link", buffer, sizeof buffer);
	call(getxattr, "f", "user.one", NULL, 0ul);
	call(getxattr, "f", "user.one", buffer, 3ul);
	call(getxattr, "f", "user.absent", buffer, sizeof buffer);
	call(listxattr, "f", buffer, sizeof buffer);
	call(flistxattr, fd, buffer, sizeof buffer);
	call(llistxattr, "l", buffer, sizeof buffer);
	call(listxattr, "f", buffer, 5ul);
	call(listxattr, "f", NULL, 0ul);
	call(removexattr, "f", "user.one");
	call(fremovexattr, fd, "user.two");
	call(lremovexattr, "l", "trusted.link");
	call(removexattr, "f", "user.absent");
	call(removexattr, NULL, BAD);
}
