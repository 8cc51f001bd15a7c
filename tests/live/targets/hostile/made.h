/* What a hostile program says of itself on standard output, for the test to compare with the trace:
 *
 *     did NAME RESULT         a call of the first thread, in order, between two marks
 *     made NAME COUNT         so many calls of that name in all, by whoever
 *     between NAME LOW HIGH   at least so many and at most so many: a thread may be killed in between
 *
 * Anything else is only for the comparison with an untraced run. Nothing is written before the end,
 * and no call of the C library's comes between the marks.
 *
 * NAME is the call's as this machine has it: what arm64 has only in another form is `makes(CHMOD(path, mode))`
 * and `did(ACCESS(path, mode))`, and `name_of(CHMOD(0, 0))` is said of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char made_text[1 << 20];
static size_t made_size;

#pragma GCC diagnostic ignored "-Wint-conversion" /* an argument is a word, whatever it is */

struct words { long a, b, c, d, e, f; };

/* The kernel's own result: a negative errno is one. */
static inline __attribute__((always_inline)) long call_(long number, const struct words at) {
#ifdef __x86_64__
    register long r10 asm("r10") = at.d, r8 asm("r8") = at.e, r9 asm("r9") = at.f;
    long result;
    asm volatile("syscall" : "=a"(result)
                 : "0"(number), "D"(at.a), "S"(at.b), "d"(at.c), "r"(r10), "r"(r8), "r"(r9)
                 : "rcx", "r11", "memory");
    return result;
#else
    register long x0 asm("x0") = at.a, x1 asm("x1") = at.b, x2 asm("x2") = at.c, x3 asm("x3") = at.d;
    register long x4 asm("x4") = at.e, x5 asm("x5") = at.f, x8 asm("x8") = number;
    asm volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8) : "memory");
    return x0;
#endif
}
#define call(number, ...) call_((long)(number), (struct words){__VA_ARGS__})
#define makes(...) makes_(__VA_ARGS__)
#define makes_(name, ...) call(SYS_##name, __VA_ARGS__)
#define did(...) did_(__VA_ARGS__)
#define did_(name, ...) say("did " #name " %ld\n", call(SYS_##name, __VA_ARGS__))
#define name_of(...) name_of_(__VA_ARGS__, 0)
#define name_of_(name, ...) #name
#define number_of(...) number_of_(__VA_ARGS__, 0)
#define number_of_(name, ...) SYS_##name

#ifdef __x86_64__
#define ACCESS(path, mode) access, path, mode
#define CHMOD(path, mode) chmod, path, mode
#define EPOLL_WAIT(fd, events, most, ms) epoll_wait, fd, events, most, ms
#define FORK fork
#define MKDIR(path, mode) mkdir, path, mode
#define POLL(fds, count, ms) poll, fds, count, ms
#define READLINK(path, buffer, size) readlink, path, buffer, size
#define RENAME(from, to) rename, from, to
#define RMDIR(path) rmdir, path
#define SELECT(count, in, out, other, time) select, count, in, out, other, time
#define SYMLINK(to, path) symlink, to, path
#define UNLINK(path) unlink, path
#else
#define ACCESS(path, mode) faccessat, AT_FDCWD, path, mode
#define CHMOD(path, mode) fchmodat, AT_FDCWD, path, mode
#define EPOLL_WAIT(fd, events, most, ms) epoll_pwait, fd, events, most, ms, NULL, 8
#define FORK clone, SIGCHLD
#define MKDIR(path, mode) mkdirat, AT_FDCWD, path, mode
#define POLL(fds, count, ms) \
    ppoll, fds, count, (ms) < 0 ? NULL : &(struct timespec){(ms) / 1000, (ms) % 1000 * 1000000}, NULL, 8
#define READLINK(path, buffer, size) readlinkat, AT_FDCWD, path, buffer, size
#define RENAME(from, to) renameat, AT_FDCWD, from, AT_FDCWD, to
#define RMDIR(path) unlinkat, AT_FDCWD, path, AT_REMOVEDIR
#define SELECT(count, in, out, other, time) pselect6, count, in, out, other, time, NULL
#define SYMLINK(to, path) symlinkat, to, AT_FDCWD, path
#define UNLINK(path) unlinkat, AT_FDCWD, path, 0
#endif

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

static inline void begin(void) { makes(ACCESS("/hostile/begin", 0)); }
static inline void end(void) {
    makes(ACCESS("/hostile/end", 0));
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
