/* sendmmsg, recvmmsg: several messages, how many went, time that is left. */
#include "parity.h"
#include <netinet/in.h>
int main(void)
{
	int fds[2];
	char one[8], two[8], three[8];
	struct sockaddr_in address = {AF_INET, htons(9), {htonl(INADDR_LOOPBACK)}};
	struct timespec now = {0, 0}, time = {1, 0};
	call(socketpair, AF_UNIX, SOCK_DGRAM, 0, fds);
	struct iovec out[3] = {{"first", 5}, {"second", 6}, {"", 0}}, in[3] = {{one, 8}, {two, 3}, {three, 8}};
	struct mmsghdr send[3] = {{{NULL, 0, out, 2}}, {{NULL, 0, out + 1, 1}}, {{NULL, 0, out + 2, 1}}};
	struct mmsghdr receive[3] = {{{NULL, 0, in, 1}}, {{NULL, 0, in + 1, 1}}, {{NULL, 0, in + 2, 1}}};
	call(sendmmsg, fds[0], send, 3, 0);
	call(recvmmsg, fds[1], receive, 3, MSG_DONTWAIT, NULL);
	call(sendmmsg, fds[0], send, 2, MSG_DONTWAIT);
	call(recvmmsg, fds[1], receive, 3, MSG_WAITFORONE, &time);
	call(recvmmsg, fds[1], receive, 3, MSG_DONTWAIT, &now);
	send[0].msg_hdr.msg_name = &address;
	send[0].msg_hdr.msg_namelen = sizeof address;
	call(sendmmsg, -1, send, 2, 0);
	call(sendmmsg, fds[0], send, 0, 0);
	call(sendmmsg, fds[0], BAD, 2, 0);
	call(recvmmsg, -1, receive, 3, 0x70, BAD);
	call(recvmmsg, fds[1], receive, 3, 0, &(struct timespec){0, -1});
	call(recvmmsg, fds[1], NULL, 3, MSG_DONTWAIT, NULL);
}
