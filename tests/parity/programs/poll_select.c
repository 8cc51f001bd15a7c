/* select, pselect6: three sets, those that come back, and the time that is left. */
#include "parity.h"
#include <sys/select.h>
static int pipes[2], more[2];
static fd_set in, out, except;
static void sets(void)
{
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	FD_SET(pipes[0], &in);
	FD_SET(more[0], &in);
	FD_SET(pipes[1], &out);
	FD_SET(more[0], &except);
}
int main(void)
{
	struct timeval tv = {1, 500000};
	struct timespec ts = {0, 2000000};
	unsigned long mask = 1ul << (SIGUSR1 - 1);
	struct { void *set; size_t size; } sigset = {&mask, 8};
	call(pipe, pipes);
	call(pipe, more);
	sets(), call(select, 10, &in, &out, &except, &tv);
	call(write, pipes[1], "x", 1ul);
	sets(), call(select, 10, &in, NULL, NULL, &tv);
	sets(), call(select, 10, &in, &out, NULL, NULL);
	sets();
	FD_CLR(pipes[0], &in);
	call(select, 10, &in, NULL, NULL, &(struct timeval){0, 1000});
	call(select, 0, NULL, NULL, NULL, &(struct timeval){0, 5});
	sets(), call(pselect6, 10, &in, &out, &except, &ts, &sigset);
	sets();
	FD_CLR(pipes[0], &in);
	call(pselect6, 10, &in, NULL, NULL, &ts, NULL);
	sigset.set = NULL;
	call(pselect6, 0, NULL, NULL, NULL, &ts, &sigset);
	FD_SET(60, &in);
	call(select, 61, &in, NULL, NULL, &tv);
	call(select, -1, &in, NULL, NULL, &tv);
	call(pselect6, 5, NULL, BAD, NULL, BAD, BAD);
}
