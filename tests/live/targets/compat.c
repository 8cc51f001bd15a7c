/* 32-bit calls, and numbers that no call has. On x86-64 a 64-bit program makes them; on arm64 none can, so
   this one starts a 32-bit program of a few instructions. */
#define _GNU_SOURCE
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LOW 0x10000000 /* an address that fits 32 bits */

#ifdef __x86_64__

static long int80(long number, long a, long b, long c)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
    return result;
}

static void narrow(void)
{
    char *low = mmap((void *)LOW, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    strcpy(low, "/etc/hostname");
    long fd = int80(5, (long)low, 0, 0); /* open; 5 is fstat for 64-bit programs */
    int80(5, 1, 0, 0);                   /* open of a bad address */
    int80(6, fd, 0, 0);                  /* close; 6 is lstat */
    int80(511, 7, 0, 0);                 /* nothing */
}

#else

/* System V ABI, ELF header and program headers of ELFCLASS32; EM_ARM, EABI 5; ARM instructions. */
static const struct {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version, entry, headers, sections, flags;
    uint16_t size, header_size, count, section_size, section_count, names;
    struct { uint32_t type, offset, at, physical, in_file, in_memory, flags, align; } load[3];
    uint32_t code[28];
    char path[16];
} program = {
    {0x7f, 'E', 'L', 'F', 1, 1, 1}, 2, 40, 1, 0x20000000 + 148, 52, 0, 0x05000000, 52, 32, 3, 0, 0, 0,
    /* The path begins a page of its own in memory; so it has an offset that agrees with that. */
    {{1, 0, 0x20000000, 0x20000000, 148 + 112 + 16, 148 + 112 + 16, 5, 4096},
     {1, 4096, LOW, LOW, 16, 16, 4, 4096},
     {0x6474e551, 0, 0, 0, 0, 0, 6, 16}}, /* PT_GNU_STACK: not executable */
    {
        0xe3a07005, /* mov r7, #5: open */
        0xe3a00201, /* mov r0, #0x10000000 */
        0xe3a01000, /* mov r1, #0 */
        0xe3a02000, /* mov r2, #0 */
        0xef000000, /* svc 0 */
        0xe1a04000, /* mov r4, r0 */
        0xe3a07005, 0xe3a00001, 0xef000000,             /* open of a bad address */
        0xe3a07006, 0xe1a00004, 0xef000000,             /* close */
        0xe3a07c01, 0xe28770ff, 0xe3a00007, 0xef000000, /* 0x1ff: nothing */
        0xe3a0780f, 0xe2877005, 0xe3a00000, 0xef000000, /* 0xf0005: set_tls */
        0xe3a07001, 0xe3a00000, 0xef000000,             /* exit */
    },
    "/etc/hostname",
};

static void narrow(void)
{
    int fd = memfd_create("narrow", MFD_CLOEXEC);
    char *argv[] = {"narrow", NULL};
    if (write(fd, &program, sizeof program) != sizeof program ||
        pwrite(fd, program.path, sizeof program.path, 4096) != sizeof program.path)
        _exit(2);
    fexecve(fd, argv, argv + 1);
    _exit(3); /* this machine runs no 32-bit programs */
}

#endif

int main(void)
{
#ifdef __x86_64__
    narrow();
#endif
    syscall(0xbad, 1, 2, 3, 4, 5, 6); /* nothing */
    syscall(400, 1, 2, 0, 0, 0, 0);   /* a gap in the table */
#ifndef __x86_64__
    narrow();
#endif
    return 0;
}
