/* usage: dying COUNT: children that call without end and die, each in another way and at another
 * moment. What each made is counted in memory that outlives it. */
#include "made.h"
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

static volatile long *begun, *ended;

static void calls(void) {
    for (;;) {
        (*begun)++;
        call(SYS_umask, 077);
        (*ended)++;
    }
}

static void *kills(void *argument) {
    for (volatile long i = (long)argument; i; i--)
        ;
    call(SYS_kill, call(SYS_getpid), SIGKILL);
    return NULL;
}

static void *exits(void *argument) {
    for (volatile long i = (long)argument; i; i--)
        ;
    call(SYS_exit_group, 21);
    return NULL;
}

static void *sleeps(void *argument) {
    call(SYS_read, (int)(long)argument, &argument, 1);
    return NULL;
}

static void crashes(int number) {
    (void)number;
    makes(CHMOD("/hostile/in-a-handler", 0));
    *(volatile int *)8 = 1;
}

static void dies(int how, long after) {
    struct rlimit none = {0, 0};
    int pipes[2];
    pthread_t thread;
    if (pipe(pipes))
        _exit(1);
    setrlimit(RLIMIT_CORE, &none);
    switch (how) {
    case 0: /* a sibling kills all */
        pthread_create(&thread, NULL, kills, (void *)after);
        calls();
    case 1: /* all are asleep in calls, one ends all */
        for (int i = 0; i < 4; i++)
            pthread_create(&thread, NULL, sleeps, (void *)(long)pipes[0]);
        pthread_create(&thread, NULL, exits, (void *)after);
        calls();
    case 2: /* a fault in a signal's handler, on a stack that is too small */
        signal(SIGUSR1, crashes);
        call(SYS_kill, call(SYS_getpid), SIGUSR1);
        break;
    case 3: /* with its parent, which vfork holds */
        if (vfork() == 0)
            call(SYS_kill, call(SYS_getppid), SIGKILL), call(SYS_exit, 0);
        break;
    case 4: /* in an exec, or before it, or after */
        pthread_create(&thread, NULL, kills, (void *)after);
        call(SYS_execve, "/bin/true", (char *[]){"true", NULL}, NULL);
        break;
    case 5: /* each end of a thread is its own: the first goes first */
        pthread_create(&thread, NULL, exits, (void *)after);
        call(SYS_exit, 22);
        break;
    case 6: /* too much CPU, memory that is not there, an instruction that is none */
#ifdef __x86_64__
        asm volatile("ud2");
#else
        asm volatile(".inst 0"); /* udf */
#endif
        break;
    case 7:
        alarm(0);
        call(SYS_tgkill, call(SYS_getpid), call(SYS_gettid), SIGABRT);
    }
    call(SYS_exit_group, 1);
}

int main(int argc, char **argv) {
    long count = argc > 1 ? atol(argv[1]) : 8, low = 0, high = 0;
    int ways[128] = {0};
    begun = shared(4096), ended = begun + 1;
    for (long i = 0; i < count; i++) {
        int status, how = (int)(i % 8);
        long after = (long)(any() % 300000);
        pid_t pid = fork();
        if (pid == 0)
            dies(how, after);
        waitpid(pid, &status, 0);
        if (how != 4) /* which may have ended well */
            ways[WIFSIGNALED(status) ? 64 + WTERMSIG(status) : WEXITSTATUS(status)]++;
    }
    low = *ended, high = *begun;
    fprintf(stderr, "between umask %ld %ld\n", low, high);
    for (int i = 0; i < 128; i++)
        if (ways[i])
            say("%s %d: %d\n", i < 64 ? "status" : "signal", i % 64, ways[i]);
    say("made " name_of(CHMOD(0, 0)) " %ld\n", (count + 5) / 8);
    told();
    return 0;
}
