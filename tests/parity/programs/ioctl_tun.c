/* ioctl: TUN and TAP, in a network of its own. */
#include "parity.h"
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
int main(void)
{
	struct ifreq request = {"parity%d"};
	unsigned value = 0;
	call(unshare, 0x40000000);
	call(mknod, "tun", S_IFCHR | 0600, 10 << 8 | 200);
	long fd = call(openat, AT_FDCWD, "tun", O_RDWR | O_NONBLOCK);
	call(ioctl, fd, TUNGETFEATURES, &value);
	request.ifr_flags = IFF_TUN | IFF_NO_PI;
	call(ioctl, fd, TUNSETIFF, &request);
	call(ioctl, fd, TUNGETIFF, &request);
	call(ioctl, fd, TUNSETPERSIST, 0);
	call(ioctl, fd, TUNSETOWNER, 1000);
	call(ioctl, fd, TUNSETGROUP, -1);
	call(ioctl, fd, TUNSETOFFLOAD, (unsigned long)(TUN_F_CSUM | TUN_F_TSO4));
	call(ioctl, fd, TUNGETVNETHDRSZ, &value);
	call(ioctl, fd, TUNSETVNETHDRSZ, &(int){12});
	call(ioctl, fd, TUNGETSNDBUF, &value);
	call(ioctl, fd, TUNSETLINK, 1);
	call(ioctl, fd, TUNSETDEBUG, 1);
	request.ifr_flags = IFF_ATTACH_QUEUE | 0x10;
	call(ioctl, fd, TUNSETQUEUE, &request);
	call(ioctl, -1, TUNSETIFF, &request);
	call(ioctl, fd, TUNSETIFF, BAD);
}
