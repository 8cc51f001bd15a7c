/* Calls of a task that has no stack: it was unmapped, or its pointer leads nowhere. */
#include "made.h"

int main(void) {
    unsigned long stack = ((unsigned long)__builtin_frame_address(0) - 0x20000) & -4096UL;
    /* Its pointer is of no use from here on: all is in registers. */
#ifdef __x86_64__
    asm volatile(
        "mov $110, %%eax\n syscall\n"     /* getppid, with a stack */
        "mov %0, %%rdi\n mov %1, %%rsi\n mov $11, %%eax\n syscall\n" /* munmap(stack) */
        "xor %%esp, %%esp\n"
        "mov $1000, %%r12\n"
        "1: mov $110, %%eax\n syscall\n"
        "mov $90, %%eax\n mov %%rsp, %%rdi\n mov $7, %%esi\n syscall\n" /* chmod(rsp, 7) */
        "dec %%r12\n jnz 1b\n"
        "mov $-1, %%rsp\n"
        "mov $90, %%eax\n mov %%rsp, %%rdi\n mov $7, %%esi\n syscall\n"
        "mov $231, %%eax\n mov $5, %%edi\n syscall\n"
        : : "r"(stack), "r"(0x20000UL + 0x8000)
        : "memory");
#else
    asm volatile(
        "mov x8, #173\n svc #0\n"         /* getppid, with a stack */
        "mov x0, %0\n mov x1, %1\n mov x8, #215\n svc #0\n" /* munmap(stack) */
        "mov x9, #0\n mov sp, x9\n"
        "mov x20, #1000\n"
        "1: mov x8, #173\n svc #0\n"
        "mov x8, #53\n mov x0, #-100\n mov x1, sp\n mov x2, #7\n svc #0\n" /* fchmodat(AT_FDCWD, sp, 7) */
        "subs x20, x20, #1\n b.ne 1b\n"
        "mov x9, #-1\n mov sp, x9\n"
        "mov x8, #53\n mov x0, #-100\n mov x1, sp\n mov x2, #7\n svc #0\n"
        "mov x8, #94\n mov x0, #5\n svc #0\n"
        : : "r"(stack), "r"(0x20000UL + 0x8000)
        : "x0", "x1", "x2", "x8", "x9", "x20", "memory");
#endif
    return 0;
}
