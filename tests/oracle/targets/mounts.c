/* Calls that change what is mounted where, each made so that it must fail: what they are told is
   five strings, some of them absent. Nothing is ever mounted. */
#define _GNU_SOURCE
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 2 || chdir(argv[1]))
        return 1;
    mount("source", "./absent", "tmpfs", MS_RDONLY | MS_NOSUID, "size=1m");
    mount("none", "./absent", "no such file system", 0, NULL);
    mount(NULL, "./absent", NULL, MS_REMOUNT | MS_BIND, NULL);
    mount("", "", "", 0, "");
    mount("source", NULL, "tmpfs", 0, NULL);
    mount("source", (char *)8, "tmpfs", 0, NULL);
    mount((char *)8, "./absent", (char *)9, 0, NULL);
    umount("./absent");
    umount2("./absent", MNT_DETACH | MNT_FORCE);
    umount2(".", UMOUNT_NOFOLLOW);
    umount2("", 0xffff);
    syscall(SYS_pivot_root, "./absent", "./absent as well");
    syscall(SYS_chroot, "./absent");
    syscall(SYS_swapon, "./absent", 0L);
    syscall(SYS_swapoff, "./absent");
    syscall(SYS_acct, "./absent");
    syscall(SYS_fsopen, "no such file system", 1L);
    syscall(SYS_fsconfig, 99L, 1L, "key", "value", 0L);
    syscall(SYS_fsmount, 99L, 1L, 0L);
    syscall(SYS_fspick, -100L, "./absent", 0L);
    syscall(SYS_open_tree, -100L, "./absent", 0L);
    syscall(SYS_move_mount, -100L, "./absent", -100L, "./absent as well", 0L);
    syscall(SYS_mount_setattr, -100L, "./absent", 0L, NULL, 0L);
    syscall(SYS_fanotify_mark, 99L, 1L, 2L, -100L, "./absent");
    int watch = syscall(SYS_inotify_init1, 0L);
    syscall(SYS_inotify_add_watch, watch, ".", 0x100L);
    syscall(SYS_inotify_add_watch, watch, "./absent", 0x100L);
    return 0;
}
