/* Strings of every kind: empty, NULL, at bad addresses, with bytes that need quoting, at the very end
   of a mapping, and running out of it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void both(long address)
{
    syscall(SYS_access, address, F_OK);
    syscall(SYS_rename, "a good string", address);
    syscall(SYS_rename, address, "a good string");
    syscall(SYS_linkat, AT_FDCWD, address, AT_FDCWD, address, 0L);
}

int main(int argc, char **argv)
{
    if (argc < 2 || chdir(argv[1]))
        return 1;
    both((long)"");
    both(0);
    both(1);
    both(4095);
    both(0x7fffffffffffL);      /* the last byte of what a program may have */
    both(0x800000000000L);
    both(0x8000000000000000L);   /* not canonical */
    both(-1);
    both(-4096L);
    both((long)main & -4096L);   /* the page that holds this program */
    both((long)"tab\tnewline\nquote\"backslash\\bell\a\x7f");
    both((long)"\xc3\xa4\xe2\x82\xac UTF-8");
    both((long)"\xff\xfe\x80 no UTF-8 \xc3");
    both((long)"digits after an octal \0011");

    char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 4096, 4096);
    mprotect(page + 2 * 4096, 4096, PROT_NONE);
    memset(page, 'p', 4096);
    both((long)page + 4090);     /* runs out into the hole */
    both((long)page);
    page[4095] = 0;
    both((long)page + 4090);     /* ends with the page */
    both((long)page + 4095);     /* empty, in the last byte */
    both((long)page + 4096);     /* in the hole */
    both((long)page + 2 * 4096); /* no right to read */
    return 0;
}
