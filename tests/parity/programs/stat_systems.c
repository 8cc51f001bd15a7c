/* statfs, fstatfs, ustat, sysfs: file systems, their types and flags. */
#include "parity.h"
#include <sys/statfs.h>
int main(void)
{
	struct statfs fs;
	struct stat st;
	char name[64];
	struct { int tfree; unsigned long tinode; char fname[6], fpack[6]; } us;
	call(statfs, "/", &fs);
	call(statfs, "/proc", &fs);
	call(statfs, "/dev/shm", &fs);
	long fd = call(openat, AT_FDCWD, "/sys", O_RDONLY | O_DIRECTORY);
	call(fstatfs, fd, &fs);
	call(statfs, "absent", &fs);
	call(statfs, "/", NULL);
	call(fstatfs, -1, &fs);
	stat("/", &st);
	call(ustat, st.st_dev, &us);
	call(ustat, 0x7777, &us);
	call(sysfs, 3);
	call(sysfs, 1, "proc");
	call(sysfs, 2, 0, name);
	call(sysfs, 9, 0);
}
