/* Eight threads that share a mutex, a condition, a pipe and a file, and time out at times. */
#include "parity.h"
#include <pthread.h>
#include <stdio.h>
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int pipes[2], file, turns;
static void *work(void *argument)
{
	char line[64];
	for (int n = 0; n < 20; n++) {
		pthread_mutex_lock(&mutex);
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec = (until.tv_nsec + 500000) % 1000000000;
		if (turns++ % 5 == 0)
			pthread_cond_timedwait(&condition, &mutex, &until);
		pthread_mutex_unlock(&mutex);
		pthread_cond_signal(&condition);
		int length = snprintf(line, sizeof line, "thread %ld, turn %d\n", (long)argument, n);
		if (write(pipes[1], line, length) == length && read(pipes[0], line, length) == length)
			pwrite(file, line, length, turns * 32);
		free(malloc(1 << (n + 5)));
	}
	return NULL;
}
int main(void)
{
	pthread_t threads[8];
	pipe(pipes);
	file = open("log", O_CREAT | O_RDWR, 0600);
	for (long n = 0; n < COUNT(threads); n++)
		pthread_create(&threads[n], NULL, work, (void *)n);
	for (int n = 0; n < COUNT(threads); n++)
		pthread_join(threads[n], NULL);
}
