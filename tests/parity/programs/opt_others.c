/* Options of netlink, packet, vsock, unix, bluetooth, XDP, MPTCP and TLS sockets. */
#include "parity.h"
#include <linux/if_packet.h>
#include <linux/if_xdp.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
int main(void)
{
	unsigned size;
	int value;
	char bytes[64];
	long nl = call(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), packet = call(socket, AF_PACKET, SOCK_RAW, 0);
	call(setsockopt, nl, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &(int){1}, 4);
	call(setsockopt, nl, SOL_NETLINK, NETLINK_EXT_ACK, &(int){1}, 4);
	size = 64, call(getsockopt, nl, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, bytes, &size);
	size = 4, call(getsockopt, nl, SOL_NETLINK, NETLINK_PKTINFO, &value, &size);
	size = 4, call(getsockopt, nl, SOL_NETLINK, 77, &value, &size);
	size = 12, call(getsockopt, packet, SOL_PACKET, PACKET_STATISTICS, bytes, &size);
	size = 4, call(getsockopt, packet, SOL_PACKET, PACKET_VERSION, &value, &size);
	call(setsockopt, packet, SOL_PACKET, PACKET_AUXDATA, &(int){1}, 4);
	call(setsockopt, packet, SOL_PACKET, PACKET_FANOUT, &(int){1 << 16 | 5}, 4);
	call(setsockopt, -1, AF_VSOCK, SO_VM_SOCKETS_BUFFER_SIZE, &(uint64_t){65536}, 8);
	call(setsockopt, -1, AF_VSOCK, SO_VM_SOCKETS_CONNECT_TIMEOUT, &(struct timeval){5, 6}, 16);
	call(setsockopt, -1, 274 /* SOL_BLUETOOTH */, 4, &(int){1}, 4);
	call(setsockopt, -1, 283 /* SOL_XDP */, XDP_UMEM_REG, &(struct xdp_umem_reg){0x1000, 4096, 2048, 0, 0}, sizeof(struct xdp_umem_reg));
	size = 128, call(getsockopt, -1, 283, XDP_MMAP_OFFSETS, bytes, &size);
	call(setsockopt, -1, 282 /* SOL_TLS */, 1, bytes, 40);
	call(setsockopt, -1, 279 /* SOL_ALG */, 1, "key", 3);
	call(setsockopt, -1, 101 /* SOL_CAN_RAW */, 1, "\1\2\3\4\5\6\7\10", 8);
}
