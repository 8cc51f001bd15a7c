/* ioctl: interfaces by name and index, addresses, routes, time stamps of sockets. */
#include "parity.h"
#include <linux/if.h>
#include <linux/route.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
int main(void)
{
	struct ifreq request = {"lo"}, list[4];
	struct ifconf conf = {sizeof list, {(char *)list}};
	int value = 0;
	long fd = call(socket, AF_INET, SOCK_DGRAM, 0);
	call(ioctl, fd, SIOCGIFCONF, &conf);
	conf = (struct ifconf){0, {NULL}};
	call(ioctl, fd, SIOCGIFCONF, &conf);
	call(ioctl, fd, SIOCGIFINDEX, &request);
	call(ioctl, fd, SIOCGIFFLAGS, &request);
	call(ioctl, fd, SIOCGIFADDR, &request);
	call(ioctl, fd, SIOCGIFNETMASK, &request);
	call(ioctl, fd, SIOCGIFMTU, &request);
	call(ioctl, fd, SIOCGIFHWADDR, &request);
	call(ioctl, fd, SIOCGIFTXQLEN, &request);
	call(ioctl, fd, SIOCGIFMAP, &request);
	request.ifr_ifindex = 1;
	call(ioctl, fd, SIOCGIFNAME, &request);
	strcpy(request.ifr_name, "absent");
	call(ioctl, fd, SIOCGIFFLAGS, &request);
	request.ifr_flags = IFF_UP | IFF_RUNNING;
	call(ioctl, fd, SIOCSIFFLAGS, &request);
	*(struct sockaddr_in *)&request.ifr_addr = (struct sockaddr_in){AF_INET, 0, {htonl(0x0a000001)}};
	call(ioctl, fd, SIOCSIFADDR, &request);
	request.ifr_mtu = 1400;
	call(ioctl, fd, SIOCSIFMTU, &request);
	call(ioctl, fd, SIOCADDRT, BAD);
	call(ioctl, fd, SIOCINQ, &value);
	call(ioctl, fd, SIOCOUTQ, &value);
	call(ioctl, fd, SIOCATMARK, &value);
	call(ioctl, fd, SIOCGSTAMP, list);
	call(ioctl, fd, SIOCETHTOOL, &request);
	call(ioctl, fd, SIOCGPGRP, &value);
	call(ioctl, fd, 0x89f0 /* SIOCDEVPRIVATE */, &request);
	call(ioctl, fd, SIOCGIFFLAGS, BAD);
}
