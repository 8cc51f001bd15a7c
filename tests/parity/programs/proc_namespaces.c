/* unshare, setns: namespaces by their flags. */
#include "parity.h"
#include <sched.h>
int main(void)
{
	CHILD(call(unshare, CLONE_NEWNS | CLONE_FS));
	CHILD(call(unshare, CLONE_NEWUTS); call(sethostname, "argtrace", 8); call(setdomainname, "example", 7));
	CHILD(call(unshare, CLONE_NEWIPC | CLONE_NEWNET));
	CHILD(call(unshare, CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_FILES));
	CHILD(call(unshare, CLONE_NEWUSER | CLONE_SYSVSEM));
	CHILD(call(unshare, 0x80 /* CLONE_NEWTIME */));
	call(unshare, 0);
	call(unshare, CLONE_SIGHAND | 0x3);
	long fd = call(openat, AT_FDCWD, "/proc/self/ns/uts", O_RDONLY);
	call(setns, fd, CLONE_NEWUTS);
	call(setns, fd, 0);
	call(setns, fd, CLONE_NEWNET);
	call(setns, -1, CLONE_NEWIPC | CLONE_NEWPID);
	call(setns, fd, 0x5);
}
