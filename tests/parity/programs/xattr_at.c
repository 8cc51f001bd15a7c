/* setxattrat and its kin, file_getattr, file_setattr: strace 6.1 does not know them. */
#include "parity.h"
/* expect: setxattrat(AT_FDCWD, "f", 0, "user.one", {value="a value", size=7, flags=XATTR_CREATE}, 16) = 0 */
/* expect: setxattrat(3, "", AT_EMPTY_PATH, "user.two", {value="\0\1\2", size=3, flags=0}, 16) = 0 */
/* expect: getxattrat(AT_FDCWD, "f", AT_SYMLINK_NOFOLLOW, "user.one", {value="a value", size=64, flags=0}, 16) = 7 */
/* expect: getxattrat(AT_FDCWD, "f", 0, "user.absent", {value=_, size=64, flags=0}, 16) = -1 ENODATA */
/* expect: listxattrat(AT_FDCWD, "f", 0, _, 64) = 18 */
/* expect: removexattrat(AT_FDCWD, "f", 0, "user.one") = 0 */
/* expect: removexattrat(-1, NULL, 0x1, 0x1000) = -1 EINVAL */
/* expect: file_getattr(AT_FDCWD, "f", {fa_xflags=FS_XFLAG_NODUMP, fa_extsize=0, fa_nextents=0, fa_projid=0, fa_cowextsize=0}, 24, 0) = 0 */
/* expect: file_setattr(AT_FDCWD, "f", {fa_xflags=FS_XFLAG_NOATIME, fa_extsize=0, fa_nextents=0, fa_projid=0, fa_cowextsize=0}, 24, AT_SYMLINK_NOFOLLOW) = 0 */
/* expect: file_getattr(-1, "f", NULL, 3, 0) = -1 EINVAL */
struct xattr_args { uint64_t value; uint32_t size, flags; };
struct file_attr { uint64_t xflags; uint32_t extsize, nextents, projid, cowextsize; };
int main(void)
{
	char buffer[64];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640), nodump = 0x40;
	struct xattr_args args = {(unsigned long)"a value", 7, 1};
	call(setxattrat, AT_FDCWD, "f", 0, "user.one", &args, sizeof args);
	args = (struct xattr_args){(unsigned long)"\0\1\2", 3, 0};
	call(setxattrat, fd, "", AT_EMPTY_PATH, "user.two", &args, sizeof args);
	args = (struct xattr_args){(unsigned long)buffer, sizeof buffer, 0};
	call(getxattrat, AT_FDCWD, "f", AT_SYMLINK_NOFOLLOW, "user.one", &args, sizeof args);
	call(getxattrat, AT_FDCWD, "f", 0, "user.absent", &args, sizeof args);
	call(listxattrat, AT_FDCWD, "f", 0, buffer, sizeof buffer);
	call(removexattrat, AT_FDCWD, "f", 0, "user.one");
	call(removexattrat, -1, NULL, 1, BAD);
	call(ioctl, fd, 0x40086602 /* FS_IOC_SETFLAGS */, &nodump);
	struct file_attr attr;
	call(file_getattr, AT_FDCWD, "f", &attr, sizeof attr, 0);
	attr = (struct file_attr){.xflags = 0x40};
	call(file_setattr, AT_FDCWD, "f", &attr, sizeof attr, AT_SYMLINK_NOFOLLOW);
	call(file_getattr, -1, "f", NULL, 3ul, 0);
}
