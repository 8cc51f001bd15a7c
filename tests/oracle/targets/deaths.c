/* Ways to end: by every kind of exit code, and by signals, sent and one's own fault. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int zero;

static void die(int how)
{
    static volatile int *page;

    prctl(PR_SET_DUMPABLE, 0); /* no core files */
    switch (how) {
    case 0: _exit(0);
    case 1: _exit(1);
    case 2: _exit(255);
    case 3: _exit(256 + 42); /* only eight bits of it are the status */
    case 4: _exit(-1);
    case 5: syscall(SYS_exit, 3L);
    case 6: kill(getpid(), SIGTERM);
    case 7: kill(getpid(), SIGKILL);
    case 8: abort();
    case 9: *(volatile int *)8 = 1;
    case 10: zero = 1 / zero;
    case 11: __builtin_trap();
    case 12: raise(SIGRTMAX);
    case 13: page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, memfd_create("short", 0), 0); zero = *page;
    case 14: __asm__ volatile("int3");
    case 15: tgkill(getpid(), gettid(), SIGKILL);
    case 16: raise(SIGQUIT);
    }
    _exit(99);
}

int main(void)
{
    int status;

    for (int how = 0; how <= 16; how++) {
        pid_t child = fork();
        if (child == 0)
            die(how);
        waitpid(child, &status, 0);
    }
    exit(200);
}
