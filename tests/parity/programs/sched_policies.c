/* sched_setscheduler and its kin: policies with their flag, parameters, ranges. */
#include "parity.h"
#include <sched.h>
int main(void)
{
	struct sched_param param = {0};
	struct timespec interval;
	int policies[] = {SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, 6, 77};
	for (int n = 0; n < COUNT(policies); n++) {
		call(sched_get_priority_max, policies[n]);
		call(sched_get_priority_min, policies[n]);
	}
	call(sched_getscheduler, 0);
	call(sched_getparam, 0, &param);
	call(sched_setscheduler, 0, SCHED_BATCH, &param);
	call(sched_setscheduler, 0, SCHED_IDLE | SCHED_RESET_ON_FORK, &param);
	call(sched_getscheduler, 0);
	param.sched_priority = 200;
	call(sched_setscheduler, 0, SCHED_FIFO, &param);
	call(sched_setparam, 0, &param);
	call(sched_setscheduler, -1, 99, NULL);
	call(sched_setscheduler, 0, SCHED_RR, BAD);
	call(sched_getparam, 0, NULL);
	call(sched_rr_get_interval, 0, &interval);
	call(sched_rr_get_interval, -1, &interval);
	call(sched_yield);
}
