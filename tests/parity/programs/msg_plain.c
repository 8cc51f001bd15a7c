/* sendmsg, recvmsg: names, vectors, flags in and flags out. */
#include "parity.h"
#include <netinet/in.h>
int main(void)
{
	struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}}, from;
	unsigned size = sizeof address;
	char one[4], two[30];
	long a = call(socket, AF_INET, SOCK_DGRAM, 0), b = call(socket, AF_INET, SOCK_DGRAM, 0);
	call(bind, a, &address, sizeof address);
	call(getsockname, a, &address, &size);
	struct iovec out[] = {{"parts of ", 9}, {"a message", 9}}, in[] = {{one, 4}, {two, 30}};
	struct msghdr send = {&address, sizeof address, out, 2}, receive = {&from, sizeof from, in, 2};
	call(sendmsg, b, &send, 0);
	call(recvmsg, a, &receive, 0);
	call(sendmsg, b, &send, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_CONFIRM);
	receive = (struct msghdr){&from, 100, in, 1};
	call(recvmsg, a, &receive, MSG_TRUNC);
	receive = (struct msghdr){NULL, 0, in, 2};
	call(recvmsg, a, &receive, MSG_DONTWAIT | MSG_PEEK);
	send = (struct msghdr){NULL, 0, NULL, 0};
	call(sendmsg, b, &send, 0);
	send = (struct msghdr){&address, sizeof address, out, 0, NULL, 0, MSG_PROXY};
	call(sendmsg, b, &send, MSG_EOR | MSG_BATCH | 0x8000000);
	call(recvmsg, a, &receive, 0);
	send.msg_iov = BAD, send.msg_iovlen = 3;
	call(sendmsg, b, &send, 0);
	send.msg_iov = out, send.msg_iovlen = 5000;
	send.msg_name = BAD;
	send.msg_iovlen = 2;
	call(sendmsg, b, &send, 0);
	call(recvmsg, -1, &receive, 0);
	call(recvmsg, a, BAD, 0x7f0);
}
