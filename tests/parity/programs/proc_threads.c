/* Threads: their clone, set_tid_address, robust lists, gettid, exit of one and of all. */
#include "parity.h"
#include <linux/futex.h>
#include <pthread.h>
static void *work(void *argument)
{
	call(gettid);
	call(write, -1, argument, strlen(argument));
	return NULL;
}
int main(void)
{
	pthread_t one, two;
	struct robust_list_head head = {{&head.list}, 16, NULL}, *got;
	size_t size;
	pthread_create(&one, NULL, work, "one");
	pthread_join(one, NULL);
	pthread_create(&two, NULL, work, "two");
	pthread_join(two, NULL);
	call(get_robust_list, 0, &got, &size);
	call(get_robust_list, 99999999, &got, &size);
	call(get_robust_list, 0, NULL, BAD);
	call(set_robust_list, &head, sizeof head);
	call(set_robust_list, &head, 5ul);
	call(set_robust_list, NULL, sizeof head);
	call(set_tid_address, NULL);
}
