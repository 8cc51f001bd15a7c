/* getrandom: the bytes that came, flags, none. */
#include "parity.h"
#include <sys/random.h>
int main(void)
{
	char buffer[64];
	call(getrandom, buffer, 16ul, 0);
	call(getrandom, buffer, 64ul, GRND_NONBLOCK);
	call(getrandom, buffer, 1ul, GRND_RANDOM | GRND_NONBLOCK);
	call(getrandom, buffer, 8ul, GRND_INSECURE);
	call(getrandom, buffer, 0ul, 0);
	call(getrandom, buffer, 8ul, 0xf0);
	call(getrandom, BAD, 8ul, 0);
	call(getrandom, NULL, 8ul, 0);
}
