/* Buffers that are not there, or only in part: read, write and their vectors fail or fall short. */
#include "parity.h"
int main(void)
{
	char buffer[16];
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, NULL, 10ul);
	call(write, fd, BAD, 10ul);
	call(write, fd, (void *)-1l, 10ul);
	call(write, fd, (void *)0xffff800000000000, 10ul);
	call(write, fd, (void *)0x8000000000000000, 10ul);
	call(write, fd, at_end("twelve bytes", 12), 12ul);
	call(write, fd, at_end("twelve bytes", 12), 40ul);
	call(lseek, fd, 0l, SEEK_SET);
	call(read, fd, BAD, 10ul);
	call(read, fd, page_end() - 6, 100ul);
	call(readv, fd, (struct iovec[]){{buffer, 4}, {BAD, 4}}, 2ul);
	call(write, fd, buffer, -1l);
	call(write, fd, buffer, 0x7ffffffffffff000ul);
	call(read, 77, buffer, -1l);
	call(read, 77, NULL, 0ul);
	call(getcwd, BAD, 100ul);
	call(uname, NULL);
	call(sysinfo, BAD);
	call(pipe, BAD);
	call(times, BAD);
}
