/* gettimeofday, settimeofday, time: the time, and where it cannot be set. */
#include "parity.h"
int main(void)
{
	struct timeval tv;
	struct timezone tz;
	long now;
	call(gettimeofday, &tv, &tz);
	call(gettimeofday, &tv, NULL);
	call(gettimeofday, NULL, NULL);
	call(gettimeofday, BAD, NULL);
	call(settimeofday, &(struct timeval){5, 2000000}, NULL);
	call(settimeofday, BAD, NULL);
	call(settimeofday, NULL, &(struct timezone){10000, 0});
	call(time, &now);
	call(time, NULL);
	call(time, BAD);
}
