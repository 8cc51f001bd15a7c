/* ioctl: namespaces, perf, device mapper, USB, CD, NBD, UBI, seccomp; numbers that nobody has. */
#include "parity.h"
#include <linux/btrfs.h>
#include <linux/cdrom.h>
#include <linux/nbd.h>
#include <linux/nsfs.h>
#include <linux/usbdevice_fs.h>
#include <linux/dm-ioctl.h>
#include <linux/fsverity.h>
#include <mtd/ubi-user.h>
#include <sys/ioctl.h>
int main(void)
{
	int value = 0;
	unsigned uid = 0;
	char bytes[512] = "";
	long user = call(openat, AT_FDCWD, "/proc/self/ns/user", O_RDONLY);
	long uts = call(openat, AT_FDCWD, "/proc/self/ns/uts", O_RDONLY);
	call(ioctl, uts, NS_GET_USERNS);
	call(ioctl, user, NS_GET_PARENT);
	call(ioctl, user, NS_GET_NSTYPE);
	call(ioctl, uts, NS_GET_NSTYPE);
	call(ioctl, user, NS_GET_OWNER_UID, &uid);
	call(ioctl, uts, NS_GET_OWNER_UID, &uid);
	call(ioctl, 0, DM_VERSION, bytes);
	call(ioctl, 0, USBDEVFS_RESET, 0);
	call(ioctl, 0, CDROMEJECT, 0);
	call(ioctl, 0, NBD_SET_SOCK, 3);
	call(ioctl, 0, NBD_SET_FLAGS, 5);
	call(ioctl, 0, UBI_IOCDET, &value);
	call(ioctl, 0, BTRFS_IOC_SYNC, 0);
	call(ioctl, 0, FS_IOC_ENABLE_VERITY, bytes);
	call(ioctl, 0, _IO('?', 1), 5ul);
	call(ioctl, 0, _IOR('?', 2, char[20]), bytes);
	call(ioctl, 0, _IOW('?', 3, int), &value);
	call(ioctl, 0, _IOWR('?', 4, char[100]), bytes);
	call(ioctl, 0, 0, 0);
	call(ioctl, 0, 0xffffffff, -1l);
	call(ioctl, 0, 0x100005401ul, bytes);
}
