/* Options of IPv6, raw sockets and ICMP. */
#include "parity.h"
#include <netinet/icmp6.h>
#include <netinet/in.h>
int main(void)
{
	int value, options[] = {IPV6_ADDRFORM, IPV6_CHECKSUM, IPV6_UNICAST_HOPS, IPV6_MULTICAST_HOPS, IPV6_MULTICAST_LOOP,
		IPV6_MTU_DISCOVER, IPV6_MTU, IPV6_RECVERR, IPV6_V6ONLY, IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_TCLASS,
		IPV6_DONTFRAG, IPV6_AUTOFLOWLABEL, 99};
	unsigned size;
	struct icmp6_filter filter;
	long fd = call(socket, AF_INET6, SOCK_DGRAM, 0);
	for (int n = 0; n < COUNT(options); n++)
		size = 4, call(getsockopt, fd, IPPROTO_IPV6, options[n], &value, &size);
	call(setsockopt, fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){1}, 4);
	call(setsockopt, fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &(int){-1}, 4);
	call(setsockopt, fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &(int){1}, 4);
	call(setsockopt, fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &(int){IPV6_PMTUDISC_PROBE}, 4);
	long raw = call(socket, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	ICMP6_FILTER_SETBLOCKALL(&filter);
	call(setsockopt, raw, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, sizeof filter);
	size = sizeof filter, call(getsockopt, raw, IPPROTO_ICMPV6, ICMP6_FILTER, &filter, &size);
	long icmp = call(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	call(setsockopt, icmp, IPPROTO_RAW, 1 /* ICMP_FILTER */, &(unsigned){~1u}, 4);
	call(setsockopt, icmp, SOL_RAW, 1 /* ICMP_FILTER */, &(unsigned){~1u}, 4);
	size = 4, call(getsockopt, icmp, SOL_RAW, 1, &value, &size);
}
