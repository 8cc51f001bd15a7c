/* ioctl: requests about interfaces by the member that each is about; what a request points to. */
#include "parity.h"
#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/mii.h>
#include <linux/net_tstamp.h>
#include <linux/route.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
static struct ifreq on(const char *name)
{
	struct ifreq request = {0};
	strcpy(request.ifr_name, name);
	return request;
}
int main(void)
{
	long fd = call(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq lo = on("lo"), none = on("none0");
	call(ioctl, fd, SIOCGIFBRDADDR, &lo);
	call(ioctl, fd, SIOCGIFDSTADDR, &lo);
	call(ioctl, fd, SIOCGIFMETRIC, &lo);
	lo = on("lo");
	lo.ifr_ifindex = 1;
	call(ioctl, fd, SIOCGIFNAME, &lo);
	call(ioctl, fd, SIOCGIFFLAGS, BAD);
	none.ifr_flags = IFF_UP | IFF_PROMISC;
	call(ioctl, fd, SIOCSIFFLAGS, &none);
	none.ifr_mtu = 1400;
	call(ioctl, fd, SIOCSIFMTU, &none);
	*(struct sockaddr_in *)&none.ifr_addr = (struct sockaddr_in){AF_INET, 0, {htonl(0x0a000001)}};
	call(ioctl, fd, SIOCSIFADDR, &none);
	call(ioctl, fd, SIOCSIFNETMASK, &none);
	strcpy(none.ifr_newname, "other0");
	call(ioctl, fd, SIOCSIFNAME, &none);
	struct ethtool_value link = {ETHTOOL_GLINK};
	struct ethtool_drvinfo driver = {ETHTOOL_GDRVINFO};
	struct { struct ethtool_gstrings strings; char data[8192]; } strings = {{ETHTOOL_GSTRINGS, ETH_SS_FEATURES, 0}};
	lo = on("lo");
	lo.ifr_data = (void *)&link;
	call(ioctl, fd, SIOCETHTOOL, &lo);
	lo.ifr_data = (void *)&driver;
	call(ioctl, fd, SIOCETHTOOL, &lo);
	lo.ifr_data = (void *)&strings;
	call(ioctl, fd, SIOCETHTOOL, &lo);
	lo.ifr_data = BAD;
	call(ioctl, fd, SIOCETHTOOL, &lo);
	none.ifr_data = (void *)&(struct hwtstamp_config){0, HWTSTAMP_TX_ON, HWTSTAMP_FILTER_ALL};
	call(ioctl, fd, SIOCSHWTSTAMP, &none);
	call(ioctl, fd, SIOCGMIIPHY, &lo);
	call(ioctl, fd, SIOCGIFVLAN, &(struct vlan_ioctl_args){.cmd = GET_VLAN_VID_CMD, .device1 = "none0.5"});
	struct arpreq arp = {.arp_pa = {AF_INET}, .arp_ha = {ARPHRD_ETHER}, .arp_flags = ATF_PERM, .arp_dev = "none0"};
	call(ioctl, fd, SIOCGARP, &arp);
	struct rtentry route = {.rt_dst = {AF_INET}, .rt_genmask = {AF_INET}, .rt_flags = RTF_UP, .rt_dev = "none0"};
	call(ioctl, fd, SIOCDELRT, &route);
	call(ioctl, fd, 0x8b01 /* SIOCGIWNAME */, &lo);
}
