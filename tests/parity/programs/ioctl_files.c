/* ioctl: what every file has: bytes that wait, modes, close on exec, blocks, attributes, extents, clones. */
#include "parity.h"
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
int main(void)
{
	int value = 0, pipes[2];
	long flags = 0;
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, "some text", 9ul);
	call(pipe, pipes);
	call(write, pipes[1], "12345", 5ul);
	call(ioctl, pipes[0], FIONREAD, &value);
	call(ioctl, pipes[0], FIONBIO, &(int){1});
	call(ioctl, pipes[0], FIOASYNC, &(int){0});
	call(ioctl, fd, FIOCLEX);
	call(ioctl, fd, FIONCLEX);
	call(ioctl, fd, FIOQSIZE, &flags);
	call(ioctl, fd, FIGETBSZ, &value);
	call(ioctl, fd, FIBMAP, &value);
	call(ioctl, fd, FS_IOC_GETFLAGS, &flags);
	flags = FS_NODUMP_FL | FS_NOATIME_FL;
	call(ioctl, fd, FS_IOC_SETFLAGS, &flags);
	call(ioctl, fd, FS_IOC_GETVERSION, &flags);
	struct fsxattr attr;
	call(ioctl, fd, FS_IOC_FSGETXATTR, &attr);
	call(ioctl, fd, FS_IOC_FSSETXATTR, BAD);
	call(fsync, fd);
	struct { struct fiemap map; struct fiemap_extent extents[2]; } map = {{0, ~0ull, FIEMAP_FLAG_SYNC, 0, 2}};
	call(ioctl, fd, FS_IOC_FIEMAP, &map);
	long other = call(openat, AT_FDCWD, "g", O_CREAT | O_RDWR, 0640);
	call(ioctl, other, FICLONE, fd);
	call(ioctl, other, FICLONERANGE, &(struct file_clone_range){fd, 0, 4096, 0});
	struct { struct file_dedupe_range range; struct file_dedupe_range_info info; } dedupe = {{0, 4, 1}, {other, 0}};
	call(ioctl, fd, FIDEDUPERANGE, &dedupe);
	call(ioctl, -1, FITRIM, &(struct fstrim_range){0, 1, 1 << 20});
	call(ioctl, -1, FIFREEZE, 0);
	call(ioctl, -1, FITHAW, 0);
	char label[256];
	call(ioctl, fd, FS_IOC_GETFSLABEL, label);
}
