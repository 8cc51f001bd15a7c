/* getrlimit, setrlimit, prlimit64: each resource, infinity, old and new. */
#include "parity.h"
#include <sys/resource.h>
int main(void)
{
	struct rlimit limit, old;
	for (int n = 0; n < 17; n++)
		call(getrlimit, n, &limit);
	call(setrlimit, RLIMIT_CORE, &(struct rlimit){0, 1024});
	call(setrlimit, RLIMIT_NOFILE, &(struct rlimit){100, 50});
	call(prlimit64, 0, RLIMIT_NOFILE, NULL, &old);
	call(prlimit64, getpid(), RLIMIT_STACK, &(struct rlimit){1 << 20, RLIM_INFINITY}, &old);
	call(prlimit64, 0, RLIMIT_FSIZE, &(struct rlimit){12345, 1048577}, NULL);
	call(prlimit64, 99999999, RLIMIT_CPU, NULL, &old);
	call(prlimit64, 0, 77, NULL, NULL);
	call(setrlimit, RLIMIT_AS, NULL);
}
