/* socket: each domain, types with their flags, protocols of each domain. */
#include "parity.h"
#include <linux/if_ether.h>
#include <linux/netlink.h>
#include <netinet/in.h>
int main(void)
{
	for (int domain = 0; domain < 48; domain++) {
		long fd = call(socket, domain, SOCK_DGRAM, 0);
		if (fd >= 0)
			call(close, fd);
	}
	int protocols[] = {IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP, IPPROTO_UDPLITE, IPPROTO_RAW, 262 /* MPTCP */, 254};
	for (int n = 0; n < COUNT(protocols); n++)
		call(socket, AF_INET, SOCK_STREAM, protocols[n]);
	call(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	call(socket, AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
	call(socket, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	call(socket, AF_UNIX, SOCK_SEQPACKET, 0);
	call(socket, AF_UNIX, SOCK_RDM, 0);
	call(socket, AF_INET, SOCK_DCCP, IPPROTO_DCCP);
	call(socket, AF_PACKET, SOCK_PACKET, __builtin_bswap16(ETH_P_ARP));
	call(socket, AF_PACKET, SOCK_RAW, __builtin_bswap16(ETH_P_ALL));
	call(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	call(socket, AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
	call(socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	call(socket, AF_NETLINK, SOCK_RAW, 77);
	call(socket, AF_BLUETOOTH, SOCK_RAW, 1);
	call(socket, 1000, 0x7, 0x77);
	call(socket, -1, -1, -1);
}
