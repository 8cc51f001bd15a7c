/* AF_UNIX: paths, abstract names, no name, a name the kernel chooses, the longest, one with no end. */
#include "parity.h"
#include <sys/un.h>
int main(void)
{
	struct sockaddr_un address = {AF_UNIX, "socket"}, name;
	unsigned size = sizeof name;
	long a = call(socket, AF_UNIX, SOCK_STREAM, 0), b = call(socket, AF_UNIX, SOCK_STREAM, 0);
	call(bind, a, &address, 2 + 6);
	call(listen, a, 1);
	call(getsockname, a, &name, &size);
	call(connect, b, &address, sizeof address);
	size = sizeof name;
	call(accept, a, &name, &size);
	size = sizeof name;
	call(getpeername, b, &name, &size);
	long c = call(socket, AF_UNIX, SOCK_DGRAM, 0), d = call(socket, AF_UNIX, SOCK_DGRAM, 0);
	memcpy(address.sun_path, "\0argtrace-parity\0odd", 21);
	call(bind, c, &address, 2 + 20);
	size = sizeof name;
	call(getsockname, c, &name, &size);
	call(bind, d, &address, 2);
	size = sizeof name;
	call(getsockname, d, &name, &size);
	call(sendto, d, "dgram", 5ul, 0, &address, 2 + 20);
	char buffer[8];
	size = sizeof name;
	call(recvfrom, c, buffer, 8ul, MSG_DONTWAIT, &name, &size);
	memset(address.sun_path, 'l', 108);
	call(connect, -1, &address, sizeof address);
	call(connect, -1, &address, 2 + 5);
	strcpy(address.sun_path, "gr\303\274n \"quoted\"\n");
	call(connect, -1, &address, sizeof address);
	call(connect, b, &(struct sockaddr_un){AF_UNIX, "absent"}, sizeof address);
	call(connect, -1, &(struct sockaddr_un){AF_UNIX, ""}, sizeof address);
}
