/* getuid, setuid and their kin: ids of users and groups, -1 that leaves them alone, outputs of three. */
#include "parity.h"
int main(void)
{
	unsigned r, e, s, groups[8];
	call(getuid);
	call(geteuid);
	call(getgid);
	call(getegid);
	call(getresuid, &r, &e, &s);
	call(getresgid, &r, &e, &s);
	call(getresuid, NULL, BAD, &s);
	CHILD(call(setgroups, 3ul, (unsigned[]){1, 20, 4000000000u}); call(getgroups, 8, groups);
	      call(getgroups, 0, NULL); call(getgroups, 1, groups); call(setgroups, 0ul, NULL);
	      call(setgroups, 100000ul, BAD); call(setgroups, 3ul, BAD));
	CHILD(call(setregid, -1, 100); call(setresgid, -1, -1, 50); call(setgid, 1000); call(setfsgid, 77));
	CHILD(call(setreuid, -1, 1000); call(setresuid, -1, 0, -1); call(setfsuid, 1000); call(setfsuid, -1);
	      call(setuid, 65534); call(setuid, 0); call(setresuid, 1, 2, 3); call(setgid, 0));
	call(setuid, -1);
}
