/* quotactl, quotactl_fd: commands with their type inside, of both kinds, on a device that is none. */
#include "parity.h"
#include <linux/dqblk_xfs.h>
#include <linux/quota.h>
static const int commands[] = {Q_SYNC, Q_QUOTAON, Q_QUOTAOFF, Q_GETFMT, Q_GETINFO, Q_SETINFO, Q_GETQUOTA, Q_SETQUOTA,
	Q_GETNEXTQUOTA, Q_XQUOTAON, Q_XQUOTAOFF, Q_XGETQUOTA, Q_XSETQLIM, Q_XGETQSTAT, Q_XGETQSTATV, Q_XGETNEXTQUOTA, 0x1234};
int main(void)
{
	static uint64_t data[32] = {0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666, 0x7777, 0x8888, 0x9f};
	for (int n = 0; n < COUNT(commands); n++)
		call(quotactl, QCMD(commands[n], n % 3), "/dev/null", 1000 + n, data);
	call(quotactl, QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL);
	call(quotactl, QCMD(Q_QUOTAON, GRPQUOTA), "/dev/null", QFMT_VFS_V1, "aquota.group");
	call(quotactl, QCMD(Q_SETQUOTA, 7), "absent", -1, BAD);
	long fd = call(openat, AT_FDCWD, ".", O_RDONLY);
	call(quotactl_fd, fd, QCMD(Q_GETQUOTA, USRQUOTA), 0, data);
	call(quotactl_fd, -1, QCMD(Q_GETFMT, PRJQUOTA), 5, data);
}
