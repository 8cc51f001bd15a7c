/* AF_INET6: addresses with flow and scope, IPv4 in IPv6, loopback. */
#include "parity.h"
#include <arpa/inet.h>
#include <netinet/in.h>
int main(void)
{
	struct sockaddr_in6 address = {AF_INET6, 0, 0, IN6ADDR_LOOPBACK_INIT, 0}, other = {AF_INET6, htons(8080), htonl(0x12345)};
	unsigned size = sizeof address;
	long a = call(socket, AF_INET6, SOCK_DGRAM, 0), b = call(socket, AF_INET6, SOCK_DGRAM, 0);
	call(bind, a, &address, sizeof address);
	call(getsockname, a, &address, &size);
	call(sendto, b, "six", 3ul, 0, &address, sizeof address);
	size = sizeof other;
	char buffer[8];
	call(recvfrom, a, buffer, sizeof buffer, MSG_DONTWAIT, &other, &size);
	inet_pton(AF_INET6, "fe80::1234:5678:9abc:def0", &other.sin6_addr);
	other.sin6_scope_id = 1;
	call(connect, -1, &other, sizeof other);
	other.sin6_scope_id = 77;
	call(connect, -1, &other, sizeof other);
	inet_pton(AF_INET6, "::ffff:192.0.2.33", &other.sin6_addr);
	call(bind, -1, &other, sizeof other);
	inet_pton(AF_INET6, "2001:db8::1:0:0:1", &other.sin6_addr);
	call(bind, -1, &other, 24);
	call(bind, -1, &other, 27);
	call(bind, -1, &other, 40);
}
