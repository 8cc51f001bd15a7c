/* Files by name: the calls that were there first (open, creat, rename, link, stat and so on), which
   today's C library no longer makes, each once with success and some with failure. */
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utime.h>

int main(int argc, char **argv)
{
    char buffer[64];
    struct stat st;
    struct statfs system;
    struct utimbuf times = {1, 2};
    struct timeval precise[2] = {{1, 2}, {3, 4}};

    if (argc < 2 || syscall(SYS_chdir, argv[1]))
        return 1;
    syscall(SYS_mkdir, "dir", 0755);
    syscall(SYS_mkdir, "dir", 0700);
    int fd = syscall(SYS_creat, "dir/one", 0640);
    write(fd, "hello", 5);
    close(fd);
    fd = syscall(SYS_open, "dir/two", O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600);
    write(fd, "two", 3);
    lseek(fd, 0, SEEK_SET);
    read(fd, buffer, sizeof buffer);
    fstat(fd, &st);
    ftruncate(fd, 2);
    fsync(fd);
    fdatasync(fd);
    close(fd);
    syscall(SYS_open, "dir/two", O_RDWR | O_CREAT | O_EXCL, 0600);
    syscall(SYS_open, "no such file", O_RDONLY);
    syscall(SYS_rename, "dir/one", "dir/three");
    syscall(SYS_rename, "dir/one", "dir/four");
    syscall(SYS_link, "dir/three", "dir/five");
    syscall(SYS_symlink, "five", "dir/six");
    syscall(SYS_readlink, "dir/six", buffer, sizeof buffer);
    syscall(SYS_readlink, "dir/five", buffer, sizeof buffer);
    syscall(SYS_stat, "dir/six", &st);
    syscall(SYS_lstat, "dir/six", &st);
    syscall(SYS_access, "dir/two", R_OK | W_OK);
    syscall(SYS_chmod, "dir/two", 0400);
    syscall(SYS_chown, "dir/two", 1, 2);
    syscall(SYS_lchown, "dir/six", -1, 2);
    syscall(SYS_truncate, "dir/two", 1L);
    syscall(SYS_truncate, "dir/two", -1L);
    syscall(SYS_utime, "dir/two", &times);
    syscall(SYS_utimes, "dir/two", precise);
    syscall(SYS_mknod, "dir/fifo", S_IFIFO | 0600, 0);
    syscall(SYS_statfs, "dir", &system);
    syscall(SYS_getcwd, buffer, sizeof buffer);
    syscall(SYS_unlink, "dir/fifo");
    syscall(SYS_unlink, "dir/two");
    syscall(SYS_unlink, "dir/two");
    syscall(SYS_unlink, "dir/three");
    syscall(SYS_unlink, "dir/five");
    syscall(SYS_rmdir, "dir");
    syscall(SYS_unlink, "dir/six");
    syscall(SYS_rmdir, "dir");
    return 0;
}
