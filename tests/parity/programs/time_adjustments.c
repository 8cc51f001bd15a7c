/* adjtimex, clock_adjtime: nothing is changed, everything is said. */
#include "parity.h"
#include <sys/timex.h>
int main(void)
{
	struct timex timex = {.modes = 0};
	call(adjtimex, &timex);
	timex = (struct timex){.modes = 0};
	call(clock_adjtime, CLOCK_REALTIME, &timex);
	timex = (struct timex){.modes = ADJ_TICK, .tick = 1};
	call(adjtimex, &timex);
	timex = (struct timex){.modes = ADJ_OFFSET | ADJ_FREQUENCY, .freq = 5};
	call(clock_adjtime, CLOCK_MONOTONIC, &timex);
	call(adjtimex, NULL);
	call(clock_adjtime, CLOCK_REALTIME, BAD);
}
