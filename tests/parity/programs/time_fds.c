/* timerfd_create, timerfd_settime, timerfd_gettime: clocks, flags, and the count that is read. */
#include "parity.h"
#include <sys/timerfd.h>
int main(void)
{
	struct itimerspec old;
	uint64_t count;
	long fd = call(timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC);
	call(timerfd_create, CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	call(timerfd_create, CLOCK_BOOTTIME_ALARM, 0);
	call(timerfd_create, 77, 0x7);
	call(timerfd_settime, fd, 0, &(struct itimerspec){{0, 0}, {0, 1000000}}, &old);
	call(read, fd, &count, 8ul);
	call(timerfd_settime, fd, TFD_TIMER_ABSTIME, &(struct itimerspec){{1, 2}, {1, 2}}, NULL);
	call(timerfd_settime, fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &(struct itimerspec){{0, 0}, {1ll << 34, 7}}, &old);
	call(timerfd_gettime, fd, &old);
	call(timerfd_gettime, 0, &old);
	call(timerfd_settime, fd, 0x70, &(struct itimerspec){{0, 0}, {0, 0}}, NULL);
	call(timerfd_settime, fd, 0, &(struct itimerspec){{0, 0}, {0, 1000000000}}, NULL);
}
