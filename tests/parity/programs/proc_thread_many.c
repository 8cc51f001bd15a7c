/* Threads that call the same calls at once, with their own arguments. */
#include "parity.h"
#include <pthread.h>
static void *work(void *argument)
{
	char name[16] = "thread ", buffer[16];
	name[7] = '0' + (long)argument;
	int pipes[2];
	for (int n = 0; n < 10; n++) {
		name[8] = '0' + n;
		call(pipe2, pipes, O_CLOEXEC);
		call(write, pipes[1], name, 10ul);
		call(read, pipes[0], buffer, sizeof buffer);
		call(access, name, F_OK);
		call(close, pipes[0]);
		call(close, pipes[1]);
	}
	return NULL;
}
int main(void)
{
	pthread_t threads[4];
	for (long n = 0; n < 4; n++)
		pthread_create(&threads[n], NULL, work, (void *)n);
	for (int n = 0; n < 4; n++)
		pthread_join(threads[n], NULL);
}
