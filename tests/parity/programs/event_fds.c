/* eventfd, eventfd2: counts and flags, what is written and read. */
#include "parity.h"
#include <sys/eventfd.h>
int main(void)
{
	uint64_t value = 7;
	long fd = call(eventfd2, 3, EFD_CLOEXEC | EFD_NONBLOCK);
	call(write, fd, &value, 8ul);
	call(read, fd, &value, 8ul);
	call(read, fd, &value, 8ul);
	call(read, fd, &value, 4ul);
	fd = call(eventfd2, 2, EFD_SEMAPHORE);
	call(read, fd, &value, 8ul);
	value = ~0ul;
	call(write, fd, &value, 8ul);
	call(eventfd, 0xffffffff);
	call(eventfd2, 0, 0x7770);
}
