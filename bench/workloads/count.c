/* count N: wait for a byte or the end of standard input, call getppid N times, say what one took.
 *
 * Prints "NANOSECONDS of CPU a call" in decimals. CPU time, so that a busy machine disturbs less. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return at.tv_sec * 1e9 + at.tv_nsec;
}

int main(int argc, char **argv)
{
	long count = argc > 1 ? atol(argv[1]) : 1000000;
	char byte;

	if (read(0, &byte, 1) < 0)
		return 1;
	double begin = now();
	for (long i = 0; i < count; i++)
		syscall(SYS_getppid);
	printf("%.2f\n", (now() - begin) / count);
	return 0;
}
