/* fcntl: leases, directory notifications, pipe sizes, seals, hints. */
#include "parity.h"
int main(void)
{
	int pipes[2];
	uint64_t hint = 0;
	signal(SIGIO, SIG_IGN);
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDONLY, 0640);
	long memory = call(memfd_create, "m", MFD_ALLOW_SEALING);
	long dir = call(openat, AT_FDCWD, ".", O_RDONLY);
	call(pipe, pipes);
	call(fcntl, fd, F_SETLEASE, F_RDLCK);
	call(fcntl, fd, F_GETLEASE);
	call(fcntl, fd, F_SETLEASE, F_UNLCK);
	call(fcntl, fd, F_GETLEASE);
	call(fcntl, dir, F_NOTIFY, DN_CREATE | DN_MODIFY | DN_MULTISHOT);
	call(fcntl, dir, F_NOTIFY, 0l);
	call(fcntl, pipes[0], F_GETPIPE_SZ);
	call(fcntl, pipes[0], F_SETPIPE_SZ, 4096);
	call(fcntl, fd, F_SETPIPE_SZ, -1);
	call(fcntl, memory, F_GET_SEALS);
	call(fcntl, memory, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK);
	call(fcntl, memory, F_ADD_SEALS, 0x400 | F_SEAL_WRITE | F_SEAL_SEAL);
	call(fcntl, memory, F_GET_SEALS);
	call(fcntl, fd, F_GET_RW_HINT, &hint);
	hint = RWH_WRITE_LIFE_SHORT;
	call(fcntl, fd, F_SET_RW_HINT, &hint);
	call(fcntl, fd, F_GET_RW_HINT, &hint);
	call(fcntl, fd, F_GET_FILE_RW_HINT, &hint);
	hint = 99;
	call(fcntl, fd, F_SET_RW_HINT, &hint);
	call(fcntl, fd, F_SET_RW_HINT, BAD);
}
