/* sched_setattr, sched_getattr: each size, flags, clamps, a size that comes back. */
#include "parity.h"
#include <sched.h>
#include <linux/sched.h>
#define sched_param sched_param_again
#include <linux/sched/types.h>
int main(void)
{
	struct sched_attr attr = {0};
	call(sched_getattr, 0, &attr, sizeof attr, 0);
	call(sched_getattr, 0, &attr, 48, 0);
	call(sched_getattr, 0, &attr, 10, 0);
	call(sched_getattr, -1, NULL, 100, 7);
	attr = (struct sched_attr){.size = sizeof attr, .sched_policy = SCHED_BATCH, .sched_nice = 3};
	call(sched_setattr, 0, &attr, 0);
	attr = (struct sched_attr){.size = 48, .sched_policy = SCHED_IDLE, .sched_flags = SCHED_FLAG_RESET_ON_FORK};
	call(sched_setattr, 0, &attr, 0);
	attr = (struct sched_attr){.size = 48, .sched_policy = 6, .sched_flags = SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN,
	                           .sched_runtime = 1000, .sched_deadline = 20000, .sched_period = 10000};
	call(sched_setattr, 0, &attr, 0);
	attr = (struct sched_attr){.size = sizeof attr, .sched_flags = SCHED_FLAG_KEEP_ALL | SCHED_FLAG_UTIL_CLAMP_MIN | 0x100,
	                           .sched_util_min = 5000, .sched_util_max = 9000, .sched_priority = 77, .sched_nice = -30};
	call(sched_setattr, 0, &attr, 0);
	attr.size = 4000;
	call(sched_setattr, 0, &attr, 0);
	attr.size = 7;
	call(sched_setattr, 0, &attr, 1);
	call(sched_setattr, 0, NULL, 0);
	call(sched_setattr, 0, BAD, 0);
}
