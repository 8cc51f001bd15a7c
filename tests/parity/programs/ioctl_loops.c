/* ioctl: a loop device over a file, where one is free. */
#include "parity.h"
#include <linux/fs.h>
#include <linux/loop.h>
#include <scsi/sg.h>
#include <stdio.h>
#include <sys/ioctl.h>
int main(void)
{
	long control = call(openat, AT_FDCWD, "/dev/loop-control", O_RDWR);
	long number = call(ioctl, control, LOOP_CTL_GET_FREE);
	char name[32];
	sprintf(name, "/dev/loop%ld", number);
	long file = call(openat, AT_FDCWD, "disk", O_CREAT | O_RDWR, 0600);
	call(ftruncate, file, 1 << 20);
	long loop = call(openat, AT_FDCWD, name, O_RDWR);
	unsigned long long bytes;
	unsigned long blocks;
	int value;
	struct loop_info64 info = {.lo_offset = 4096, .lo_sizelimit = 65536, .lo_flags = LO_FLAGS_READ_ONLY};
	strcpy((char *)info.lo_file_name, "disk");
	struct loop_info old;
	call(ioctl, loop, LOOP_GET_STATUS64, &info);
	call(ioctl, loop, LOOP_SET_FD, file);
	call(ioctl, loop, LOOP_SET_STATUS64, &info);
	call(ioctl, loop, LOOP_GET_STATUS64, &info);
	call(ioctl, loop, LOOP_GET_STATUS, &old);
	call(ioctl, loop, LOOP_SET_DIRECT_IO, 0ul);
	call(ioctl, loop, LOOP_SET_BLOCK_SIZE, 1024ul);
	call(ioctl, loop, BLKGETSIZE64, &bytes);
	call(ioctl, loop, BLKGETSIZE, &blocks);
	call(ioctl, loop, BLKSSZGET, &value);
	call(ioctl, loop, BLKPBSZGET, &value);
	call(ioctl, loop, BLKBSZGET, &value);
	call(ioctl, loop, BLKROGET, &value);
	call(ioctl, loop, BLKRAGET, &blocks);
	call(ioctl, loop, BLKIOMIN, &value);
	call(ioctl, loop, BLKDISCARD, (uint64_t[]){0, 4096});
	call(ioctl, loop, BLKFLSBUF, 0);
	call(ioctl, loop, LOOP_CLR_FD);
	struct loop_config config = {.fd = file, .block_size = 512, .info = {.lo_flags = LO_FLAGS_AUTOCLEAR}};
	call(ioctl, loop, LOOP_CONFIGURE, &config);
	call(ioctl, loop, LOOP_CLR_FD);
	call(ioctl, -1, SG_SET_TIMEOUT, &value);
}
