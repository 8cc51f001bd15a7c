/* Signals that arrive, with what each says of its cause. */
#include "parity.h"
#include <setjmp.h>
static sigjmp_buf back;
static void handler(int signal, siginfo_t *info, void *context)
{
	siglongjmp(back, 1);
}
int main(void)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGUSR1, SIGALRM, SIGPIPE, SIGSYS};
	int pipes[2];
	for (int n = 0; n < COUNT(signals); n++)
		sigaction(signals[n], &action, NULL);
	if (!sigsetjmp(back, 1))
		*(volatile int *)0x1234 = 5;
	if (!sigsetjmp(back, 1))
		*(volatile char *)main = 5;
	if (!sigsetjmp(back, 1))
		__asm__ volatile("ud2");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("int3");
	if (!sigsetjmp(back, 1))
		__asm__ volatile("xor %%ecx, %%ecx; mov $1, %%eax; cltd; idiv %%ecx" ::: "eax", "ecx", "edx");
	long fd = call(openat, AT_FDCWD, "f", O_CREAT | O_RDWR, 0640);
	char *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (!sigsetjmp(back, 1))
		*(volatile char *)map;
	if (!sigsetjmp(back, 1))
		call(kill, getpid(), SIGUSR1);
	call(pipe, pipes);
	call(close, pipes[0]);
	if (!sigsetjmp(back, 1))
		call(write, pipes[1], "x", 1ul);
}
