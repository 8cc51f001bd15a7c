/* poll, ppoll: events in, events out, none, time and signals. */
#include "parity.h"
#include <poll.h>
int main(void)
{
	int pipes[2];
	unsigned long set = 1ul << (SIGINT - 1);
	struct timespec time = {0, 1000000};
	call(pipe, pipes);
	struct pollfd fds[4] = {{pipes[0], POLLIN | POLLPRI}, {pipes[1], POLLOUT}, {-1, POLLIN}, {99, POLLIN | POLLRDHUP}};
	call(poll, fds, 3ul, 0);
	call(poll, fds, 1ul, 1);
	call(poll, fds, 4ul, -1);
	call(poll, NULL, 0ul, 1);
	call(write, pipes[1], "x", 1ul);
	call(poll, fds, 2ul, 1000);
	call(close, pipes[1]);
	call(ppoll, fds, 1ul, &time, &set, 8ul);
	call(read, pipes[0], &set, 1ul);
	call(ppoll, fds, 1ul, NULL, NULL, 0ul);
	fds[0] = (struct pollfd){0, POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLMSG | 0x1000};
	call(ppoll, fds, 1ul, &(struct timespec){0, 0}, NULL, 8ul);
	call(ppoll, NULL, 0ul, &time, &set, 8ul);
	call(ppoll, fds, 1ul, &(struct timespec){0, -5}, BAD, 8ul);
	call(poll, BAD, 1ul, 0);
}
