/* UDP on the loopback: sendto and recvfrom with addresses, lengths in and out, message flags. */
#include "parity.h"
#include <netinet/in.h>
int main(void)
{
	struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, from;
	unsigned size = sizeof address;
	char buffer[16];
	long a = call(socket, AF_INET, SOCK_DGRAM, 0), b = call(socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP);
	call(bind, a, &address, sizeof address);
	call(getsockname, a, &address, &size);
	call(sendto, b, "datagram", 8ul, 0, &address, sizeof address);
	size = sizeof from;
	call(recvfrom, a, buffer, sizeof buffer, 0, &from, &size);
	call(sendto, a, "to you", 6ul, MSG_CONFIRM | MSG_DONTROUTE, &from, size);
	size = 100;
	call(recvfrom, b, buffer, sizeof buffer, 0, &from, &size);
	call(recvfrom, b, buffer, sizeof buffer, MSG_DONTWAIT | MSG_ERRQUEUE, &from, &size);
	call(sendto, b, "longer than sixteen", 19ul, MSG_MORE * 0, &address, sizeof address);
	size = 4;
	call(recvfrom, a, buffer, sizeof buffer, MSG_TRUNC | MSG_DONTWAIT, &from, &size);
	call(sendto, b, "", 0ul, 0, &address, 8);
	call(sendto, b, NULL, 5ul, 0x7f000000, NULL, 0);
	call(sendto, b, "x", 1ul, MSG_OOB | MSG_FASTOPEN | MSG_ZEROCOPY, &address, sizeof address);
	call(recvfrom, b, BAD, 1ul, 0, BAD, BAD);
	call(connect, b, &address, sizeof address);
	call(connect, b, &(struct sockaddr_in){AF_UNSPEC}, sizeof address);
}
