/* timer_create and its kin: sigevents of each kind, ids, settings old and new, overruns. */
#include "parity.h"
int main(void)
{
	int one = -1, two = -1, three = -1;
	struct itimerspec old;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	event.sigev_value.sival_ptr = (void *)0xdeadbeefcafe;
	signal(SIGUSR1, SIG_IGN);
	call(timer_create, CLOCK_MONOTONIC, &event, &one);
	event.sigev_notify = SIGEV_NONE;
	call(timer_create, CLOCK_REALTIME, &event, &two);
	event.sigev_notify = SIGEV_THREAD_ID;
	event._sigev_un._tid = getpid();
	call(timer_create, CLOCK_BOOTTIME, &event, &three);
	call(timer_create, CLOCK_MONOTONIC, NULL, &three);
	event.sigev_notify = 77;
	call(timer_create, 88, &event, &three);
	call(timer_settime, one, 0, &(struct itimerspec){{0, 0}, {100, 5}}, &old);
	call(timer_settime, one, TIMER_ABSTIME, &(struct itimerspec){{10, 20}, {1ll << 32, 5}}, &old);
	call(timer_gettime, one, &old);
	call(timer_getoverrun, one);
	call(timer_settime, two, 0x10, &(struct itimerspec){{0, 0}, {0, -1}}, NULL);
	call(timer_delete, one);
	call(timer_delete, one);
	call(timer_gettime, 99, &old);
	call(timer_create, CLOCK_REALTIME, BAD, NULL);
}
