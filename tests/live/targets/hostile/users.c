/* Becoming nobody: what it calls is seen as before; its tracer it may not touch. */
#include "made.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

int main(void) {
    pid_t tracer = getppid();
    char memory[64];
    for (int i = 0; i < 50; i++)
        makes(CHMOD("/hostile/as-root", 0));
    begin();
    did(setgroups, 0, 0);
    did(setresgid, 65534, 65534, 65534);
    did(setresuid, 65534, 65534, 65534);
    did(prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
    end();
    for (int i = 0; i < 50; i++)
        makes(CHMOD("/hostile/as-nobody", 0));
    if (geteuid() != 65534)
        return 1;
    snprintf(memory, sizeof memory, "/proc/%d/mem", tracer);
    say("its memory %ld\n", call(SYS_openat, -100, memory, O_RDWR));
    snprintf(memory, sizeof memory, "/proc/%d/fd", tracer);
    say("its descriptors %ld\n", call(SYS_openat, -100, memory, O_RDONLY));
    say("its end %ld\n", call(SYS_kill, tracer, SIGTERM));
    say("its stop %ld\n", call(SYS_ptrace, PTRACE_SEIZE, tracer, 0, 0));
    say("made " name_of(CHMOD(0, 0)) " 100\n");
    told();
    return 0;
}
