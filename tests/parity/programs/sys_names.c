/* uname, sysinfo, sethostname, setdomainname: in a namespace of its own. */
#include "parity.h"
#include <sys/sysinfo.h>
#include <sys/utsname.h>
int main(void)
{
	struct utsname names;
	struct sysinfo info;
	call(uname, &names);
	call(sysinfo, &info);
	call(unshare, 0x04000000 /* CLONE_NEWUTS */);
	call(sethostname, "parity.example", 14);
	call(setdomainname, "example", 7);
	call(uname, &names);
	call(sethostname, "", 0);
	call(sethostname, "x", -1);
	call(sethostname, BAD, 5);
	call(setdomainname, NULL, 100);
	call(uname, BAD);
}
