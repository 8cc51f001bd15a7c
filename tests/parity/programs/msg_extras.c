/* Control messages of the network: IP_PKTINFO, IP_TTL, IP_TOS, timestamps, IPV6_PKTINFO. */
#include "parity.h"
#include <linux/net_tstamp.h>
#include <netinet/in.h>
static void exchange(int family, void *address, unsigned size)
{
	int on = 1;
	char data[8], control[512];
	long a = call(socket, family, SOCK_DGRAM, 0), b = call(socket, family, SOCK_DGRAM, 0);
	call(bind, a, address, size);
	call(getsockname, a, address, &size);
	call(setsockopt, a, SOL_SOCKET, SO_TIMESTAMP, &on, 4);
	if (family == AF_INET) {
		call(setsockopt, a, IPPROTO_IP, IP_PKTINFO, &on, 4);
		call(setsockopt, a, IPPROTO_IP, IP_RECVTTL, &on, 4);
		call(setsockopt, a, IPPROTO_IP, IP_RECVTOS, &on, 4);
		call(setsockopt, a, IPPROTO_IP, IP_RECVORIGDSTADDR, &on, 4);
	} else {
		call(setsockopt, a, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, 4);
		call(setsockopt, a, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, &on, 4);
		call(setsockopt, a, SOL_SOCKET, SO_TIMESTAMPNS, &on, 4);
	}
	struct iovec in = {data, 8};
	struct msghdr receive = {NULL, 0, &in, 1, control, sizeof control};
	call(sendto, b, "stamped", 7ul, 0, address, size);
	call(recvmsg, a, &receive, MSG_DONTWAIT);
	call(setsockopt, a, SOL_SOCKET, SO_TIMESTAMPING, &(int){SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE}, 4);
	call(sendto, b, "again", 5ul, 0, address, size);
	receive.msg_controllen = sizeof control;
	call(recvmsg, a, &receive, MSG_DONTWAIT);
}
int main(void)
{
	struct sockaddr_in four = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	struct sockaddr_in6 six = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT};
	exchange(AF_INET, &four, sizeof four);
	exchange(AF_INET6, &six, sizeof six);
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
	struct cmsghdr *head = (void *)control;
	*head = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
	*(struct in_pktinfo *)CMSG_DATA(head) = (struct in_pktinfo){1, {htonl(0x7f000001)}, {htonl(0xc0000201)}};
	struct msghdr send = {&four, sizeof four, &(struct iovec){"p", 1}, 1, control, sizeof control};
	call(sendmsg, call(socket, AF_INET, SOCK_DGRAM, 0), &send, 0);
}
