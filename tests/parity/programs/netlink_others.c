/* netlink of other protocols: generic, sock_diag, audit, netfilter, crypto; messages that end early. */
#include "parity.h"
#include <linux/genetlink.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
int main(void)
{
	char buffer[4096];
	unshare(0x40000000);
	long generic = call(socket, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	struct { struct nlmsghdr head; struct genlmsghdr generic; struct nlattr name; char text[8]; } family =
		{{sizeof family, GENL_ID_CTRL, NLM_F_REQUEST, 1, 0}, {CTRL_CMD_GETFAMILY, 1}, {11, CTRL_ATTR_FAMILY_NAME}, "nlctrl"};
	call(sendto, generic, &family, sizeof family, 0, NULL, 0);
	call(recvfrom, generic, buffer, sizeof buffer, 0, NULL, NULL);
	long diag = call(socket, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	struct { struct nlmsghdr head; struct unix_diag_req request; } local =
		{{sizeof local, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 2, 0}, {AF_UNIX, 0, 0, -1, 0, UDIAG_SHOW_NAME}};
	call(sendto, diag, &local, sizeof local, 0, NULL, 0);
	call(recvfrom, diag, buffer, sizeof buffer, 0, NULL, NULL);
	struct { struct nlmsghdr head; struct inet_diag_req_v2 request; } inet =
		{{sizeof inet, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 3, 0}, {AF_INET, 6, 0, 0, -1}};
	call(sendto, diag, &inet, sizeof inet, 0, NULL, 0);
	call(recvfrom, diag, buffer, sizeof buffer, 0, NULL, NULL);
	struct nlmsghdr none = {sizeof none, NLMSG_NOOP, 0, 4, 5};
	int protocols[] = {NETLINK_AUDIT, NETLINK_NETFILTER, NETLINK_CRYPTO, NETLINK_XFRM, NETLINK_SELINUX};
	for (int n = 0; n < COUNT(protocols); n++) {
		long fd = call(socket, AF_NETLINK, SOCK_RAW, protocols[n]);
		if (fd < 0)
			continue;
		call(sendto, fd, &none, sizeof none, MSG_DONTWAIT, NULL, 0);
		call(recvfrom, fd, buffer, sizeof buffer, MSG_DONTWAIT, NULL, NULL);
	}
	none.nlmsg_len = 5;
	call(sendto, generic, &none, sizeof none, 0, NULL, 0);
	none.nlmsg_len = 1000;
	call(sendto, generic, &none, sizeof none, 0, NULL, 0);
	struct nlmsghdr two[2] = {{16, NLMSG_DONE, NLM_F_MULTI, 1, 2}, {16, NLMSG_OVERRUN, 0x8000, 3, 4}};
	call(sendto, generic, two, sizeof two, 0, NULL, 0);
}
