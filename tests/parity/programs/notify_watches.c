/* Files that are watched: watch_queue pipes, pidfd polls, notifications through dnotify. */
#include "parity.h"
#define _ASM_GENERIC_FCNTL_H          /* fcntl.h of libc is here already */
#include <linux/watch_queue.h>
#include <poll.h>
#include <sys/ioctl.h>
int main(void)
{
	int pipes[2] = {-1, -1};
	call(pipe2, pipes, O_NOTIFICATION_PIPE);
	call(ioctl, pipes[0], IOC_WATCH_QUEUE_SET_SIZE, 16);
	struct { struct watch_notification_filter head; struct watch_notification_type_filter types[1]; } filter =
		{{1}, {{WATCH_TYPE_KEY_NOTIFY, 0, 0, {1 << NOTIFY_KEY_UPDATED}}}};
	call(ioctl, pipes[0], IOC_WATCH_QUEUE_SET_FILTER, &filter);
	long child = call(fork);
	if (child == 0)
		call(exit_group, 0);
	long fd = call(pidfd_open, child, 0);
	struct pollfd poll = {fd, POLLIN};
	call(poll, &poll, 1ul, 1000);
	call(wait4, child, NULL, 0, NULL);
}
