/* Calls of a task that has no stack: it was unmapped, or its pointer leads nowhere. */
#include "made.h"

int main(void) {
    /* rsp is of no use from here on: all is in registers. */
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
        : : "r"(((unsigned long)__builtin_frame_address(0) - 0x20000) & -4096UL), "r"(0x20000UL + 0x8000)
        : "memory");
    return 0;
}
