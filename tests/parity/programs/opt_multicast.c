/* Groups: ip_mreq, ip_mreqn, ipv6_mreq, group_req, sources, packet_mreq. */
#include "parity.h"
#include <linux/if_packet.h>
#include <netinet/in.h>
int main(void)
{
	long fd = call(socket, AF_INET, SOCK_DGRAM, 0), six = call(socket, AF_INET6, SOCK_DGRAM, 0);
	struct ip_mreq mreq = {{htonl(0xe0000101)}, {htonl(INADDR_LOOPBACK)}};
	struct ip_mreqn mreqn = {{htonl(0xe0000102)}, {htonl(INADDR_LOOPBACK)}, 1};
	struct ip_mreq_source source = {{htonl(0xe8000103)}, {htonl(INADDR_LOOPBACK)}, {htonl(0x0a000001)}};
	call(setsockopt, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, sizeof mreq);
	call(setsockopt, fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreqn, sizeof mreqn);
	call(setsockopt, fd, IPPROTO_IP, IP_DROP_MEMBERSHIP, &mreqn, sizeof mreqn);
	call(setsockopt, fd, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &source, sizeof source);
	call(setsockopt, fd, IPPROTO_IP, IP_MULTICAST_IF, &(struct in_addr){htonl(INADDR_LOOPBACK)}, 4);
	call(setsockopt, fd, IPPROTO_IP, IP_MULTICAST_TTL, &(char){3}, 1);
	struct ipv6_mreq mreq6 = {{{{0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77}}}, 1};
	call(setsockopt, six, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &mreq6, sizeof mreq6);
	call(setsockopt, six, IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, &mreq6, sizeof mreq6);
	call(setsockopt, six, IPPROTO_IPV6, IPV6_JOIN_ANYCAST, &mreq6, 7);
	struct group_req group = {1};
	*(struct sockaddr_in *)&group.gr_group = (struct sockaddr_in){AF_INET, 0, {htonl(0xe0000104)}};
	call(setsockopt, fd, IPPROTO_IP, MCAST_JOIN_GROUP, &group, sizeof group);
	call(setsockopt, fd, IPPROTO_IP, MCAST_LEAVE_GROUP, &group, sizeof group);
	call(setsockopt, -1, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &(struct packet_mreq){1, PACKET_MR_MULTICAST, 6, {1, 2, 3, 4, 5, 6}}, sizeof(struct packet_mreq));
	call(setsockopt, -1, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &(struct packet_mreq){1, PACKET_MR_PROMISC}, sizeof(struct packet_mreq));
	call(setsockopt, -1, SOL_PACKET, PACKET_RX_RING, &(struct tpacket_req){4096, 2, 2048, 4}, sizeof(struct tpacket_req));
	call(setsockopt, -1, SOL_PACKET, PACKET_VERSION, &(int){TPACKET_V3}, 4);
}
