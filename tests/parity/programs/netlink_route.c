/* netlink: RTM requests with attributes, dumps of links and addresses, errors, acknowledgements. */
#include "parity.h"
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
int main(void)
{
	char buffer[8192];
	unshare(0x40000000 /* CLONE_NEWNET: one link, the same everywhere */);
	long fd = call(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct { struct nlmsghdr head; struct ifinfomsg info; struct nlattr name; char text[4]; } link =
		{{sizeof link, RTM_GETLINK, NLM_F_REQUEST, 7, 0}, {AF_UNSPEC}, {7, IFLA_IFNAME}, "lo"};
	call(sendto, fd, &link, sizeof link, 0, NULL, 0);
	call(recvfrom, fd, buffer, sizeof buffer, 0, NULL, NULL);
	struct { struct nlmsghdr head; struct ifaddrmsg info; } addresses =
		{{sizeof addresses, RTM_GETADDR, NLM_F_REQUEST | NLM_F_DUMP, 8, 0}, {AF_INET}};
	call(sendto, fd, &addresses, sizeof addresses, 0, &(struct sockaddr_nl){AF_NETLINK}, 12);
	call(recvfrom, fd, buffer, sizeof buffer, 0, NULL, NULL);
	struct { struct nlmsghdr head; struct rtmsg info; } routes =
		{{sizeof routes, RTM_GETROUTE, NLM_F_REQUEST | NLM_F_DUMP, 9, 0}, {AF_INET}};
	call(write, fd, &routes, sizeof routes);
	call(read, fd, buffer, sizeof buffer);
	link.head.nlmsg_type = RTM_DELLINK;
	link.head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memcpy(link.text, "xx", 3);
	struct iovec vector = {&link, sizeof link}, in = {buffer, sizeof buffer};
	call(sendmsg, fd, &(struct msghdr){&(struct sockaddr_nl){AF_NETLINK}, 12, &vector, 1}, 0);
	struct sockaddr_nl from;
	call(recvmsg, fd, &(struct msghdr){&from, sizeof from, &in, 1}, 0);
	struct { struct nlmsghdr head; struct ifinfomsg info; } up =
		{{sizeof up, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, 10, 0}, {AF_UNSPEC, 0, 1, 1, 1}};
	call(sendto, fd, &up, sizeof up, 0, NULL, 0);
	call(recvfrom, fd, buffer, sizeof buffer, 0, NULL, NULL);
	call(sendto, fd, &up, 9ul, 0, NULL, 0);
	call(recvfrom, fd, buffer, sizeof buffer, MSG_DONTWAIT, NULL, NULL);
}
