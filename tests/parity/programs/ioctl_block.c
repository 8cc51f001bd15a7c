/* ioctl: block devices, loops, SCSI, and disks of old, on what is none of them. */
#include "parity.h"
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
int main(void)
{
	int value = 5;
	uint64_t size = 7, range[2] = {4096, 8192};
	call(ioctl, 0, BLKGETSIZE64, &size);
	call(ioctl, 0, BLKGETSIZE, &size);
	call(ioctl, 0, BLKSSZGET, &value);
	call(ioctl, 0, BLKPBSZGET, &value);
	call(ioctl, 0, BLKROGET, &value);
	call(ioctl, -1, BLKROSET, &value);
	call(ioctl, 0, BLKRAGET, &size);
	call(ioctl, -1, BLKRASET, 256ul);
	call(ioctl, -1, BLKFLSBUF, 0);
	call(ioctl, -1, BLKRRPART, 0);
	call(ioctl, -1, BLKDISCARD, range);
	call(ioctl, -1, BLKZEROOUT, range);
	call(ioctl, -1, BLKSECDISCARD, range);
	struct blkpg_partition part = {0, 1048576, 1, "name", "vol"};
	struct blkpg_ioctl_arg arg = {BLKPG_ADD_PARTITION, 0, sizeof part, &part};
	call(ioctl, -1, BLKPG, &arg);
	call(ioctl, 0, HDIO_GETGEO, &part);
	struct loop_info64 info = {.lo_offset = 512, .lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_READ_ONLY, .lo_file_name = "name"};
	call(ioctl, 0, LOOP_SET_FD, 3);
	call(ioctl, 0, LOOP_CLR_FD, 0);
	call(ioctl, 0, LOOP_SET_STATUS64, &info);
	call(ioctl, 0, LOOP_GET_STATUS64, &info);
	call(ioctl, 0, LOOP_CHANGE_FD, 4);
	call(ioctl, 0, LOOP_SET_BLOCK_SIZE, 4096);
	struct loop_config config = {.fd = 3, .block_size = 512, .info = info};
	call(ioctl, 0, LOOP_CONFIGURE, &config);
	call(ioctl, 0, LOOP_CTL_ADD, 77);
	call(ioctl, 0, LOOP_CTL_GET_FREE);
	long loop = call(openat, AT_FDCWD, "/dev/loop0", O_RDONLY | O_CLOEXEC);
	call(ioctl, loop, BLKGETSIZE64, &size);
	call(ioctl, loop, BLKSSZGET, &value);
	call(ioctl, loop, BLKROGET, &value);
	call(ioctl, loop, LOOP_GET_STATUS64, &info);
}
