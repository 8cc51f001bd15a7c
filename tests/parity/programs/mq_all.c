/* mq_open, mq_timedsend, mq_timedreceive, mq_notify, mq_getsetattr, mq_unlink. */
#include "parity.h"
#include <mqueue.h>
int main(void)
{
	struct mq_attr attr = {0, 3, 64}, old;
	char buffer[64];
	unsigned priority;
	call(unshare, 0x08000000 /* CLONE_NEWIPC */);
	long mq = call(mq_open, "parity", O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attr);
	call(mq_open, "parity", O_RDONLY);
	call(mq_open, "absent", O_WRONLY | O_CLOEXEC);
	call(mq_open, "other", O_RDWR | O_CREAT, 0640, NULL);
	call(mq_timedsend, mq, "a message", 9ul, 5u, NULL);
	call(mq_timedsend, mq, "", 0ul, 0u, &(struct timespec){1, 0});
	call(mq_timedreceive, mq, buffer, sizeof buffer, &priority, NULL);
	call(mq_timedreceive, mq, buffer, sizeof buffer, NULL, &(struct timespec){1, 0});
	call(mq_timedreceive, mq, buffer, sizeof buffer, &priority, NULL);
	call(mq_timedreceive, mq, buffer, 3ul, &priority, BAD);
	call(mq_getsetattr, mq, NULL, &old);
	attr.mq_flags = 0;
	call(mq_getsetattr, mq, &attr, &old);
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42};
	call(mq_notify, mq, &event);
	call(mq_notify, mq, NULL);
	event.sigev_notify = SIGEV_NONE;
	call(mq_notify, mq, &event);
	call(mq_notify, -1, BAD);
	call(mq_unlink, "parity");
	call(mq_unlink, "absent");
	call(mq_timedsend, -1, "x", 1ul, 99999u, &(struct timespec){0, -1});
}
