/* sched_setaffinity, sched_getaffinity, getcpu, rseq: sets of processors, a processor and its node. */
#include "parity.h"
#include <sched.h>
int main(void)
{
	unsigned long set[16] = {0};
	unsigned cpu, node;
	call(sched_getaffinity, 0, sizeof set, set);
	call(sched_setaffinity, 0, 8, set);
	set[0] = 1;
	call(sched_setaffinity, 0, sizeof set, set);
	set[1] = 5ul << 60;
	call(sched_setaffinity, 0, 16, set);
	call(sched_getaffinity, 0, 4, set);
	call(sched_getaffinity, 0, 3, set);
	call(sched_getaffinity, -1, sizeof set, set);
	call(sched_setaffinity, 0, 8, NULL);
	call(sched_setaffinity, 0, 0, BAD);
	call(getcpu, &cpu, &node, NULL);
	call(getcpu, &cpu, NULL, NULL);
	call(getcpu, BAD, NULL, NULL);
	static struct { unsigned words[8]; } area __attribute__((aligned(32)));
	call(rseq, &area, 32, 0, 0x53053053);
	call(rseq, &area, 32, 1, 0x12345678);
	call(rseq, BAD, 4, 6, 0);
}
