/* A thread that calls exec, others that end with it. */
#include "parity.h"
#include <pthread.h>
static void *waits(void *argument)
{
	call(pause);
	return NULL;
}
static void *executes(void *argument)
{
	usleep(20000);
	char *arguments[] = {"exe", "again", NULL};
	call(execve, "/proc/self/exe", arguments, NULL);
	return NULL;
}
int main(int argc, char **argv)
{
	pthread_t thread;
	if (argc > 1) {
		call(gettid);
		return 0;
	}
	pthread_create(&thread, NULL, waits, NULL);
	pthread_create(&thread, NULL, executes, NULL);
	call(pause);
}
