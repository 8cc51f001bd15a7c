/* Clocks of processes and threads, times of what they used. */
#include "parity.h"
#include <sys/resource.h>
#include <sys/times.h>
int main(void)
{
	struct timespec time;
	struct rusage usage;
	struct tms tms;
	for (volatile int n = 0; n < 3000000; n++)
		;
	call(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &time);
	call(clock_gettime, CLOCK_THREAD_CPUTIME_ID, &time);
	call(clock_getres, CLOCK_PROCESS_CPUTIME_ID, &time);
	call(clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1000}, NULL);
	long child = call(fork);
	if (child == 0) {
		for (volatile int n = 0; n < 5000000; n++)
			;
		call(exit_group, 0);
	}
	call(clock_gettime, ~child << 3 | 2, &time);
	call(wait4, child, NULL, 0, &usage);
	call(times, &tms);
	call(getrusage, RUSAGE_CHILDREN, &usage);
	call(clock_gettime, ~child << 3 | 2, &time);
}
