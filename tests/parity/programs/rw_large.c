/* Buffers just below, at and above the limit that is shown, and far above it. */
#include "parity.h"
int main(void)
{
	static char buffer[200000], back[200000];
	for (int n = 0; n < sizeof buffer; n++)
		buffer[n] = 'a' + n % 23;
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	call(write, fd, buffer, 31ul);
	call(write, fd, buffer, 32ul);
	call(write, fd, buffer, 33ul);
	call(write, fd, buffer, 4095ul);
	call(write, fd, buffer, 4096ul);
	call(write, fd, buffer, 4097ul);
	call(write, fd, buffer, sizeof buffer);
	call(pread64, fd, back, 4095ul, 0l);
	call(pread64, fd, back, 4096ul, 5l);
	call(pread64, fd, back, 4097ul, 7l);
	call(pread64, fd, back, sizeof back, 11l);
	struct iovec parts[] = {{buffer, 4000}, {buffer, 4200}, {buffer, 10000}};
	call(writev, fd, parts, 3ul);
	call(lseek, fd, 0l, SEEK_SET);
	call(readv, fd, (struct iovec[]){{back, 100}, {back + 100, 5000}, {back + 6000, 9000}}, 3ul);
}
