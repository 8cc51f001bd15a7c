/* read and write on devices, of /proc, through eventfds: what is there is not what was written. */
#include "parity.h"
int main(void)
{
	char buffer[64];
	long zero = call(openat, AT_FDCWD, "/dev/zero", O_RDWR);
	call(read, zero, buffer, 5ul);
	call(write, zero, "nowhere", 7ul);
	long null = call(openat, AT_FDCWD, "/dev/null", O_RDWR);
	call(read, null, buffer, 5ul);
	call(write, null, buffer, 5ul);
	long full = call(openat, AT_FDCWD, "/dev/full", O_RDWR);
	call(write, full, "no space", 8ul);
	long comm = call(openat, AT_FDCWD, "/proc/self/comm", O_RDWR);
	call(read, comm, buffer, sizeof buffer);
	call(write, comm, "another", 7ul);
	call(pread64, comm, buffer, sizeof buffer, 0l);
	long maps = call(openat, AT_FDCWD, "/proc/version", O_RDONLY);
	call(read, maps, buffer, sizeof buffer);
	long dir = call(openat, AT_FDCWD, ".", O_RDONLY);
	call(read, dir, buffer, sizeof buffer);
	call(write, call(openat, AT_FDCWD, ".", O_PATH), "x", 1ul);
}
