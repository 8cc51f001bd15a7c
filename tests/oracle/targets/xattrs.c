/* Extended attributes: the path and the attribute's name are two strings of one call. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/xattr.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char value[64], name[300];

    if (argc < 2 || chdir(argv[1]))
        return 1;
    int fd = open("file", O_RDWR | O_CREAT, 0600);
    symlink("file", "link");
    setxattr("file", "user.argtrace", "value", 5, 0);
    setxattr("file", "user.argtrace", "value", 5, XATTR_CREATE);
    lsetxattr("link", "trusted.argtrace", "value", 5, 0);
    fsetxattr(fd, "user.of a descriptor", "\0\1\2", 3, XATTR_REPLACE);
    fsetxattr(fd, "user.of a descriptor", "\0\1\2", 3, 0);
    getxattr("file", "user.argtrace", value, sizeof value);
    getxattr("file", "user.argtrace", value, 1);
    lgetxattr("link", "trusted.argtrace", value, sizeof value);
    fgetxattr(fd, "user.absent", value, sizeof value);
    getxattr("file", "", value, sizeof value);
    getxattr("file", NULL, value, sizeof value);
    getxattr("", "user.argtrace", value, sizeof value);
    memset(name, 'x', sizeof name);
    memcpy(name, "user.", 5);
    name[255] = 0;
    setxattr("file", name, value, 1, 0);   /* 255 bytes: the longest name */
    name[255] = 'x';
    name[256] = 0;
    setxattr("file", name, value, 1, 0);   /* ERANGE */
    listxattr("file", value, 0);
    llistxattr("link", value, sizeof value);
    flistxattr(fd, value, 0);
    removexattr("file", "user.argtrace");
    removexattr("file", "user.argtrace");
    lremovexattr("link", "trusted.argtrace");
    fremovexattr(fd, "user.of a descriptor");
    return 0;
}
