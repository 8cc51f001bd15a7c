/* seccomp: operations, flags, filters as instructions, sizes; the old way through prctl. */
#include "parity.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
int main(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_umask, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 42),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {4, code}, none = {0, NULL}, wrong = {2, BAD};
	struct seccomp_notif_sizes sizes;
	unsigned action = SECCOMP_RET_TRAP;
	call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	call(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
	action = 0x77770000;
	call(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
	call(seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes);
	call(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program);
	call(umask, 0);
	call(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &none);
	call(seccomp, SECCOMP_SET_MODE_FILTER, 0x1000, &wrong);
	call(seccomp, SECCOMP_SET_MODE_FILTER, 0, BAD);
	code[2].k = SECCOMP_RET_USER_NOTIF;
	call(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	call(prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &none, 0, 0);
	call(seccomp, 77, 1, BAD);
	CHILD(call(seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL); call(exit, 0));
}
