/* mount, umount2, pivot_root: flags, types, data; in a mount namespace of its own. */
#include "parity.h"
#include <sys/mount.h>
int main(void)
{
	call(unshare, 0x00020000 /* CLONE_NEWNS */);
	call(mount, NULL, "/", NULL, (unsigned long)(MS_REC | MS_PRIVATE), NULL);
	call(mkdir, "m", 0755);
	call(mkdir, "n", 0755);
	call(mount, "none", "m", "tmpfs", (unsigned long)(MS_NOSUID | MS_NODEV | MS_NOEXEC), "size=64k,mode=700");
	call(mount, "m", "n", NULL, (unsigned long)MS_BIND, NULL);
	call(mount, NULL, "n", NULL, (unsigned long)(MS_REMOUNT | MS_BIND | MS_RDONLY), NULL);
	call(mount, "n", "m", "ignored", (unsigned long)MS_MOVE, NULL);
	call(mount, NULL, "m", NULL, (unsigned long)(MS_SHARED | MS_REC), NULL);
	call(mount, NULL, "m", NULL, (unsigned long)MS_UNBINDABLE, "data that is not looked at");
	call(mount, "none", "absent", "tmpfs", 0xc0ed0000ul | MS_RELATIME | MS_LAZYTIME, NULL);
	call(mount, "none", "m", "no such type", (unsigned long)(MS_SYNCHRONOUS | MS_MANDLOCK | MS_DIRSYNC | MS_NOATIME | MS_NODIRATIME | MS_SILENT), "a=b");
	call(mount, BAD, "m", "tmpfs", 0ul, BAD);
	call(umount2, "n", MNT_DETACH);
	call(umount2, "m", MNT_EXPIRE);
	call(umount2, "m", MNT_FORCE | UMOUNT_NOFOLLOW);
	call(umount2, "absent", 0x70);
	call(pivot_root, ".", "absent");
	call(pivot_root, NULL, BAD);
	call(swapon, "absent", 0x8000 | 5 | 0x10000);
	call(swapoff, "absent");
	call(acct, "absent");
}
