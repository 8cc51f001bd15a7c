/* userfaultfd and its ioctls: api, register, copy, zero page, wake, and those that fail. */
#include "parity.h"
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
int main(void)
{
	char *area = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	page[0] = 1;
	long fd = call(userfaultfd, O_CLOEXEC | O_NONBLOCK);
	call(userfaultfd, UFFD_USER_MODE_ONLY);
	call(userfaultfd, 0x123);
	struct uffdio_api api = {.api = UFFD_API, .features = 0};
	call(ioctl, fd, UFFDIO_API, &api);
	struct uffdio_register reg = {{(unsigned long)area, 16384}, UFFDIO_REGISTER_MODE_MISSING};
	call(ioctl, fd, UFFDIO_REGISTER, &reg);
	struct uffdio_copy copy = {(unsigned long)area, (unsigned long)page, 4096, UFFDIO_COPY_MODE_DONTWAKE};
	call(ioctl, fd, UFFDIO_COPY, &copy);
	struct uffdio_zeropage zero = {{(unsigned long)area + 4096, 4096}, 0};
	call(ioctl, fd, UFFDIO_ZEROPAGE, &zero);
	struct uffdio_range range = {(unsigned long)area, 8192};
	call(ioctl, fd, UFFDIO_WAKE, &range);
	call(ioctl, fd, UFFDIO_UNREGISTER, &range);
	call(ioctl, fd, UFFDIO_COPY, &copy);
	call(ioctl, fd, UFFDIO_REGISTER, BAD);
	call(ioctl, -1, UFFDIO_WAKE, &range);
}
