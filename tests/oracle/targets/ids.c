/* Who and when and how much: calls of few words that no name explains, most of them about ourselves. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct utsname system;
    struct sysinfo memory;
    struct rusage usage;
    struct rlimit limit = {-1, -1};
    struct timespec time = {0, 1000};
    gid_t groups[64];
    cpu_set_t set;
    unsigned long space[8];
    timer_t timer;

    getpid(), gettid(), getppid(), getpgrp(), getsid(0), getpgid(0);
    getuid(), geteuid(), getgid(), getegid();
    getresuid(groups, groups + 1, groups + 2);
    getgroups(0, NULL);
    syscall(SYS_setresuid, -1L, -1L, -1L);
    syscall(SYS_setresgid, -1, -1, -1);
    syscall(SYS_setfsuid, -1L);
    syscall(SYS_setpriority, 77L, 0L, 0L);
    getpriority(PRIO_PROCESS, 0);
    syscall(SYS_umask, 0x1ffffL);
    syscall(SYS_umask, 022);
    uname(&system);
    sysinfo(&memory);
    getrusage(RUSAGE_SELF, &usage);
    getrusage(77, &usage);
    prlimit(0, RLIMIT_CORE, NULL, &limit);
    prlimit(getpid(), RLIMIT_CORE, NULL, &limit);
    setrlimit(99, &limit);
    sched_yield();
    sched_getaffinity(0, sizeof set, &set);
    sched_getparam(0, (struct sched_param *)space);
    syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &time);
    syscall(SYS_clock_gettime, 99L, &time);
    syscall(SYS_gettimeofday, space, NULL);
    syscall(SYS_clock_getres, CLOCK_MONOTONIC, &time);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    timer_create(CLOCK_MONOTONIC, NULL, &timer);
    timer_delete(timer);
    syscall(SYS_capget, 8L, 9L);
    syscall(SYS_arch_prctl, 0x1004L, space);
    syscall(SYS_arch_prctl, 0x9999L, space);
    syscall(SYS_ptrace, 99L, -1L, 8L, 9L);
    syscall(SYS_kcmp, getpid(), getpid(), 99L, 0L, 0L);
    syscall(SYS_setsid);
    syscall(SYS_personality, 0xffffffffL);
    syscall(SYS_getrandom, space, 8L, 0L);
    syscall(SYS_membarrier, 0L, 0L, 0L);
    syscall(SYS_getcpu, NULL, NULL, NULL);
    syscall(SYS_syslog, 99L, NULL, -1L);
    syscall(SYS_bpf, 9999L, 8L, 16L);
    syscall(SYS_perf_event_open, 8L, 0L, 0L, -1L, 0L);
    return 0;
}
