"""Since which Linux there is what we use of bpf(2), and how long its attributes were.

From 5.10 on map types, program types, helpers and the size of union bpf_attr are compared with what kernels
say of themselves (tests/kernel/test_versions.py); that a real 5.10 chooses what a pretended one does, in
guests. What is older is from memory, and compared with nothing but the order of numbers. A
kernel with backports has more than its version says: we ask kernels, and look here only to pretend that
one is older (`pretend.py`).
"""

from __future__ import annotations

Version = tuple[int, int]

OLDEST: Version = (4, 19)

MAPS: dict[str, Version] = {
    "QUEUE": (4, 20),
    "RINGBUF": (5, 8),
    "TASK_STORAGE": (5, 11),
    "BLOOM_FILTER": (5, 16),
    "USER_RINGBUF": (6, 1),
    "CGRP_STORAGE": (6, 2),
    "ARENA": (6, 9),
    "INSN_ARRAY": (6, 19),
}

PROGRAMS: dict[str, Version] = {
    "TRACING": (5, 5),
    "STRUCT_OPS": (5, 6),
    "EXT": (5, 6),
    "LSM": (5, 7),
    "SYSCALL": (5, 14),
    "NETFILTER": (6, 4),
}

HELPERS: dict[str, Version] = {
    "probe_read_user": (5, 5),
    "probe_read_kernel": (5, 5),
    "probe_read_user_str": (5, 5),
    "probe_read_kernel_str": (5, 5),
    "get_ns_current_pid_tgid": (5, 7),
    "get_current_ancestor_cgroup_id": (5, 7),
    "ktime_get_boot_ns": (5, 8),
    "ringbuf_output": (5, 8),
    "ringbuf_reserve": (5, 8),
    "ringbuf_submit": (5, 8),
    "ringbuf_query": (5, 8),
    "copy_from_user": (5, 10),
    "task_storage_get": (5, 11),
    "get_current_task_btf": (5, 11),
    "for_each_map_elem": (5, 13),
    "snprintf": (5, 13),
    "timer_init": (5, 15),
    "get_attach_cookie": (5, 15),
    "task_pt_regs": (5, 15),
    "loop": (5, 17),
    "strncmp": (5, 17),
    "copy_from_user_task": (5, 18),
    "map_lookup_percpu_elem": (5, 19),
    "ringbuf_reserve_dynptr": (5, 19),
    "ktime_get_tai_ns": (6, 1),
    "user_ringbuf_drain": (6, 1),
}

# What programs and maps may be.
NARROW_JUMPS: Version = (5, 1)  # BPF_JMP32
LARGE: Version = (5, 2)  # more than 4096 instructions, for who may
VALUE_ADDRESSES: Version = (5, 2)  # BPF_PSEUDO_MAP_VALUE
LOOPS: Version = (5, 3)
MAPPED_ARRAYS: Version = (5, 5)  # BPF_F_MMAPABLE
GLOBAL_FUNCTIONS: Version = (5, 12)  # that are given pointers; 5.6 without
CALLS_AND_TAIL_CALLS: Version = (5, 10)  # x86-64
SLEEPABLE: Version = (5, 10)
ATOMICS: Version = (5, 12)  # with a result, or other than an addition
KERNEL_FUNCTIONS: Version = (5, 13)

COMMANDS: dict[str, Version] = {
    "BPF_MAP_UPDATE_BATCH": (5, 6),
    "BPF_LINK_CREATE": (5, 7),
}
RUN_RAW_TRACEPOINTS: Version = (5, 10)
LINK_EVENTS: Version = (5, 15)

ATTR_SIZES: tuple[tuple[Version, int], ...] = (
    ((4, 19), 72),  # … prog_ifindex, expected_attach_type
    ((5, 0), 112),  # … prog_btf_fd, func_info, line_info; attach_btf_id (5.5) where there was padding
    ((5, 6), 120),  # … attach_prog_fd
    ((5, 14), 128),  # … fd_array
    ((5, 17), 144),  # … core_relos, core_relo_rec_size
    ((6, 4), 152),  # … log_true_size; prog_token_fd (6.9) where there was padding
    ((6, 18), 168),  # … signature, signature_size, keyring_id
)
"""sizeof(union bpf_attr) from each release on, in bytes. Beyond it the kernel wants zeros, else E2BIG."""


def attr_size(version: Version) -> int:
    """What a kernel of this version knows of union bpf_attr, in bytes."""
    return max(size for since, size in ATTR_SIZES if since <= version)
