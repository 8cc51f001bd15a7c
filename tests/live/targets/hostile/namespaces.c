/* Children in pid namespaces of their own, two deep; an unshared one; and one that is told its id. Each
 * says its own number and that by which its parent, or an outer pipe, knows it. */
#include "made.h"
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

struct clone_args { unsigned long flags, pidfd, child, parent, exit_signal, stack, stack_size, tls, set_tid, set_tid_size; };

static void wait_for(long pid) { call(SYS_wait4, pid, 0, __WALL, 0); }

static long fresh(unsigned long flags) {
    struct clone_args how = {.flags = flags, .exit_signal = SIGCHLD};
    return call(SYS_clone3, &how, sizeof how);
}

int main(void) {
    long pid = fresh(CLONE_NEWPID);
    if (pid == 0) {
        makes(CHMOD("/hostile/first", call(SYS_getpid)));
        pid = fresh(CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC);
        if (pid == 0) {
            makes(CHMOD("/hostile/second", call(SYS_getpid)));
            call(SYS_exit_group, 2);
        }
        makes(CHMOD("/hostile/inner", pid)); /* 2: what this namespace calls it */
        wait_for(pid);
        call(SYS_exit_group, 1);
    }
    fprintf(stderr, "first %ld\n", pid);
    wait_for(pid);
    call(SYS_unshare, CLONE_NEWPID | CLONE_NEWUSER);
    pid = makes(FORK);
    if (pid == 0) {
        makes(CHMOD("/hostile/unshared", call(SYS_getpid)));
        int wanted[1] = {77};
        struct clone_args how = {.exit_signal = SIGCHLD, .set_tid = (long)wanted, .set_tid_size = 1};
        pid = call(SYS_clone3, &how, sizeof how);
        if (pid == 0) {
            makes(CHMOD("/hostile/told", call(SYS_getpid)));
            call(SYS_exit_group, 77);
        }
        makes(CHMOD("/hostile/chosen", pid));
        wait_for(pid);
        call(SYS_exit_group, 3);
    }
    fprintf(stderr, "unshared %ld\n", pid);
    wait_for(pid);
    say("made " name_of(CHMOD(0, 0)) " 6\n");
    told();
    return 0;
}
