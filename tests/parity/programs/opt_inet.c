/* Options of IPv4, TCP and UDP. */
#include "parity.h"
#include <netinet/in.h>
#include <linux/tcp.h>
#include <netinet/udp.h>
int main(void)
{
	int value, ip[] = {IP_TOS, IP_TTL, IP_HDRINCL, IP_OPTIONS, IP_RECVOPTS, IP_PKTINFO, IP_MTU_DISCOVER, IP_RECVERR,
		IP_RECVTTL, IP_RECVTOS, IP_MTU, IP_FREEBIND, IP_TRANSPARENT, IP_MULTICAST_TTL, IP_MULTICAST_LOOP, 99};
	int tcp[] = {TCP_NODELAY, TCP_MAXSEG, TCP_CORK, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2,
		TCP_DEFER_ACCEPT, TCP_WINDOW_CLAMP, TCP_QUICKACK, TCP_USER_TIMEOUT, TCP_FASTOPEN, TCP_NOTSENT_LOWAT, 99};
	unsigned size;
	char bytes[300];
	long stream = call(socket, AF_INET, SOCK_STREAM, 0), datagram = call(socket, AF_INET, SOCK_DGRAM, 0);
	for (int n = 0; n < COUNT(ip); n++)
		size = 4, call(getsockopt, stream, IPPROTO_IP, ip[n], &value, &size);
	for (int n = 0; n < COUNT(tcp); n++)
		size = 4, call(getsockopt, stream, IPPROTO_TCP, tcp[n], &value, &size);
	size = sizeof bytes, call(getsockopt, stream, IPPROTO_TCP, TCP_INFO, bytes, &size);
	size = 16, call(getsockopt, stream, IPPROTO_TCP, TCP_CONGESTION, bytes, &size);
	call(setsockopt, stream, IPPROTO_TCP, TCP_NODELAY, &(int){1}, 4);
	call(setsockopt, stream, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
	call(setsockopt, stream, IPPROTO_TCP, TCP_CONGESTION, "absent", 7);
	call(setsockopt, stream, IPPROTO_IP, IP_TOS, &(int){16}, 4);
	call(setsockopt, stream, IPPROTO_IP, IP_TTL, &(int){300}, 4);
	call(setsockopt, stream, IPPROTO_IP, IP_MTU_DISCOVER, &(int){IP_PMTUDISC_DO}, 4);
	call(setsockopt, datagram, IPPROTO_UDP, UDP_CORK, &(int){0}, 4);
	call(setsockopt, datagram, IPPROTO_UDP, UDP_SEGMENT, &(int){1000}, 4);
	size = 4, call(getsockopt, datagram, IPPROTO_UDP, UDP_GRO, &value, &size);
	call(setsockopt, datagram, IPPROTO_UDP, 77, &(int){1000}, 4);
	call(setsockopt, stream, IPPROTO_RAW, 1, "1234", 4);
	call(setsockopt, stream, 132 /* SOL_SCTP */, 3, "12345678", 8);
}
