/* clock_gettime, clock_getres, clock_settime, clock_nanosleep, nanosleep: each clock, those of processes. */
#include "parity.h"
int main(void)
{
	struct timespec ts;
	for (int n = 0; n < 13; n++)
		call(clock_gettime, n, &ts);
	call(clock_gettime, -6, &ts);
	call(clock_gettime, ~getpid() << 3 | 2, &ts);
	call(clock_gettime, 3 << 3 | 3 | 0x80000000, &ts);
	call(clock_getres, CLOCK_MONOTONIC, &ts);
	call(clock_getres, CLOCK_MONOTONIC_COARSE, &ts);
	call(clock_getres, CLOCK_TAI, NULL);
	call(clock_getres, 77, &ts);
	call(clock_settime, CLOCK_MONOTONIC, &(struct timespec){5, 6});
	call(clock_settime, CLOCK_REALTIME, &(struct timespec){5, 1000000000});
	call(clock_settime, CLOCK_REALTIME, NULL);
	call(nanosleep, &(struct timespec){0, 1000}, &ts);
	call(nanosleep, &(struct timespec){0, 1000000000}, NULL);
	call(nanosleep, &(struct timespec){-1, 0}, &ts);
	call(clock_nanosleep, CLOCK_REALTIME, 0, &(struct timespec){0, 5}, &ts);
	call(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &(struct timespec){1, 5}, NULL);
	call(clock_nanosleep, 77, 8, &(struct timespec){1, 5}, NULL);
}
