/* Addresses of AF_NETLINK, AF_PACKET, AF_VSOCK, AF_ALG. */
#include "parity.h"
#include <linux/if_alg.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
int main(void)
{
	struct sockaddr_nl nl = {AF_NETLINK, 0, 0, 0x11}, name;
	unsigned size = sizeof name;
	long fd = call(socket, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	call(bind, fd, &nl, sizeof nl);
	call(getsockname, fd, &name, &size);
	call(connect, fd, &(struct sockaddr_nl){AF_NETLINK, 7, 1234, 1}, sizeof nl);
	call(bind, fd, &nl, 8);
	struct sockaddr_ll ll = {AF_PACKET, __builtin_bswap16(0x0800), 1, 1, PACKET_BROADCAST, 6, {1, 2, 3, 0xaa, 0xbb, 0xcc}}, got;
	call(bind, -1, &ll, sizeof ll);
	ll = (struct sockaddr_ll){AF_PACKET, 0xff77, 9999, 772, PACKET_HOST, 0};
	call(bind, -1, &ll, sizeof ll);
	call(bind, -1, &ll, 12);
	long packet = call(socket, AF_PACKET, SOCK_RAW, 0);
	size = sizeof got;
	call(getsockname, packet, &got, &size);
	struct sockaddr_vm vm = {AF_VSOCK, 0, 1234, VMADDR_CID_HOST};
	call(connect, -1, &vm, sizeof vm);
	vm.svm_cid = VMADDR_CID_ANY;
	vm.svm_port = VMADDR_PORT_ANY;
	call(bind, -1, &vm, sizeof vm);
	vm.svm_cid = 77;
	call(bind, -1, &vm, sizeof vm);
	struct sockaddr_alg alg = {AF_ALG, "hash", 0, 0, "sha256"};
	call(bind, -1, &alg, sizeof alg);
	alg = (struct sockaddr_alg){AF_ALG, "skcipher", 0xf, 5, "cbc(aes)"};
	call(bind, -1, &alg, sizeof alg);
}
