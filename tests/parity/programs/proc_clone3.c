/* clone3: clone_args with flags, exit signal, set_tid; sizes that are not its own. */
#include "parity.h"
#include <sched.h>
#include <linux/sched.h>
static void child(struct clone_args *args, unsigned long size)
{
	long pid = call(clone3, args, size);
	if (pid == 0)
		call(exit, 7);
	if (pid > 0)
		call(wait4, pid, NULL, __WALL, NULL);
}
int main(void)
{
	signal(SIGUSR2, SIG_IGN);
	int pidfd, parent_tid, child_tid;
	struct clone_args args = {.exit_signal = SIGCHLD};
	child(&args, sizeof args);
	child(&args, 64);
	args.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
	args.pidfd = (unsigned long)&pidfd;
	args.parent_tid = (unsigned long)&parent_tid;
	args.child_tid = (unsigned long)&child_tid;
	child(&args, sizeof args);
	args = (struct clone_args){.flags = CLONE_CLEAR_SIGHAND | CLONE_NEWUTS, .exit_signal = SIGUSR2};
	child(&args, sizeof args);
	args = (struct clone_args){.exit_signal = SIGCHLD, .set_tid = (unsigned long)(int[]){1}, .set_tid_size = 1, .flags = CLONE_NEWPID};
	child(&args, sizeof args);
	args = (struct clone_args){.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = 999};
	child(&args, sizeof args);
	args = (struct clone_args){.flags = CLONE_VM | CLONE_THREAD, .stack = 0x1000, .stack_size = 0x2000, .tls = 0x3000};
	child(&args, sizeof args);
	args = (struct clone_args){.flags = 1ull << 50, .exit_signal = 1000};
	child(&args, sizeof args);
	child(&args, 16);
	child(NULL, sizeof args);
	child(BAD, sizeof args);
}
