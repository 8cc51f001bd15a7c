/* lseek, fallocate, truncate, ftruncate, fadvise64, readahead, sync_file_range, fsync, fdatasync. */
#include "parity.h"
#include <linux/falloc.h>
int main(void)
{
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(fallocate, fd, 0, 0l, 65536l);
	call(fallocate, fd, FALLOC_FL_KEEP_SIZE, 65536l, 4096l);
	call(fallocate, fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096l, 8192l);
	call(fallocate, fd, FALLOC_FL_ZERO_RANGE, 0l, 4096l);
	call(fallocate, fd, FALLOC_FL_COLLAPSE_RANGE, 1l, 2l);
	call(fallocate, fd, FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE | 0x100, 1l, -2l);
	call(lseek, fd, 100l, SEEK_SET);
	call(lseek, fd, -50l, SEEK_CUR);
	call(lseek, fd, 1l << 41, SEEK_END);
	call(lseek, fd, 0l, SEEK_DATA);
	call(lseek, fd, 0l, SEEK_HOLE);
	call(lseek, fd, -1l, SEEK_SET);
	call(lseek, fd, 0l, 77);
	call(ftruncate, fd, 1000l);
	call(ftruncate, fd, -1l);
	call(truncate, "f", 5l);
	call(truncate, "absent", 1l << 50);
	int advice[] = {POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
	                POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE, 99};
	for (int n = 0; n < COUNT(advice); n++)
		call(fadvise64, fd, 0l, 4096l, advice[n]);
	call(readahead, fd, 0l, 4096ul);
	call(sync_file_range, fd, 0l, 4096l, SYNC_FILE_RANGE_WRITE);
	call(sync_file_range, fd, 0l, 0l, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	call(sync_file_range, -1, 0l, 0l, 0x18);
	call(fsync, fd);
	call(fdatasync, -1);
	call(syncfs, -1);
}
