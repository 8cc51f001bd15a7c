/* usage: bomb MOST: every process forks as often as it may, until so many were tried. Only for a cgroup
 * with a limit. Whoever is the first waits for all, and says what was made. */
#include "made.h"
#include <sys/prctl.h>
#include <sys/wait.h>

int main(int argc, char **argv) {
    long *counts = shared(4096), most = argc > 1 ? atol(argv[1]) : 10;
    pid_t first = getpid();
    call(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    while (__atomic_add_fetch(&counts[0], 1, __ATOMIC_SEQ_CST) <= most) {
        long pid = makes(FORK);
        if (pid == 0)
            makes(CHMOD("/hostile/bomb", __atomic_add_fetch(&counts[1], 1, __ATOMIC_SEQ_CST)));
        else if (pid < 0)
            __atomic_add_fetch(&counts[2], 1, __ATOMIC_SEQ_CST);
    }
    while (call(SYS_wait4, -1, 0, 0, 0) > 0)
        ;
    if (call(SYS_getpid) != first)
        call(SYS_exit_group, 0);
    fprintf(stderr, "between " name_of(CHMOD(0, 0)) " %ld %ld\nbetween " name_of(FORK) " %ld %ld\nrefused %ld\n",
            counts[1], counts[1], most, most, counts[2]);
    return 0;
}
