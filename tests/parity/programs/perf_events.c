/* perf_event_open: attributes of each type with their flags, sizes old and new, and its ioctls. */
#include "parity.h"
#include <linux/perf_event.h>
#include <sys/ioctl.h>
static long event(struct perf_event_attr attr, unsigned long flags)
{
	return call(perf_event_open, &attr, 0, -1, -1, flags);
}
int main(void)
{
	uint64_t id;
	char buffer[64];
	long fd = event((struct perf_event_attr){.type = PERF_TYPE_SOFTWARE, .size = sizeof(struct perf_event_attr),
		.config = PERF_COUNT_SW_TASK_CLOCK, .disabled = 1, .exclude_kernel = 1,
		.read_format = PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED}, PERF_FLAG_FD_CLOEXEC);
	event((struct perf_event_attr){.type = PERF_TYPE_HARDWARE, .size = 64, .config = PERF_COUNT_HW_INSTRUCTIONS,
		.sample_period = 1000, .sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN,
		.precise_ip = 2, .mmap = 1, .comm = 1, .freq = 1, .inherit = 1}, PERF_FLAG_FD_NO_GROUP);
	event((struct perf_event_attr){.type = PERF_TYPE_HW_CACHE, .size = 112, .config = 0x10203,
		.watermark = 1, .wakeup_watermark = 4096}, 0);
	event((struct perf_event_attr){.type = PERF_TYPE_BREAKPOINT, .size = 120, .bp_type = 3, .bp_addr = 0x1000, .bp_len = 4}, 0);
	event((struct perf_event_attr){.type = PERF_TYPE_TRACEPOINT, .size = 128, .config = 99999, .use_clockid = 1, .clockid = 1}, 0);
	event((struct perf_event_attr){.type = PERF_TYPE_RAW, .size = sizeof(struct perf_event_attr), .config = 0x1c0, .config1 = 5, .config2 = 6,
		.branch_sample_type = PERF_SAMPLE_BRANCH_USER | PERF_SAMPLE_BRANCH_ANY, .sample_regs_user = 0xff, .sample_stack_user = 8192}, 0x77);
	event((struct perf_event_attr){.type = 77, .size = 3}, 0);
	struct { struct perf_event_attr attr; char more[64]; } larger = {{.type = 1, .size = sizeof larger}, "extra"};
	call(perf_event_open, &larger, 0, -1, -1, 0ul);
	call(perf_event_open, NULL, -1, 0, -1, 0ul);
	call(perf_event_open, BAD, 0, -1, 99, PERF_FLAG_PID_CGROUP | PERF_FLAG_FD_OUTPUT);
	call(ioctl, fd, PERF_EVENT_IOC_ENABLE, 0);
	call(ioctl, fd, PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP);
	call(ioctl, fd, PERF_EVENT_IOC_DISABLE, 0);
	call(ioctl, fd, PERF_EVENT_IOC_ID, &id);
	call(ioctl, fd, PERF_EVENT_IOC_PERIOD, &(uint64_t){5000});
	call(ioctl, fd, PERF_EVENT_IOC_REFRESH, 3);
	call(ioctl, fd, PERF_EVENT_IOC_SET_OUTPUT, -1);
	call(ioctl, fd, PERF_EVENT_IOC_SET_FILTER, "a filter");
	call(ioctl, fd, PERF_EVENT_IOC_SET_BPF, -1);
	call(ioctl, fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1);
	call(read, fd, buffer, sizeof buffer);
}
