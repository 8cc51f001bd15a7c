/* prctl: PR_SET_MM, names of maps, memory merge, io flusher, core scheduling, dispatch. */
#include "parity.h"
#include <linux/prctl.h>
int main(void)
{
	int number = -1;
	unsigned size = 0;
	unsigned long cookie = 0;
	char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	call(prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, map, 4096ul, "my map");
	call(prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, map, 4096ul, NULL);
	call(prctl, PR_SET_VMA, 5, map, 4096ul, BAD);
	call(prctl, PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0, 0);
	call(prctl, PR_SET_MM, PR_SET_MM_START_BRK, 0x1000, 0, 0);
	call(prctl, PR_SET_MM, PR_SET_MM_EXE_FILE, -1, 0, 0);
	call(prctl, PR_SET_MM, 99, 1, 0, 0);
	call(prctl, PR_GET_IO_FLUSHER, 0, 0, 0, 0);
	call(prctl, PR_SET_IO_FLUSHER, 7ul, 0, 0, 0);
	call(prctl, PR_GET_TID_ADDRESS, &cookie, 0, 0, 0);
	call(prctl, PR_SCHED_CORE, PR_SCHED_CORE_GET, 0, 0, &cookie);
	call(prctl, PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_OFF, 0, 0, 0);
	call(prctl, PR_GET_TIMING, 0, 0, 0, 0);
	call(prctl, PR_SET_TIMING, PR_TIMING_STATISTICAL, 0, 0, 0);
	call(prctl, PR_GET_FPEMU, &number, 0, 0, 0);
	call(prctl, PR_GET_ENDIAN, &number, 0, 0, 0);
	call(prctl, PR_GET_UNALIGN, &number, 0, 0, 0);
	call(prctl, PR_SET_UNALIGN, PR_UNALIGN_SIGBUS, 0, 0, 0);
	call(prctl, PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	call(prctl, PR_TASK_PERF_EVENTS_DISABLE, 0, 0, 0, 0);
	call(prctl, PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0);
	call(prctl, PR_SVE_GET_VL, 0, 0, 0, 0);
	call(prctl, PR_SET_FP_MODE, 3ul, 0, 0, 0);
}
