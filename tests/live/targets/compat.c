/* 32-bit calls from a 64-bit program, and numbers that no call has. */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static long int80(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

int main(void)
{
    /* An address that fits 32 bits. */
    char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    strcpy(low, "/etc/hostname");
    long fd = int80(5, (long)low, 0, 0); /* open; 5 is fstat for 64-bit programs */
    int80(5, 1, 0, 0);                   /* open of a bad address */
    int80(6, fd, 0, 0);                  /* close; 6 is lstat */
    int80(511, 7, 0, 0);                 /* nothing */
    syscall(0xbad, 1, 2, 3, 4, 5, 6);    /* nothing */
    syscall(400, 1, 2);                  /* a gap in the table */
    return 0;
}
