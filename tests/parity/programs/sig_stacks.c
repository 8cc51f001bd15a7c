/* sigaltstack: where, how large, how; old and new. */
#include "parity.h"
int main(void)
{
	static char memory[16384];
	stack_t stack = {.ss_sp = memory, .ss_size = sizeof memory, .ss_flags = 0}, old;
	call(sigaltstack, NULL, &old);
	call(sigaltstack, &stack, &old);
	call(sigaltstack, NULL, &old);
	stack.ss_flags = 1u << 31 /* SS_AUTODISARM */;
	call(sigaltstack, &stack, NULL);
	stack = (stack_t){.ss_flags = SS_DISABLE};
	call(sigaltstack, &stack, &old);
	stack = (stack_t){.ss_sp = memory, .ss_size = 10};
	call(sigaltstack, &stack, NULL);
	stack.ss_flags = 0x77;
	call(sigaltstack, &stack, NULL);
	call(sigaltstack, BAD, NULL);
	call(sigaltstack, NULL, NULL);
}
