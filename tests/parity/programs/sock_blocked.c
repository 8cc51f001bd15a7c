/* Connections that do not come about at once: non-blocking, refused, in progress, with errors to fetch. */
#include "parity.h"
#include <netinet/in.h>
#include <poll.h>
int main(void)
{
	int error = 0;
	unsigned size = 4;
	struct sockaddr_in address = {AF_INET, htons(1), {htonl(INADDR_LOOPBACK)}};
	long fd = call(socket, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	call(connect, fd, &address, sizeof address);
	struct pollfd poll = {fd, POLLOUT};
	call(poll, &poll, 1ul, 1000);
	call(getsockopt, fd, SOL_SOCKET, SO_ERROR, &error, &size);
	call(sendto, fd, "x", 1ul, MSG_NOSIGNAL, NULL, 0);
	call(recvfrom, fd, &error, 4ul, 0, NULL, NULL);
	long udp = call(socket, AF_INET, SOCK_DGRAM, 0);
	call(setsockopt, udp, IPPROTO_IP, IP_RECVERR, &(int){1}, 4);
	call(connect, udp, &address, sizeof address);
	call(sendto, udp, "refused", 7ul, 0, NULL, 0);
	char data[16], control[128];
	struct sockaddr_in from;
	struct iovec in = {data, sizeof data};
	struct msghdr message = {&from, sizeof from, &in, 1, control, sizeof control};
	call(recvmsg, udp, &message, MSG_ERRQUEUE | MSG_DONTWAIT);
	call(recvmsg, udp, &message, MSG_DONTWAIT);
	call(bind, fd, &(struct sockaddr_in){AF_INET, htons(80), {htonl(0xc0000201)}}, sizeof address);
}
