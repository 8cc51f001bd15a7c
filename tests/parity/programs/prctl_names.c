/* prctl: names, death signal, dumpable, keepcaps, timer slack, no new privileges, subreaper. */
#include "parity.h"
#include <sys/prctl.h>
int main(void)
{
	char name[16];
	int number = -1;
	call(prctl, PR_SET_NAME, "fifteen letters and more", 0, 0, 0);
	call(prctl, PR_GET_NAME, name, 0, 0, 0);
	call(prctl, PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	call(prctl, PR_GET_PDEATHSIG, &number, 0, 0, 0);
	call(prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0);
	call(prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	call(prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
	call(prctl, PR_SET_DUMPABLE, 9, 0, 0, 0);
	call(prctl, PR_GET_KEEPCAPS, 0, 0, 0, 0);
	call(prctl, PR_SET_KEEPCAPS, 1, 0, 0, 0);
	call(prctl, PR_SET_TIMERSLACK, 100000ul, 0, 0, 0);
	call(prctl, PR_GET_TIMERSLACK, 0, 0, 0, 0);
	call(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	call(prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	call(prctl, PR_GET_CHILD_SUBREAPER, &number, 0, 0, 0);
	call(prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0);
	call(prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
	call(prctl, PR_SET_NAME, BAD, 0, 0, 0);
	call(prctl, PR_GET_NAME, BAD, 0, 0, 0);
	call(prctl, 0x7777, 1ul, 2ul, 3ul, 4ul);
	call(prctl, -1, 1ul, 2ul, 3ul, 4ul);
}
