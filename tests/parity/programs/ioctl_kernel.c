/* ioctl: what the kernel's own descriptors take: perf, userfaults, the pool of random numbers, namespaces, pidfds. */
#include "parity.h"
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/random.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0)
#define PIDFD_GET_UTS_NAMESPACE _IO(0xFF, 10)
int main(void)
{
	int value = 0;
	uint64_t id = 0, period = 1000;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_TASK_CLOCK, .disabled = 1,
	};
	long perf = call(perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	call(ioctl, perf, PERF_EVENT_IOC_ID, &id);
	call(ioctl, perf, PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP);
	call(ioctl, perf, PERF_EVENT_IOC_DISABLE, 0);
	call(ioctl, perf, PERF_EVENT_IOC_RESET, 0);
	call(ioctl, perf, PERF_EVENT_IOC_REFRESH, 3);
	call(ioctl, perf, PERF_EVENT_IOC_PERIOD, &period);
	call(ioctl, perf, PERF_EVENT_IOC_SET_OUTPUT, -1);
	call(ioctl, perf, PERF_EVENT_IOC_SET_FILTER, "common_pid != 0");
	call(ioctl, perf, PERF_EVENT_IOC_SET_BPF, 1);
	call(ioctl, perf, PERF_EVENT_IOC_PAUSE_OUTPUT, 1);
	struct { struct perf_event_query_bpf query; __u32 ids[4]; } query = {{4}};
	call(ioctl, perf, PERF_EVENT_IOC_QUERY_BPF, &query);
	call(ioctl, perf, PERF_EVENT_IOC_MODIFY_ATTRIBUTES, &attr);
	long random = call(openat, AT_FDCWD, "/dev/random", O_RDONLY);
	call(ioctl, random, RNDGETENTCNT, &value);
	struct { int count, size; char data[16]; } pool = {0, 16, "sixteen letters"};
	call(ioctl, -1, RNDADDENTROPY, at_end(&pool, 24));
	long faults = call(openat, AT_FDCWD, "/dev/userfaultfd", O_RDWR);
	call(ioctl, faults, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK);
	long user = call(userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);
	struct uffdio_api api = {UFFD_API, UFFD_FEATURE_THREAD_ID};
	call(ioctl, user, UFFDIO_API, &api);
	api = (struct uffdio_api){1, 0};
	call(ioctl, user, UFFDIO_API, &api);
	call(ioctl, user, UFFDIO_UNREGISTER, &(struct uffdio_range){0x1000, 4096});
	call(ioctl, user, UFFDIO_WAKE, &(struct uffdio_range){0x1000, 4096});
	call(ioctl, -1, UFFDIO_COPY, &(struct uffdio_copy){0x1000, 0x2000, 4096, UFFDIO_COPY_MODE_DONTWAKE});
	long self = call(pidfd_open, getpid(), 0);
	call(ioctl, self, PIDFD_GET_UTS_NAMESPACE, 0);
	long uts = call(openat, AT_FDCWD, "/proc/self/ns/uts", O_RDONLY);
	call(ioctl, uts, NS_GET_USERNS);
	call(ioctl, uts, NS_GET_NSTYPE);
	call(ioctl, -1, 0x80082102 /* SECCOMP_IOCTL_NOTIF_ID_VALID, as it was first */, &id);
}
