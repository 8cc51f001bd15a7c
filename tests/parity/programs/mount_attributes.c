/* mount_setattr, and open_tree_attr that strace 6.1 does not know: bits set, bits cleared, sizes. */
#include "parity.h"
#include <linux/mount.h>
/* expect: open_tree_attr(AT_FDCWD, "m", OPEN_TREE_CLONE, {attr_set=MOUNT_ATTR_RDONLY, attr_clr=0, propagation=0, userns_fd=0}, 32) = _ */
/* expect: open_tree_attr(-1, NULL, 0, NULL, 0) = -1 _ */
int main(void)
{
	call(unshare, 0x00020000);
	call(mount, NULL, "/", NULL, 0x44000ul, NULL);
	call(mkdir, "m", 0755);
	call(mount, "none", "m", "tmpfs", 0ul, NULL);
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, .attr_clr = MOUNT_ATTR_NOSUID};
	call(mount_setattr, AT_FDCWD, "m", 0, &attr, sizeof attr);
	attr = (struct mount_attr){.attr_set = MOUNT_ATTR_NOATIME, .attr_clr = MOUNT_ATTR__ATIME, .propagation = 1 << 18};
	call(mount_setattr, AT_FDCWD, "m", 0x8000 /* AT_RECURSIVE */, &attr, sizeof attr);
	attr = (struct mount_attr){.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = 99};
	call(mount_setattr, AT_FDCWD, "m", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, &attr, sizeof attr);
	attr = (struct mount_attr){.attr_set = 1ull << 40};
	call(mount_setattr, AT_FDCWD, "m", 0x4, &attr, sizeof attr);
	call(mount_setattr, AT_FDCWD, "absent", 0, &attr, 8ul);
	call(mount_setattr, -1, NULL, 0, BAD, sizeof attr);
	attr = (struct mount_attr){.attr_set = MOUNT_ATTR_RDONLY};
	call(open_tree_attr, AT_FDCWD, "m", OPEN_TREE_CLONE, &attr, sizeof attr);
	call(open_tree_attr, -1, NULL, 0, NULL, 0ul);
}
