"""Which family declares each call: written by tests/signature/test_calls_index.py."""

FAMILIES = {
    "aio": "io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit",
    "bpf": "bpf",
    "clocks": (
        "adjtimex clock_adjtime clock_getres clock_gettime clock_nanosleep clock_settime getitimer "
        "gettimeofday nanosleep setitimer settimeofday time timer_create timer_delete timer_getoverrun "
        "timer_gettime timer_settime"
    ),
    "events": "perf_event_open",
    "files": (
        "cachestat close close_range copy_file_range creat dup dup2 dup3 fadvise64 fallocate fcntl "
        "fdatasync flock fsync ftruncate getdents getdents64 lseek memfd_create open openat openat2 pipe "
        "pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile splice sync "
        "sync_file_range syncfs tee truncate vmsplice write writev"
    ),
    "io_uring": "io_uring_enter io_uring_register io_uring_setup",
    "ioctl": "ioctl",
    "ipc": (
        "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv "
        "msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget"
    ),
    "memory": (
        "brk get_mempolicy madvise map_shadow_stack mbind memfd_secret migrate_pages mincore mlock mlock2 "
        "mlockall mmap move_pages mprotect mremap mseal msync munlock munlockall munmap pkey_alloc "
        "pkey_free pkey_mprotect process_madvise process_mrelease remap_file_pages set_mempolicy "
        "set_mempolicy_home_node userfaultfd"
    ),
    "mounts": (
        "acct fsconfig fsmount fsopen fspick ioprio_get ioprio_set listmount listns mount mount_setattr "
        "move_mount open_tree open_tree_attr pivot_root quotactl quotactl_fd statmount swapoff swapon "
        "umount2"
    ),
    "network": (
        "accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg "
        "sendmmsg sendmsg sendto setdomainname sethostname setsockopt shutdown socket socketpair"
    ),
    "paths": (
        "access chdir chmod chown chroot faccessat faccessat2 fchdir fchmod fchmodat fchmodat2 fchown "
        "fchownat fchroot file_getattr file_setattr fstat fstatfs futimesat getcwd lchown link linkat "
        "lookup_dcookie lstat mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open_by_handle_at "
        "readlink readlinkat rename renameat renameat2 rmdir stat statfs statx symlink symlinkat sysfs "
        "umask unlink unlinkat uselib ustat utime utimensat utimes"
    ),
    "polling": (
        "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait "
        "epoll_wait_old eventfd eventfd2 poll ppoll pselect6 select signalfd signalfd4 timerfd_create "
        "timerfd_gettime timerfd_settime"
    ),
    "process": (
        "arch_prctl clone clone3 execve execveat exit exit_group fork futex futex_requeue futex_wait "
        "futex_waitv futex_wake get_robust_list get_thread_area getegid geteuid getgid getgroups getpgid "
        "getpgrp getpid getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid "
        "ioperm iopl kcmp membarrier modify_ldt personality pidfd_getfd pidfd_open pidfd_send_signal "
        "prctl prlimit64 process_vm_readv process_vm_writev ptrace rseq rseq_slice_yield set_robust_list "
        "set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setns setpgid setpriority "
        "setregid setresgid setresuid setreuid setrlimit setsid setuid sysinfo times uname unshare uprobe "
        "uretprobe vfork wait4 waitid"
    ),
    "scheduling": (
        "getcpu sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr "
        "sched_getparam sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr "
        "sched_setparam sched_setscheduler sched_yield"
    ),
    "security": (
        "add_key capget capset getrandom keyctl landlock_add_rule landlock_create_ruleset "
        "landlock_restrict_self lsm_get_self_attr lsm_list_modules lsm_set_self_attr request_key seccomp"
    ),
    "signals": (
        "alarm kill pause restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo "
        "rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo sigaltstack tgkill tkill"
    ),
    "system": (
        "_sysctl afs_syscall create_module delete_module finit_module get_kernel_syms getpmsg init_module "
        "kexec_file_load kexec_load nfsservctl putpmsg query_module reboot security syslog tuxcall "
        "vhangup vserver"
    ),
    "watches": "fanotify_init fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch",
    "xattrs": (
        "fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat "
        "llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat"
    ),
}
