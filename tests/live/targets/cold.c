/* Strings in pages that are not there when the call is entered.
 *
 * usage: cold FILE FILE     (two files it may write)
 *
 * Each path is written to a file, dropped from the page cache and mapped again, so
 * that the first to touch the page is the kernel, inside the system call.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *cold(const char *file, const char *text)
{
    char page[4096] = { 0 };
    unsigned char resident = 0;
    int fd = open(file, O_CREAT | O_TRUNC | O_RDWR, 0600);
    strcpy(page, text);
    if (write(fd, page, sizeof page) != sizeof page)
        return NULL;
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    char *map = mmap(NULL, sizeof page, PROT_READ, MAP_PRIVATE, fd, 0);
    mincore(map, sizeof page, &resident);
    if (resident & 1)
        puts("resident");
    close(fd);
    return map;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    char *environment[] = { "A=1", "B=2", NULL };

    openat(AT_FDCWD, cold(argv[1], "/etc/hostname"), O_RDONLY);
    openat(AT_FDCWD, cold(argv[1], "/cold/nonexistent"), O_RDONLY);
    openat(AT_FDCWD, (char *)16, O_RDONLY);
    openat(AT_FDCWD, NULL, O_RDONLY);
    openat(AT_FDCWD, "", O_RDONLY);
    fflush(stdout);

    char *failing[] = { cold(argv[2], "never read"), "warm", NULL };
    execve(cold(argv[1], "/cold/nosuch"), failing, environment);

    char *working[] = { "true", cold(argv[2], "cold argument"), NULL };
    execve(cold(argv[1], "/bin/true"), working, environment);
    return 1;
}
