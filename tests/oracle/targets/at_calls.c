/* Files by directory and name: the *at calls, with a descriptor, with AT_FDCWD, with a descriptor
   that is none, and with an absolute path that makes the descriptor meaningless. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char buffer[4096];
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY, .resolve = RESOLVE_BENEATH};
    struct timespec times[2] = {{1, 2}, {0, UTIME_OMIT}};

    if (argc < 2)
        return 1;
    int dir = syscall(SYS_openat, AT_FDCWD, argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    syscall(SYS_mkdirat, dir, "sub", 0755);
    int sub = syscall(SYS_openat2, dir, "sub", &how, sizeof how);
    syscall(SYS_openat2, dir, "../sub", &how, sizeof how);
    int fd = syscall(SYS_openat, sub, "file", O_RDWR | O_CREAT, 0644);
    syscall(SYS_openat, 77, "file", O_RDONLY, 0);
    syscall(SYS_openat, 77, "/", O_RDONLY, 0);
    syscall(SYS_renameat, sub, "file", dir, "moved");
    syscall(SYS_renameat2, dir, "moved", sub, "file", 1 /* RENAME_NOREPLACE */);
    syscall(SYS_linkat, sub, "file", dir, "hard", 0);
    syscall(SYS_linkat, fd, "", dir, "from fd", AT_EMPTY_PATH);
    syscall(SYS_symlinkat, "sub/file", dir, "soft");
    syscall(SYS_readlinkat, dir, "soft", buffer, 5);
    syscall(SYS_readlinkat, dir, "", buffer, sizeof buffer);
    syscall(SYS_fchmodat, sub, "file", 0600);
    syscall(SYS_fchownat, dir, "soft", 3, 4, AT_SYMLINK_NOFOLLOW);
    syscall(SYS_faccessat, dir, "soft", R_OK);
    syscall(SYS_faccessat2, dir, "soft", X_OK, AT_EACCESS);
    syscall(SYS_newfstatat, dir, "soft", buffer, AT_SYMLINK_NOFOLLOW);
    syscall(SYS_newfstatat, fd, "", buffer, AT_EMPTY_PATH);
    syscall(SYS_statx, dir, "sub", AT_STATX_DONT_SYNC, STATX_BASIC_STATS, buffer);
    syscall(SYS_statx, fd, NULL, AT_EMPTY_PATH, STATX_BASIC_STATS, buffer);
    syscall(SYS_utimensat, dir, "hard", times, 0);
    syscall(SYS_utimensat, fd, NULL, times, 0);
    syscall(SYS_futimesat, dir, "hard", NULL);
    syscall(SYS_mknodat, dir, "fifo", S_IFIFO | 0600, 0);
    syscall(SYS_name_to_handle_at, dir, "sub", buffer, buffer + 128, 0);
    syscall(SYS_unlinkat, dir, "fifo", 0);
    syscall(SYS_unlinkat, dir, "sub", AT_REMOVEDIR);
    syscall(SYS_unlinkat, dir, "sub", 0);
    syscall(SYS_fchdir, sub);
    syscall(SYS_unlinkat, AT_FDCWD, "file", 0);
    /* A program that keeps its descriptors in 64 bits passes other bits for the same directory. */
    syscall(SYS_unlinkat, (long)AT_FDCWD, "../hard", 0L);
    syscall(SYS_unlinkat, 0xdead00000000L | dir, "soft", 0L);
    return 0;
}
