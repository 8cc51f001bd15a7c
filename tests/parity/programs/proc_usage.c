/* getrusage, times, getpriority, setpriority, ioprio_get, ioprio_set: who is meant, what was used. */
#include "parity.h"
#include <linux/ioprio.h>
#include <sys/resource.h>
#include <sys/times.h>
int main(void)
{
	struct rusage usage;
	struct tms tms;
	call(getrusage, RUSAGE_SELF, &usage);
	call(getrusage, RUSAGE_CHILDREN, &usage);
	call(getrusage, RUSAGE_THREAD, &usage);
	call(getrusage, 77, &usage);
	call(getrusage, RUSAGE_SELF, NULL);
	call(times, &tms);
	call(times, NULL);
	call(getpriority, PRIO_PROCESS, 0);
	call(getpriority, PRIO_PGRP, 0);
	call(getpriority, PRIO_USER, 12345);
	call(getpriority, 9, 0);
	call(setpriority, PRIO_PROCESS, 0, 5);
	call(setpriority, PRIO_PROCESS, 99999999, -20);
	call(ioprio_get, IOPRIO_WHO_PROCESS, 0);
	call(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_BE << 13 | 7);
	call(ioprio_get, IOPRIO_WHO_PROCESS, 0);
	call(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_CLASS_IDLE << 13);
	call(ioprio_set, IOPRIO_WHO_PGRP, 99999999, 6 << 13 | 1);
	call(ioprio_get, IOPRIO_WHO_USER, 12345);
	call(ioprio_get, 7, 0);
}
