/* Calls by numbers that no table has, by those that are cut, and by the gates of other ABIs. */
#include "made.h"

static long gate80(long number, long a) {
    long result;
    asm volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(2L), "d"(3L), "S"(4L), "D"(5L)
                 : "memory", "r8", "r9", "r10", "r11");
    return (int)result;
}

int main(void) {
    static const unsigned long numbers[] = { /* not 335, uretprobe: a SIGILL to whoever calls it */
        334, 337, 386, 387, 423, 449, 470, 471, 511, 512, 547, 548, 1000, 0x3fffffff, 0x40000000, 0x40000000 | 39,
        0x40000000 | 520, 0x7fffffff, 0x80000000, 0xffffffff, -1UL, -2UL, 1UL << 32 | 1000, 0x8000000000000bad,
    };
    static const long compat[] = {500, 999, 0x3fffffff, 0x40000000, -1, 0x7fffffff};
    begin();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] == 334 || (numbers[i] > 420 && numbers[i] < 475))
            call(numbers[i], -1L, -1L, -1L, -1L, -1L, -1L); /* one that newer kernels have */
        else
            say("number %lx %ld\n", numbers[i], call(numbers[i], 1, 2, 3, 4, 5, 6));
    call(1UL << 32 | SYS_chmod, "/hostile/long-number", 0);
    call(0xffffffff00000000 | SYS_chmod, "/hostile/long-number", 0);
    for (unsigned i = 0; i < sizeof compat / sizeof *compat; i++)
        say("gate80 %lx %ld\n", compat[i] & 0xffffffff, gate80(compat[i], 1));
    say("gate80 %x %ld\n", 64, gate80(64, 1) > 0 ? 0L : -1L); /* getppid */
    say("gate80 %x %ld\n", 15, gate80(15, -1)); /* chmod, of a pointer that is no 32 bits wide */
    end();
    say("made chmod 3\n");
    told();
    return 0;
}
