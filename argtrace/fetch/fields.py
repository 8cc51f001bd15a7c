"""The members of kernel structures that the programs read, found in BTF.

Names are the kernel's; offsets are asked for at run time, so that no kernel's
layout is built in.
"""

from __future__ import annotations

from typing import Protocol

from argtrace.errors import NotFound
from argtrace.target import X86_64, Target
from argtrace.value import frozen


class Member(Protocol):
    @property
    def offset(self) -> int: ...


class Types(Protocol):
    """What we need of BTF (`signature/btf.py`)."""

    def field(self, struct: str, path: str) -> Member: ...


@frozen
class Fields:
    """Offsets in bytes; the first word of each name is the structure. `compat` is a mask."""

    task_seccomp_mode: int | None  # None: a kernel without seccomp
    task_status: int  # four bytes of thread_info, of which `compat` is the bit of a 32-bit call
    task_pid: int
    task_tgid: int
    task_started: int
    task_exit_code: int
    task_mm: int
    task_files: int
    task_fs: int
    mm_arg_start: int
    mm_arg_end: int
    mm_env_start: int
    mm_env_end: int
    bprm_filename: int
    task_group_leader: int
    task_signal: int
    signal_live: int
    signal_flags: int
    signal_group_exit_code: int
    # Where a queue of signals keeps the address of the one that came last.
    signal_shared_pending_last: int
    task_pending_last: int
    sigqueue_info: int
    compat: int


# arch/x86/include/asm/thread_info.h, TS_COMPAT: this system call is a 32-bit one.
# arch/arm64/include/asm/thread_info.h, TIF_32BIT (Linux 5.10 to 7.2): this task is; it makes no others.
_COMPAT = {"x86_64": ("thread_info.status", 0x0002), "aarch64": ("thread_info.flags", 1 << 22)}


def find(types: Types, target: Target = X86_64) -> Fields:
    """Raises NotFound where a kernel has no such member, but for seccomp, which is an option."""

    def at(struct: str, path: str) -> int:
        return types.field(struct, path).offset

    try:
        seccomp_mode = at("task_struct", "seccomp.mode")
    except NotFound:
        seccomp_mode = None
    status, compat = _COMPAT[target.arch]
    return Fields(
        task_seccomp_mode=seccomp_mode,
        task_status=at("task_struct", status),
        task_pid=at("task_struct", "pid"),
        task_tgid=at("task_struct", "tgid"),
        task_started=at("task_struct", "start_boottime"),
        task_exit_code=at("task_struct", "exit_code"),
        task_mm=at("task_struct", "mm"),
        task_files=at("task_struct", "files"),
        task_fs=at("task_struct", "fs"),
        mm_arg_start=at("mm_struct", "arg_start"),
        mm_arg_end=at("mm_struct", "arg_end"),
        mm_env_start=at("mm_struct", "env_start"),
        mm_env_end=at("mm_struct", "env_end"),
        bprm_filename=at("linux_binprm", "filename"),
        task_group_leader=at("task_struct", "group_leader"),
        task_signal=at("task_struct", "signal"),
        signal_live=at("signal_struct", "live.counter"),
        signal_flags=at("signal_struct", "flags"),
        signal_group_exit_code=at("signal_struct", "group_exit_code"),
        signal_shared_pending_last=at("signal_struct", "shared_pending.list.prev"),
        task_pending_last=at("task_struct", "pending.list.prev"),
        sigqueue_info=at("sigqueue", "info"),
        compat=compat,
    )
