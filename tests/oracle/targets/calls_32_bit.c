/* Calls of the 32-bit ABI by a 64-bit program, through int 0x80: other numbers, other registers. */
#include <stdint.h>
#include <unistd.h>

static long call(long number, long b, long c, long d)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(b), "c"(c), "d"(d)
                     : "memory", "r8", "r9", "r10", "r11");
    return result;
}

int main(void)
{
    call(20, 0, 0, 0);                 /* getpid */
    call(6, 99, 0, 0);                 /* close */
    call(19, 0, -1, 2);                /* lseek */
    call(199, 0, 0, 0);                /* getuid32 */
    call(60, 022, 0, 0);               /* umask */
    call(4, -1, 0, 0x7fffffff);        /* write */
    call(500, 1, 2, 3);
    getppid();
    call(64, 0, 0, 0);                 /* getppid */
    return 0;
}
