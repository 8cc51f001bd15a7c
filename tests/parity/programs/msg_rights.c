/* Control messages: SCM_RIGHTS and SCM_CREDENTIALS, sent, received, cut, several. */
#include "parity.h"
int main(void)
{
	int fds[2], value = 1;
	char data[8], control[256], received[256];
	call(socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
	struct iovec vector = {"x", 1}, in = {data, 8};
	struct msghdr send = {NULL, 0, &vector, 1, control, CMSG_SPACE(3 * sizeof(int))};
	struct msghdr receive = {NULL, 0, &in, 1, received, sizeof received};
	struct cmsghdr *head = CMSG_FIRSTHDR(&send);
	*head = (struct cmsghdr){CMSG_LEN(3 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(head), (int[]){0, 1, fds[0]}, 12);
	call(sendmsg, fds[0], &send, 0);
	call(recvmsg, fds[1], &receive, MSG_CMSG_CLOEXEC);
	call(sendmsg, fds[0], &send, 0);
	receive.msg_controllen = 20;
	call(recvmsg, fds[1], &receive, 0);
	call(setsockopt, fds[1], SOL_SOCKET, SO_PASSCRED, &value, 4);
	struct ucred credentials = {getpid(), 0, 0};
	head->cmsg_len = CMSG_LEN(sizeof credentials);
	head->cmsg_type = SCM_CREDENTIALS;
	memcpy(CMSG_DATA(head), &credentials, sizeof credentials);
	send.msg_controllen = CMSG_SPACE(sizeof credentials);
	call(sendmsg, fds[0], &send, 0);
	receive.msg_controllen = sizeof received;
	call(recvmsg, fds[1], &receive, 0);
	struct cmsghdr *second = (void *)(control + CMSG_SPACE(sizeof credentials));
	*second = (struct cmsghdr){CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS};
	*(int *)CMSG_DATA(second) = 2;
	send.msg_controllen = CMSG_SPACE(sizeof credentials) + CMSG_SPACE(4);
	call(sendmsg, fds[0], &send, 0);
	receive.msg_controllen = sizeof received;
	call(recvmsg, fds[1], &receive, 0);
	call(write, fds[0], "plain", 5ul);
	receive.msg_controllen = sizeof received;
	call(recvmsg, fds[1], &receive, 0);
	head->cmsg_len = 1000;
	call(sendmsg, fds[0], &send, 0);
	head->cmsg_len = 5;
	call(sendmsg, fds[0], &send, 0);
	*head = (struct cmsghdr){20, 77, 88};
	call(sendmsg, fds[0], &send, 0);
}
