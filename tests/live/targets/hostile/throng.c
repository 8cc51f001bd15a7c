/* usage: throng COUNT: so many threads at once, each with one call of its own to show. */
#include "made.h"
#include <sched.h>
#include <linux/futex.h>

static volatile int go;
static volatile unsigned gone;

static int one(void *argument) {
    while (!go)
        call(SYS_futex, &go, FUTEX_WAIT_PRIVATE, 0, NULL);
    call(SYS_umask, (long)argument & 0777);
    __atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST);
    call(SYS_futex, &gone, FUTEX_WAKE_PRIVATE, 1);
    return 0;
}

int main(int argc, char **argv) {
    unsigned count = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    size_t stack = 4096;
    char *stacks = mmap(NULL, count * stack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    for (unsigned i = 0; i < count; i++)
        if (clone(one, stacks + (i + 1) * stack, flags, (void *)(long)i) < 0) {
            perror("clone");
            return 1;
        }
    go = 1;
    call(SYS_futex, &go, FUTEX_WAKE_PRIVATE, 0x7fffffff);
    for (unsigned now; (now = gone) < count;)
        call(SYS_futex, &gone, FUTEX_WAIT_PRIVATE, now, NULL);
    say("made umask %u\n", count);
    told();
    return 0;
}
