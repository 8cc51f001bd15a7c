/* clone, fork, vfork: flags with the signal in their low byte, the four pointers. */
#include "parity.h"
#include <sched.h>
static int parent_tid, child_tid;
static void child(unsigned long flags)
{
	long pid = call(clone, flags, NULL, &parent_tid, &child_tid, 0ul);
	if (pid == 0)
		call(exit, 3);
	if (pid > 0)
		call(wait4, pid, NULL, __WALL, NULL);
}
int main(void)
{
	signal(SIGUSR1, SIG_IGN);
	child(SIGCHLD);
	child(0);
	child(SIGUSR1 | CLONE_PARENT_SETTID);
	child(SIGCHLD | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID);
	child(SIGCHLD | CLONE_FS | CLONE_FILES | CLONE_IO);
	child(SIGCHLD | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWCGROUP);
	child(SIGCHLD | CLONE_NEWPID | CLONE_NEWNET);
	child(SIGCHLD | CLONE_UNTRACED | CLONE_SIGHAND);
	child(SIGCHLD | CLONE_THREAD);
	child(SIGCHLD | CLONE_NEWUSER | CLONE_FS);
	child(SIGCHLD | CLONE_SIGHAND);
	int pidfd = -1;
	long pid = call(clone, SIGCHLD | CLONE_PIDFD, NULL, &pidfd, NULL, 0ul);
	if (pid == 0)
		call(exit, 0);
	call(wait4, pid, NULL, 0, NULL);
	pid = call(fork);
	if (pid == 0)
		call(exit_group, 4);
	call(wait4, pid, NULL, 0, NULL);
	pid = vfork();
	if (pid == 0)
		_exit(5);
	call(wait4, pid, NULL, 0, NULL);
}
