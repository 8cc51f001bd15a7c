/* prctl: capabilities, securebits, ambient set, seccomp mode, speculation, TSC. */
#include "parity.h"
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
int main(void)
{
	int number = -1;
	call(prctl, PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0);
	call(prctl, PR_CAPBSET_READ, 99, 0, 0, 0);
	CHILD(call(prctl, PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0));
	call(prctl, PR_GET_SECUREBITS, 0, 0, 0, 0);
	CHILD(call(prctl, PR_SET_SECUREBITS, 0x1ul | 0x10, 0, 0, 0));
	call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0);
	call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
	call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, CAP_NET_RAW, 0, 0);
	call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	call(prctl, PR_CAP_AMBIENT, 77, 1, 0, 0);
	call(prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
	call(prctl, PR_SET_SECCOMP, 77ul, NULL, 0, 0);
	call(prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, 0, 0, 0);
	call(prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, 0, 0, 0);
	call(prctl, PR_SET_SPECULATION_CTRL, PR_SPEC_L1D_FLUSH, (unsigned long)PR_SPEC_DISABLE, 0, 0);
	call(prctl, PR_GET_TSC, &number, 0, 0, 0);
	call(prctl, PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
	call(prctl, PR_SET_TSC, 9, 0, 0, 0);
	call(prctl, PR_MCE_KILL_GET, 0, 0, 0, 0);
	call(prctl, PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
	call(prctl, PR_MCE_KILL, PR_MCE_KILL_CLEAR, 0, 0, 0);
	call(prctl, PR_SET_SECUREBITS, 0x10000ul, 0, 0, 0);
}
