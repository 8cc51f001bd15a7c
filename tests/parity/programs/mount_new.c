/* fsopen, fsconfig, fsmount, fspick, move_mount, open_tree: a file system set up step by step. */
#include "parity.h"
#include <linux/mount.h>
int main(void)
{
	char log[128];
	call(unshare, 0x00020000);
	call(mount, NULL, "/", NULL, 0x44000ul, NULL);
	call(mkdir, "m", 0755);
	long fs = call(fsopen, "tmpfs", FSOPEN_CLOEXEC);
	call(fsconfig, fs, FSCONFIG_SET_STRING, "size", "64k", 0);
	call(fsconfig, fs, FSCONFIG_SET_FLAG, "ro", NULL, 0);
	call(fsconfig, fs, FSCONFIG_SET_BINARY, "blob", "\1\2\3\4", 4);
	call(fsconfig, fs, FSCONFIG_SET_PATH, "path", "/some/path", AT_FDCWD);
	call(fsconfig, fs, FSCONFIG_SET_PATH_EMPTY, "path", "", 0);
	call(fsconfig, fs, FSCONFIG_SET_FD, "fd", NULL, 0);
	call(fsconfig, fs, 77, "x", BAD, 5);
	call(fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	call(read, fs, log, sizeof log);
	long mnt = call(fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
	call(move_mount, mnt, "", AT_FDCWD, "m", MOVE_MOUNT_F_EMPTY_PATH);
	long tree = call(open_tree, AT_FDCWD, "m", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | 0x8000 /* AT_RECURSIVE */);
	call(open_tree, -1, "absent", AT_NO_AUTOMOUNT | 0x2);
	call(fspick, AT_FDCWD, "m", FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT);
	call(fspick, AT_FDCWD, "", FSPICK_EMPTY_PATH | 0x80);
	call(move_mount, tree, "", AT_FDCWD, "absent", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS | MOVE_MOUNT_SET_GROUP);
	call(fsopen, "absent", 0x70);
	call(fsmount, -1, 0, 0x7f000000 | MOUNT_ATTR_RDONLY);
	call(fsconfig, -1, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
}
