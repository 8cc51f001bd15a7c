/* getpid, getppid, getpgid, setpgid, getsid, setsid: processes, groups, sessions. */
#include "parity.h"
int main(void)
{
	call(getpid);
	call(getppid);
	call(gettid);
	call(getpgrp);
	call(getpgid, 0);
	call(getpgid, getpid());
	call(getpgid, -5);
	call(getsid, 0);
	call(getsid, 99999999);
	CHILD(call(setpgid, 0, 0); call(getpgrp); call(setsid));
	CHILD(call(setsid); call(getsid, 0); call(setpgid, 0, 0));
	call(setpgid, -1, 1);
	call(setpgid, 99999999, 0);
}
