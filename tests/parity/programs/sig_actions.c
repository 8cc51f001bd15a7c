/* rt_sigaction: handlers, masks, flags, old and new. */
#include "parity.h"
struct kernel_action { void *handler; unsigned long flags; void *restorer; unsigned long mask; };
static void restorer(void) {}
static void handler(int signal) {}
#define SA_RESTORER_ 0x04000000ul
int main(void)
{
	struct kernel_action old, action = {SIG_IGN, SA_RESTORER_, restorer, 0};
	call(rt_sigaction, SIGUSR1, &action, &old, 8ul);
	action = (struct kernel_action){handler, SA_RESTORER_ | SA_RESTART | SA_NODEFER, restorer, 1ul << (SIGINT - 1) | 1ul << (SIGTERM - 1)};
	call(rt_sigaction, SIGUSR1, &action, &old, 8ul);
	action.flags = SA_RESTORER_ | SA_SIGINFO | SA_ONSTACK | SA_RESETHAND;
	action.mask = ~0ul;
	call(rt_sigaction, SIGRTMIN + 1, &action, &old, 8ul);
	action.mask = ~(1ul << (SIGUSR2 - 1) | 1ul << 40);
	action.flags = SA_NOCLDSTOP | SA_NOCLDWAIT | 0x800 | 0x400 /* SA_EXPOSE_TAGBITS, SA_UNSUPPORTED */;
	call(rt_sigaction, SIGCHLD, &action, NULL, 8ul);
	action = (struct kernel_action){SIG_DFL, 0, NULL, 0};
	call(rt_sigaction, 64, &action, &old, 8ul);
	call(rt_sigaction, SIGCHLD, NULL, &old, 8ul);
	call(rt_sigaction, SIGKILL, &action, &old, 8ul);
	call(rt_sigaction, 0, NULL, NULL, 8ul);
	call(rt_sigaction, 65, &action, NULL, 8ul);
	call(rt_sigaction, SIGUSR1, &action, &old, 4ul);
}
