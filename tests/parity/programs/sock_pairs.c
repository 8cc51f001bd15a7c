/* socketpair, shutdown, and what goes through: pairs of each type, both ends, halves that close. */
#include "parity.h"
int main(void)
{
	int fds[2];
	char buffer[32];
	call(socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
	call(write, fds[0], "hello", 5ul);
	call(read, fds[1], buffer, sizeof buffer);
	call(sendto, fds[1], "answer", 6ul, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	call(recvfrom, fds[0], buffer, sizeof buffer, MSG_PEEK, NULL, NULL);
	call(recvfrom, fds[0], buffer, sizeof buffer, 0, NULL, NULL);
	call(recvfrom, fds[0], buffer, sizeof buffer, MSG_DONTWAIT, NULL, NULL);
	call(shutdown, fds[0], SHUT_WR);
	call(read, fds[1], buffer, sizeof buffer);
	call(shutdown, fds[0], SHUT_RD);
	call(shutdown, fds[0], SHUT_RDWR);
	call(shutdown, fds[0], 77);
	call(shutdown, -1, 0);
	call(socketpair, AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, fds);
	call(sendto, fds[0], "", 0ul, 0, NULL, 0);
	call(recvfrom, fds[1], buffer, sizeof buffer, MSG_TRUNC, NULL, NULL);
	call(socketpair, AF_UNIX, SOCK_SEQPACKET, 0, fds);
	call(sendto, fds[0], "a record", 8ul, MSG_EOR, NULL, 0);
	call(recvfrom, fds[1], buffer, 3ul, MSG_TRUNC, NULL, NULL);
	call(socketpair, AF_INET, SOCK_STREAM, 0, fds);
	call(socketpair, AF_UNIX, SOCK_STREAM, 0, NULL);
}
