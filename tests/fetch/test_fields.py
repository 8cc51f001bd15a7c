"""Members of kernel structures: all are asked for by name, and this kernel has them as we read them."""

from __future__ import annotations

import dataclasses

import pytest

from argtrace.errors import NotFound
from argtrace.fetch import fields
from argtrace.target import AARCH64, host
from tests.support.generated import Types
from tests.support.vmlinux import vmlinux

# How a program reads each: bytes, and where.
READ = {
    "task_seccomp_mode": ("task_struct", "seccomp.mode", 4),
    "task_status": ("task_struct", "thread_info.status", 4),  # but on arm64
    "task_pid": ("task_struct", "pid", 4),
    "task_tgid": ("task_struct", "tgid", 4),
    "task_started": ("task_struct", "start_boottime", 8),
    "task_exit_code": ("task_struct", "exit_code", 4),
    "task_mm": ("task_struct", "mm", 8),
    "task_files": ("task_struct", "files", 8),
    "task_fs": ("task_struct", "fs", 8),
    "mm_arg_start": ("mm_struct", "arg_start", 8),
    "mm_arg_end": ("mm_struct", "arg_end", 8),
    "mm_env_start": ("mm_struct", "env_start", 8),
    "mm_env_end": ("mm_struct", "env_end", 8),
    "bprm_filename": ("linux_binprm", "filename", 8),
    "task_group_leader": ("task_struct", "group_leader", 8),
    "task_signal": ("task_struct", "signal", 8),
    "signal_live": ("signal_struct", "live.counter", 4),
    "signal_flags": ("signal_struct", "flags", 4),
    "signal_group_exit_code": ("signal_struct", "group_exit_code", 4),
    "signal_shared_pending_last": ("signal_struct", "shared_pending.list.prev", 8),
    "task_pending_last": ("task_struct", "pending.list.prev", 8),
    "sigqueue_info": ("sigqueue", "info", 48),
}


def test_each_field_is_in_this_test() -> None:
    assert READ.keys() | {"compat"} == {field.name for field in dataclasses.fields(fields.Fields)}


@pytest.mark.parametrize("name", READ)
def test_this_kernel_has_it_in_the_size_we_read(name: str) -> None:
    struct, path, size = READ[name]
    if (name, host()) == ("task_status", AARCH64):
        path, size = "thread_info.flags", 8

    member = vmlinux().field(struct, path)

    assert member.size == size
    assert member.bit_size is None
    assert getattr(fields.find(vmlinux(), host()), name) == member.offset


def test_no_two_are_mixed_up() -> None:
    """In a kernel of our own, where each member of a structure has another offset."""
    types = Types()
    found = dataclasses.asdict(fields.find(types))

    offsets = {name: types.field(struct, path).offset for name, (struct, path, _) in READ.items()}
    assert found == offsets | {"compat": 2}  # arch/x86/include/asm/thread_info.h


def test_arm64_has_the_bit_of_a_32_bit_task_among_the_flags() -> None:
    types = Types()
    found = fields.find(types, AARCH64)

    assert found.task_status == types.field("task_struct", "thread_info.flags").offset
    assert found.compat == 1 << 22  # arch/arm64/include/asm/thread_info.h


def test_a_kernel_without_seccomp() -> None:
    assert fields.find(Types("task_struct.seccomp.mode")).task_seccomp_mode is None


def test_a_kernel_without_anything_else() -> None:
    with pytest.raises(NotFound, match="linux_binprm: no 'filename'"):
        fields.find(Types("linux_binprm.filename"))
