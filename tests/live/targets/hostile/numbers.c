/* Calls by numbers that no table has, by those that are cut, and by the gates of other ABIs. */
#include "made.h"
#include <stdint.h>
#include <sys/wait.h>

#ifdef __x86_64__
static const unsigned long numbers[] = { /* not 335, uretprobe: a SIGILL to whoever calls it */
    334, 337, 386, 387, 423, 449, 470, 471, 511, 512, 547, 548, 1000, 0x3fffffff, 0x40000000, 0x40000000 | 39,
    0x40000000 | 520, 0x7fffffff, 0x80000000, 0xffffffff, -1UL, -2UL, 1UL << 32 | 1000, 0x8000000000000bad,
};

static long gate80(long number, long a) {
    long result;
    asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(2L), "d"(3L), "S"(4L), "D"(5L)
                 : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

static void gates(void) {
    static const long compat[] = {500, 999, 0x3fffffff, 0x40000000, -1, 0x7fffffff};
    for (unsigned i = 0; i < sizeof compat / sizeof *compat; i++)
        say("gate80 %lx %ld\n", compat[i] & 0xffffffff, gate80(compat[i], 1));
    say("gate80 %x %ld\n", 64, gate80(64, 1) > 0 ? 0L : -1L); /* getppid */
    say("gate80 %x %ld\n", 15, gate80(15, -1)); /* chmod, of a pointer that is no 32 bits wide */
}
#else
static const unsigned long numbers[] = {
    244, 259, 295, 337, 386, 387, 402, 423, 449, 470, 471, 511, 512, 547, 548, 1000, 0x3fffffff, 0x40000000,
    0x40000000 | 172, 0x7fffffff, 0x80000000, 0xffffffff, -1UL, -2UL, 1UL << 32 | 1000, 0x8000000000000bad,
};

/* A 32-bit program makes these calls. Above the private ones of arm (0xf0800) a number is a SIGILL.
 * System V ABI, ELF header and program headers of ELFCLASS32; EM_ARM, EABI 5; ARM instructions. */
static void narrow(const uint32_t *calls, unsigned count) {
    enum { BASE = 0x20000000, CODE = 52 + 2 * 32 };
    struct {
        unsigned char ident[16];
        uint16_t type, machine;
        uint32_t version, entry, headers, sections, flags;
        uint16_t size, header_size, count, section_size, section_count, names;
        struct { uint32_t type, offset, at, physical, in_file, in_memory, flags, align; } load[2];
        uint32_t code[64];
    } program = {
        {0x7f, 'E', 'L', 'F', 1, 1, 1}, 2, 40, 1, BASE + CODE, 52, 0, 0x05000000, 52, 32, 2, 0, 0, 0,
        {{1, 0, BASE, BASE, sizeof program, sizeof program, 5, 4096},
         {0x6474e551, 0, 0, 0, 0, 0, 6, 16}}, /* PT_GNU_STACK: not executable */
        {0xe3a01002, 0xe3a02003, 0xe3a03004, 0xe3a04005}, /* mov r1, #2 to mov r4, #5 */
    };
    uint32_t *code = program.code + 4;
    for (unsigned i = 0; i < count; i++) {
        uint32_t low = calls[i] & 0xffff, high = calls[i] >> 16;
        *code++ = 0xe3007000 | (low >> 12) << 16 | (low & 0xfff);        /* movw r7, #low */
        *code++ = 0xe3407000 | (high >> 12) << 16 | (high & 0xfff);      /* movt r7, #high */
        *code++ = calls[i] == 15 ? 0xe3e00000 : 0xe3a00001; /* mvn r0, #0: a bad pointer; mov r0, #1 */
        *code++ = 0xef000000;                               /* svc 0 */
    }
    *code++ = 0xe3a07001, *code++ = 0xef000000; /* exit(what came back last) */
    int status, fd = memfd_create("narrow", MFD_CLOEXEC);
    if (write(fd, &program, sizeof program) != sizeof program)
        _exit(2);
    if (fork() == 0) {
        char *argv[] = {"narrow", NULL};
        fexecve(fd, argv, argv + 1);
        _exit(3);
    }
    wait(&status);
    close(fd);
    for (unsigned i = 0; i < count && status != 3 << 8; i++) /* else this machine runs no 32-bit programs */
        say("narrow %x\n", calls[i]);
    say("narrow ended with %#x\n", status & ~0x80);
}

static void gates(void) {
    static const uint32_t compat[] = {500, 999, 0xf0000, 0xf07ff, -1, 0x80000000, 64, 15}; /* getppid, chmod */
    static const uint32_t deadly[] = {0xf0800, 0x3fffffff, 0x40000000, 0x7fffffff};
    narrow(compat, sizeof compat / sizeof *compat);
    for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++)
        narrow(&deadly[i], 1);
}
#endif

int main(void) {
    begin();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] == 334 || (numbers[i] > 420 && numbers[i] < 475))
            call(numbers[i], -1L, -1L, -1L, -1L, -1L, -1L); /* one that newer kernels have */
        else
            say("number %lx %ld\n", numbers[i], call(numbers[i], 1, 2, 3, 4, 5, 6));
    static const unsigned long longer[] = {1UL << 32, 0xffffffff00000000};
    for (unsigned i = 0; i < 2; i++) {
#ifdef __x86_64__
        call(longer[i] | SYS_chmod, "/hostile/long-number", 0);
#else
        call(longer[i] | SYS_fchmodat, AT_FDCWD, "/hostile/long-number", 0);
#endif
    }
    gates();
    end();
#ifdef __x86_64__
    say("made chmod 3\n"); /* one of them by a gate */
#else
    say("made fchmodat 2\n");
#endif
    told();
    return 0;
}
