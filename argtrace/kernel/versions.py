"""Since which Linux there is what we use of bpf(2), and how long its attributes were.

Sources: include/uapi/linux/bpf.h of each release (v4.19 to v7.0) for map types, commands, flags and the
size of union bpf_attr; kernel/bpf/verifier.c for what programs may be; the commits are those that
brought each. Checked by hand against the releases' headers; that a real 5.10 and 6.1 agree is tested in
guests. A kernel with backports has more than its version says: we ask kernels, and look here only to
pretend that one is older (`pretend.py`).
"""

from __future__ import annotations

Version = tuple[int, int]

MAPS: dict[str, Version] = {
    "RINGBUF": (5, 8),  # 457f44363a88
    "TASK_STORAGE": (5, 11),  # 4cf1bc1f1045
    "BLOOM_FILTER": (5, 16),  # 9330986c0300
    "USER_RINGBUF": (6, 1),  # 583c1f420173
    "CGRP_STORAGE": (6, 2),  # c4bcfb38a95e
    "ARENA": (6, 9),  # 317460317a02
    "INSN_ARRAY": (6, 19),
    "QUEUE": (4, 20),  # f1a2e44a3aec
}

PROGRAMS: dict[str, Version] = {
    "TRACING": (5, 5),  # f1b9509c2fb0
    "STRUCT_OPS": (5, 6),  # 27ae7997a661
    "EXT": (5, 6),  # be8704ff07d2
    "LSM": (5, 7),  # fc611f47f218
    "SYSCALL": (5, 14),  # 79a7f8bdb159
    "NETFILTER": (6, 4),  # 84601d6ee68a
}

HELPERS: dict[str, Version] = {
    "probe_read_user": (5, 5),  # 6ae08ae3dea2
    "probe_read_kernel": (5, 5),
    "probe_read_user_str": (5, 5),
    "probe_read_kernel_str": (5, 5),
    "get_current_ancestor_cgroup_id": (5, 6),  # b4490c5c4e02
    "get_ns_current_pid_tgid": (5, 7),  # b4490c5c4e02
    "ktime_get_boot_ns": (5, 8),  # 71d19214776e
    "ringbuf_output": (5, 8),  # 457f44363a88
    "ringbuf_reserve": (5, 8),
    "ringbuf_submit": (5, 8),
    "ringbuf_query": (5, 8),
    "copy_from_user": (5, 10),  # 07be4c4a3e7a
    "task_storage_get": (5, 11),  # 4cf1bc1f1045
    "get_current_task_btf": (5, 11),  # 3ca1032ab7ab
    "for_each_map_elem": (5, 13),  # 69c087ba6225
    "snprintf": (5, 13),  # 7b15523a989b
    "timer_init": (5, 15),  # b00628b1c7d5
    "get_attach_cookie": (5, 15),  # 7adfc6c9b315
    "task_pt_regs": (5, 15),  # dd6e10fbd9fb
    "loop": (5, 17),  # e6f2dd0f8067
    "strncmp": (5, 17),  # c5fb19937455
    "copy_from_user_task": (5, 18),  # 376040e47334
    "map_lookup_percpu_elem": (5, 19),  # 07343110b293
    "ringbuf_reserve_dynptr": (5, 19),  # bc34dee65a65
    "ktime_get_tai_ns": (6, 1),  # c8996c98f703
    "user_ringbuf_drain": (6, 1),  # 205715673844
}

# What programs and maps may be.
LARGE: Version = (5, 2)  # c04c0d2b968a: more than 4096 instructions, for who may
VALUE_ADDRESSES: Version = (5, 2)  # d8eca5bbb2be: BPF_PSEUDO_MAP_VALUE
NARROW_JUMPS: Version = (5, 1)  # 092ed0968bb6: BPF_JMP32
LOOPS: Version = (5, 3)  # 2589726d12a1
FUNCTION_TYPES: Version = (5, 0)  # 838e96904ff3: func_info
GLOBAL_FUNCTIONS: Version = (5, 6)  # 51c39bb1d5d1
CALLS_AND_TAIL_CALLS: Version = (5, 10)  # e411901c0b77, x86-64
ATOMICS: Version = (5, 12)  # 5ffa25502b5a: with a result, or other than an addition
KERNEL_FUNCTIONS: Version = (5, 13)  # e6ac2450d6de
SLEEPABLE: Version = (5, 10)  # 1e6c62a88215
MAPPED_ARRAYS: Version = (5, 5)  # fc9702273e2e: BPF_F_MMAPABLE
UNINITIALISED_STACK: Version = (6, 3)  # 6715df8d5d24: to be handed to helpers, for who may

COMMANDS: dict[str, Version] = {
    "BPF_MAP_UPDATE_BATCH": (5, 6),  # aa2e93b8e58e
    "BPF_LINK_CREATE": (5, 7),  # af6eea57437a
}
RUN_RAW_TRACEPOINTS: Version = (5, 10)  # 1b4d60ec162f
LINK_EVENTS: Version = (5, 15)  # b89fbfbb854c
VERIFIED_INSNS: Version = (5, 16)  # aba64c7da983

OLDEST: Version = (4, 19)

ATTR_SIZES: tuple[tuple[Version, int], ...] = (
    ((4, 19), 72),  # … prog_ifindex, expected_attach_type
    ((5, 0), 112),  # … prog_btf_fd, func_info, line_info
    ((5, 5), 112),  # … attach_btf_id, where there was padding
    ((5, 6), 120),  # … attach_prog_fd
    ((5, 14), 128),  # … fd_array
    ((5, 17), 144),  # … core_relos, core_relo_rec_size
    ((6, 4), 152),  # … log_true_size
    ((6, 9), 152),  # … prog_token_fd, where there was padding
)
"""sizeof(union bpf_attr) from each release on, in bytes. Beyond it the kernel wants zeros, else E2BIG."""


def attr_size(version: Version) -> int:
    """What a kernel of this version knows of union bpf_attr, in bytes."""
    return max(size for since, size in ATTR_SIZES if since <= version)
