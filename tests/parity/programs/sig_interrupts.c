/* Calls that a signal interrupts: what they return, and what time is left. */
#include "parity.h"
#include <poll.h>
static void handler(int signal) {}
static void soon(void)
{
	call(setitimer, ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 15000}}, NULL);
}
int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	struct timespec long_time = {5, 0}, left = {0, 0};
	struct timeval tv = {5, 0};
	int pipes[2];
	sigaction(SIGALRM, &action, NULL);
	call(pipe, pipes);
	soon(), call(nanosleep, &long_time, &left);
	soon(), call(clock_nanosleep, CLOCK_MONOTONIC, 0, &long_time, &left);
	soon(), call(clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1ll << 33, 0}, &left);
	soon(), call(pause);
	soon(), call(poll, &(struct pollfd){pipes[0], POLLIN}, 1ul, 5000);
	soon(), call(select, pipes[0] + 1, (unsigned long[]){1ul << pipes[0]}, NULL, NULL, &tv);
	soon(), call(read, pipes[0], &left, 4ul);
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	long child = call(fork);
	if (child == 0) {
		call(nanosleep, &(struct timespec){0, 60000000}, NULL);
		call(exit_group, 0);
	}
	soon(), call(wait4, child, NULL, 0, NULL);
}
