/* getitimer, setitimer, alarm: which timer, when, how often. */
#include "parity.h"
int main(void)
{
	struct itimerval old;
	signal(SIGALRM, SIG_IGN);
	call(getitimer, ITIMER_REAL, &old);
	call(setitimer, ITIMER_REAL, &(struct itimerval){{1, 500000}, {100, 1}}, &old);
	call(getitimer, ITIMER_REAL, &old);
	call(setitimer, ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {1000, 999999}}, NULL);
	call(getitimer, ITIMER_VIRTUAL, &old);
	call(setitimer, ITIMER_PROF, &(struct itimerval){{0, 1000000}, {0, 0}}, &old);
	call(setitimer, 77, &(struct itimerval){{0, 0}, {0, 0}}, &old);
	call(setitimer, ITIMER_REAL, NULL, &old);
	call(getitimer, ITIMER_REAL, NULL);
	call(getitimer, -1, &old);
	call(alarm, 100);
	call(alarm, 0);
}
