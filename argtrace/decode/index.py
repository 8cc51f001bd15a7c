"""Which module has which decoders: written by tests/decode/test_index.py."""

MODULES = {
    "bpf": "bpf_info bpf_insn",
    "clocks": "sigevent",
    "control_messages": "control_messages",
    "device_mapper": "device_mapper",
    "directories": "dirents dirents64",
    "encryption": "encryption_policy sized_encryption_policy",
    "ethtool": "ethtool ethtool_name",
    "flexible_arrays": (
        "dedupe dedupe_asked ethtool_address ethtool_names ethtool_statistics fiemap kvm_cpuid "
        "kvm_msr_list kvm_msrs kvm_registers kvm_signals perf_programs random_pool"
    ),
    "handles": "file_handle found_handle",
    "input_devices": "key_code multitouch_slots",
    "interfaces": "hardware_address ifreq ifreq_address ifreq_index ifreq_name ifreqs interface_name",
    "io_uring": "io_uring_probe io_uring_wait",
    "ioctl": "ioctl",
    "ipc": "msgbuf",
    "mounts": "statmount",
    "netlink": "netlink",
    "nodes": "nodes",
    "polling": "epoll_data fd_set",
    "scheduling": "cpu_set sched_attr",
    "security": "cap_data key_capabilities lsm_contexts seccomp_filter sock_filter terminated",
    "signal_sets": "siginfo sigset",
    "sockaddr": "ip sockaddr",
    "sockopt": "getsockopt sockopt",
    "terminals": "control_characters",
    "tracing": "ptrace_syscall_info regset regset@aarch64",
    "watches": "eventfd fanotify_events inotify_events signalfd_info timerfd",
    "xattrs": "xattr_names",
}
