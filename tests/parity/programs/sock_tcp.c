/* TCP on the loopback: bind, listen, connect, accept, accept4, names of both ends, data. */
#include "parity.h"
#include <netinet/in.h>
int main(void)
{
	struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, peer;
	unsigned size = sizeof address;
	char buffer[64];
	long server = call(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	call(setsockopt, server, SOL_SOCKET, SO_REUSEADDR, &(int){1}, 4);
	call(bind, server, &address, sizeof address);
	call(getsockname, server, &address, &size);
	call(listen, server, 5);
	long client = call(socket, AF_INET, SOCK_STREAM, IPPROTO_TCP);
	call(connect, client, &address, sizeof address);
	size = sizeof peer;
	long one = call(accept, server, &peer, &size);
	call(getsockname, one, &peer, &size);
	call(getpeername, one, &peer, &size);
	call(sendto, client, "GET / HTTP/1.0\r\n\r\n", 18ul, MSG_NOSIGNAL, NULL, 0);
	call(recvfrom, one, buffer, sizeof buffer, MSG_WAITALL * 0, NULL, NULL);
	call(write, one, "HTTP/1.0 200 OK\r\n", 17ul);
	call(read, client, buffer, sizeof buffer);
	long other = call(socket, AF_INET, SOCK_STREAM, 0);
	call(connect, other, &address, sizeof address);
	size = 8;
	call(accept4, server, &peer, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
	call(accept4, server, &peer, &size, 0x7);
	call(fcntl, server, F_SETFL, O_NONBLOCK);
	call(accept4, server, NULL, NULL, 0);
	call(getpeername, server, &peer, &size);
	size = 100;
	call(getsockname, client, &peer, &size);
	size = -1;
	call(getsockname, client, &peer, &size);
	call(listen, -1, 4096);
	address.sin_port = htons(1);
	call(connect, call(socket, AF_INET, SOCK_STREAM, 0), &address, sizeof address);
}
