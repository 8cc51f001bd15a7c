/* Addresses too short, too long, of no length, of a negative one, not there. */
#include "parity.h"
#include <netinet/in.h>
int main(void)
{
	struct { struct sockaddr_in in; char more[200]; } address = {{AF_INET, htons(53), {htonl(0xc0000201)}}};
	call(connect, -1, &address, 16);
	call(connect, -1, &address, 15);
	call(connect, -1, &address, 8);
	call(connect, -1, &address, 4);
	call(connect, -1, &address, 2);
	call(connect, -1, &address, 1);
	call(connect, -1, &address, 0);
	call(connect, -1, &address, -1);
	call(connect, -1, &address, 17);
	call(connect, -1, &address, 128);
	call(connect, -1, &address, 200);
	call(connect, -1, NULL, 16);
	call(connect, -1, NULL, 0);
	call(connect, -1, BAD, 16);
	call(bind, -1, at_end(&address, 16), 16);
	call(bind, -1, at_end(&address, 16), 28);
	address.in.sin_zero[3] = 9;
	call(bind, -1, &address, 16);
}
