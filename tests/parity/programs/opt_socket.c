/* Options of SOL_SOCKET: numbers, times, names, credentials; set and got, lengths in and out. */
#include "parity.h"
#include <linux/sockios.h>
int main(void)
{
	int fds[2], value, options[] = {SO_DEBUG, SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_DONTROUTE, SO_BROADCAST, SO_SNDBUF,
		SO_RCVBUF, SO_KEEPALIVE, SO_OOBINLINE, SO_PRIORITY, SO_REUSEPORT, SO_PASSCRED, SO_RCVLOWAT, SO_SNDLOWAT,
		SO_TIMESTAMP, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN, SO_MARK, SO_PEEK_OFF, SO_BUSY_POLL, SO_INCOMING_CPU,
		SO_INCOMING_NAPI_ID, SO_ZEROCOPY, SO_BUF_LOCK, SO_RCVMARK, 77, 999};
	unsigned size;
	char bytes[64];
	call(socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
	long fd = call(socket, AF_INET, SOCK_STREAM, 0);
	for (int n = 0; n < COUNT(options); n++) {
		size = sizeof value;
		call(getsockopt, fd, SOL_SOCKET, options[n], &value, &size);
	}
	call(setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &(int){1}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_SNDBUF, &(int){65536}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_PRIORITY, &(int){-1}, 4);
	call(setsockopt, fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 30}, 8);
	call(setsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){3, 500000}, 16);
	call(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &(struct timeval){0, -1}, 16);
	call(setsockopt, fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	call(setsockopt, fd, SOL_SOCKET, SO_MAX_PACING_RATE, &(unsigned long){1 << 20}, 8);
	call(setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, &(char){1}, 1);
	call(setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, NULL, 0);
	call(setsockopt, fd, SOL_SOCKET, SO_KEEPALIVE, BAD, 4);
	call(setsockopt, fd, SOL_SOCKET, 999, "four", 4);
	struct linger linger;
	struct timeval tv;
	size = 8, call(getsockopt, fd, SOL_SOCKET, SO_LINGER, &linger, &size);
	size = 16, call(getsockopt, fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &size);
	size = 64, call(getsockopt, fd, SOL_SOCKET, SO_BINDTODEVICE, bytes, &size);
	size = 12, call(getsockopt, fds[0], SOL_SOCKET, SO_PEERCRED, bytes, &size);
	size = 64, call(getsockopt, fds[0], SOL_SOCKET, SO_PEERGROUPS, bytes, &size);
	size = 64, call(getsockopt, fds[0], SOL_SOCKET, SO_PEERSEC, bytes, &size);
	size = 4, call(getsockopt, fds[0], SOL_SOCKET, 77 /* SO_PEERPIDFD */, &value, &size);
	size = 8, call(getsockopt, fds[0], SOL_SOCKET, SO_COOKIE, bytes, &size);
	size = 36, call(getsockopt, fds[0], SOL_SOCKET, SO_MEMINFO, bytes, &size);
	size = 64, call(getsockopt, fd, SOL_SOCKET, SO_PEERNAME, bytes, &size);
	size = 2, call(getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &size);
	size = -1, call(getsockopt, fd, SOL_SOCKET, SO_TYPE, &value, &size);
	call(getsockopt, fd, SOL_SOCKET, SO_TYPE, NULL, NULL);
	call(getsockopt, -1, 77, 88, BAD, BAD);
}
