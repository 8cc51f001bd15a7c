/* Paths at the limits: 4095 bytes are the longest a path may have, 255 the longest name in it. */
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* "././…" of so many bytes, ending in `end`. */
static char *path(char *buffer, int length, const char *end)
{
    for (int n = 0; n < length; n++)
        buffer[n] = n % 2 ? '/' : '.';
    strcpy(buffer + length - strlen(end), end);
    return buffer;
}

int main(int argc, char **argv)
{
    static char buffer[20000], other[20000];

    if (argc < 2 || chdir(argv[1]))
        return 1;
    syscall(SYS_openat, AT_FDCWD, path(buffer, 4095, "/file"), O_CREAT | O_WRONLY, 0600);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 4094, "//file"), O_RDONLY, 0);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 4095, "/absent"), O_RDONLY, 0);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 4096, "/file"), O_RDONLY, 0);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 4097, "/file"), O_RDONLY, 0);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 5000, "/file"), O_RDONLY, 0);
    syscall(SYS_openat, AT_FDCWD, path(buffer, 19999, "/file"), O_RDONLY, 0);
    syscall(SYS_rename, path(buffer, 4095, "/file"), path(other, 4095, "/other"));
    syscall(SYS_rename, path(buffer, 5000, "/other"), path(other, 4095, "/other"));
    syscall(SYS_rename, path(buffer, 4095, "/other"), path(other, 5000, "/other"));
    syscall(SYS_symlink, path(buffer, 4095, "/other"), "link to 4095");
    syscall(SYS_symlink, path(buffer, 4096, "/other"), "link to 4096");
    memset(buffer, 'n', 300);
    buffer[300] = 0;
    syscall(SYS_mkdir, buffer, 0700);
    syscall(SYS_mkdir, buffer + 44, 0700); /* 256 */
    syscall(SYS_mkdir, buffer + 45, 0700); /* 255 */
    syscall(SYS_rmdir, buffer + 45);
    for (int length = 1; length < 20; length++)
        syscall(SYS_access, buffer + 300 - length, F_OK);
    return 0;
}
