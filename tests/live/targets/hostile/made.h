/* What a hostile program says of itself on standard output, for the test to compare with the trace:
 *
 *     did NAME RESULT         a call of the first thread, in order, between two marks
 *     made NAME COUNT         so many calls of that name in all, by whoever
 *     between NAME LOW HIGH   at least so many and at most so many: a thread may be killed in between
 *
 * Anything else is only for the comparison with an untraced run. Nothing is written before the end,
 * and no call of the C library's comes between the marks.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char made_text[1 << 20];
static size_t made_size;

#pragma GCC diagnostic ignored "-Wint-conversion" /* an argument is a word, whatever it is */

struct words { long a, b, c, d, e, f; };

/* The kernel's own result: a negative errno is one. */
static inline __attribute__((always_inline)) long call_(long number, const struct words at) {
    register long r10 asm("r10") = at.d, r8 asm("r8") = at.e, r9 asm("r9") = at.f;
    long result;
    asm volatile("syscall" : "=a"(result)
                 : "0"(number), "D"(at.a), "S"(at.b), "d"(at.c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
}
#define call(number, ...) call_((long)(number), (struct words){__VA_ARGS__})
#define did(name, ...) say("did " #name " %ld\n", call(SYS_##name, __VA_ARGS__))

static inline void say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    made_size += (size_t)vsnprintf(made_text + made_size, sizeof made_text - made_size, format, list);
    va_end(list);
}

static inline void told(void) {
    call(SYS_write, 1, made_text, made_size);
    made_size = 0;
}

static inline void begin(void) { call(SYS_access, "/hostile/begin", 0); }
static inline void end(void) {
    call(SYS_access, "/hostile/end", 0);
    told();
}

/* Pages, and behind them one that is not there. */
static inline char *before_nothing(size_t pages) {
    char *at = mmap(NULL, (pages + 1) * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(at + pages * 4096, 4096);
    memset(at, 0, pages * 4096);
    return at;
}

/* Memory that a process shares with all that it forks. */
static inline void *shared(size_t size) {
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

/* The same numbers in every run. */
static unsigned long made_seed = 88172645463325252UL;
static inline unsigned long any(void) {
    made_seed ^= made_seed << 13;
    made_seed ^= made_seed >> 7;
    return made_seed ^= made_seed << 17;
}
