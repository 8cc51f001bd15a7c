/* Strings in pages that nobody has touched: the kernel brings them in when it reads the name, so they
   are there once the call is done; unless the call fails before it looks at the name. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES = 64 };

int main(int argc, char **argv)
{
    struct open_how how = {0};

    if (argc < 2 || chdir(argv[1]))
        return 1;
    int fd = open("names", O_RDWR | O_CREAT, 0600);
    for (int n = 0; n < PAGES; n++)
        pwrite(fd, "a name in a file's page", 24, n * PAGE + PAGE - 12); /* across two of them */
    posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
    char *map = mmap(NULL, PAGES * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    madvise(map, PAGES * PAGE, MADV_RANDOM); /* one page at a time */
    for (int n = 0; n < 8; n++)
        syscall(SYS_access, map + 2 * n * PAGE + PAGE - 12, F_OK);
    syscall(SYS_rename, map + 17 * PAGE - 12, map + 19 * PAGE - 12);
    syscall(SYS_symlink, map + 33 * PAGE - 12, "link");
    char *zero = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    syscall(SYS_access, zero, F_OK);          /* an empty string that nobody wrote */

    madvise(map, PAGES * PAGE, MADV_DONTNEED);
    syscall(SYS_openat2, AT_FDCWD, map + 41 * PAGE - 12, &how, 1L); /* EINVAL before it reads a name */
    return 0;
}
