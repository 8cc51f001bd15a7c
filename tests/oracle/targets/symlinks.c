/* Symbolic links: what they point to need not exist, need not be a path, and may be long. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char buffer[5000], name[16] = "link 00";
    struct stat st;

    if (argc < 2 || chdir(argv[1]))
        return 1;
    syscall(SYS_symlink, "nowhere, and not a path: \n\t\"", "dangling");
    syscall(SYS_symlink, "", "empty");
    syscall(SYS_symlink, "dangling", "");
    syscall(SYS_symlink, "target", "dangling");
    syscall(SYS_stat, "dangling", &st);
    syscall(SYS_lstat, "dangling", &st);
    syscall(SYS_readlink, "dangling", buffer, sizeof buffer);
    syscall(SYS_open, "dangling", O_RDONLY | O_NOFOLLOW);
    syscall(SYS_open, "dangling", O_RDONLY);
    syscall(SYS_chdir, "dangling");
    close(open("file", O_CREAT | O_WRONLY, 0600));
    syscall(SYS_symlink, "file", "link 00");
    for (int n = 1; n <= 45; n++) { /* the kernel follows 40 */
        char next[16] = "link 00";
        next[5] = '0' + n / 10;
        next[6] = '0' + n % 10;
        syscall(SYS_symlink, name, next);
        syscall(SYS_access, next, F_OK);
        strcpy(name, next);
    }
    memset(buffer, 'a', 4095);
    buffer[4095] = 0;
    syscall(SYS_symlinkat, buffer, AT_FDCWD, "longest");
    syscall(SYS_readlinkat, AT_FDCWD, "longest", buffer, sizeof buffer);
    syscall(SYS_readlink, "/proc/self/fd/0", buffer, sizeof buffer);
    return 0;
}
