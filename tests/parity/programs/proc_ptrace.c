/* ptrace: requests and their arguments. strace is this program's tracer, so most of them fail. */
#include "parity.h"
#include <linux/ptrace.h>
#include <sys/user.h>
int main(void)
{
	long word = 5;
	siginfo_t info = {.si_signo = SIGUSR1};
	struct user_regs_struct regs = {0};
	struct iovec vector = {&regs, sizeof regs};
	struct ptrace_peeksiginfo_args peek = {1, PTRACE_PEEKSIGINFO_SHARED, 3};
	unsigned long set = 1 << (SIGUSR1 - 1);
	int none = 99999999;
	call(ptrace, PTRACE_TRACEME, 0, NULL, NULL);
	call(ptrace, PTRACE_PEEKTEXT, none, 0x401000ul, &word);
	call(ptrace, PTRACE_PEEKUSR, none, 8ul, &word);
	call(ptrace, PTRACE_POKEDATA, none, 0x402000ul, 0xdeadbeeful);
	call(ptrace, PTRACE_POKEUSR, none, 16ul * 8, 1ul);
	call(ptrace, PTRACE_CONT, none, NULL, (long)SIGUSR1);
	call(ptrace, PTRACE_KILL, none, NULL, NULL);
	call(ptrace, PTRACE_SINGLESTEP, none, NULL, 0l);
	call(ptrace, PTRACE_SYSCALL, none, NULL, (long)SIGTERM);
	call(ptrace, PTRACE_ATTACH, none, NULL, NULL);
	call(ptrace, PTRACE_DETACH, none, NULL, 0l);
	call(ptrace, PTRACE_SETOPTIONS, none, NULL, (long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL | 0x80000000));
	call(ptrace, PTRACE_SEIZE, none, NULL, (long)(PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC));
	call(ptrace, PTRACE_INTERRUPT, none, NULL, NULL);
	call(ptrace, PTRACE_LISTEN, none, NULL, NULL);
	call(ptrace, PTRACE_GETEVENTMSG, none, NULL, &word);
	call(ptrace, PTRACE_GETSIGINFO, none, NULL, &info);
	call(ptrace, PTRACE_SETSIGINFO, none, NULL, &info);
	call(ptrace, PTRACE_GETREGS, none, NULL, &regs);
	call(ptrace, PTRACE_SETREGS, none, NULL, &regs);
	call(ptrace, PTRACE_GETREGSET, none, 1ul /* NT_PRSTATUS */, &vector);
	call(ptrace, PTRACE_SETREGSET, none, 2ul /* NT_PRFPREG */, &vector);
	call(ptrace, PTRACE_PEEKSIGINFO, none, &peek, &info);
	call(ptrace, PTRACE_GETSIGMASK, none, 8ul, &set);
	call(ptrace, PTRACE_SETSIGMASK, none, 8ul, &set);
	call(ptrace, PTRACE_GET_SYSCALL_INFO, none, 88ul, &regs);
	call(ptrace, PTRACE_SECCOMP_GET_FILTER, none, 0ul, NULL);
	call(ptrace, 0x7777, none, 1ul, 2ul);
}
