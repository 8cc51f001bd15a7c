/* mknod, mknodat: the type of a file in its mode, the device where there is one. */
#include "parity.h"
#include <sys/sysmacros.h>
int main(void)
{
	call(mknod, "reg", S_IFREG | 0600, 0);
	call(mknod, "zero", 0644, 0);
	call(mknod, "fifo", S_IFIFO | 0622, 0);
	call(mknod, "sock", S_IFSOCK | 0777, 0);
	call(mknod, "chr", S_IFCHR | 0666, makedev(1, 3));
	call(mknodat, AT_FDCWD, "blk", S_IFBLK | 0660, makedev(259, 65537));
	call(mknodat, AT_FDCWD, "dir", S_IFDIR | 0755, 0);
	call(mknodat, AT_FDCWD, "lnk", S_IFLNK | 0777, 5);
	call(mknod, "fifo", S_IFIFO, 0);
	struct stat st;
	call(stat, "chr", &st);
	call(stat, "blk", &st);
	call(stat, "fifo", &st);
	call(stat, "sock", &st);
}
