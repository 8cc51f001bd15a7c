"""A filter in the command itself that stops it at the calls that are asked for, and at no others.

Without it a tracee stops twice at every call it makes. With it the kernel lets the others go by, at
full speed. A filter stays until the process ends, children inherit it, and once its tracer is gone
the calls it names fail with ENOSYS: so who installs it goes on tracing, or ends the command
(PTRACE_O_EXITKILL). One without CAP_SYS_ADMIN must give up new privileges for it: a set-user-id
program then runs without them, as it does for a tracer without rights anyway.

Source: seccomp(2), prctl(2); Documentation/userspace-api/seccomp_filter.rst; include/uapi/linux/
filter.h, bpf_common.h, seccomp.h (struct seccomp_data: nr at 0, arch at 4), audit.h.

    struct sock_filter   | code: u16 | jt: u8 | jf: u8 | k: u32 |
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from argtrace.kernel import ptrace
from argtrace.kernel.ptrace import ARCHES
from argtrace.target import X86_64, Target

_INSTRUCTION = struct.Struct("<HBBI")
_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_JUMP, _EQUAL, _GREATER, _AT_LEAST = 0x05, 0x15, 0x25, 0x35  # BPF_JMP | BPF_JA, JEQ, JGT, JGE, with BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

SECCOMP_RET_TRACE = 0x7FF00000
SECCOMP_RET_ALLOW = 0x7FFF0000

OURS = 0x6174
"""The data of our stops. A filter of the program's that returns SECCOMP_RET_TRACE too is asked first, and
its data is what a tracer gets: without a tracer of its own that call fails with ENOSYS."""
STOP = SECCOMP_RET_TRACE | OURS

_NUMBER, _ARCH = 0, 4


def program(numbers: Iterable[int], compat: Iterable[int], target: Target = X86_64) -> bytes:
    """One that stops at these 64-bit calls and these 32-bit ones, and at all of any other kind."""
    of_64, of_32 = ARCHES[target.arch]
    wide, narrow = list(_stops(numbers)), list(_stops(compat))
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 0, 1, of_64),
        (_JUMP, 0, 0, 3),
        (_EQUAL, 0, 1, of_32),
        (_JUMP, 0, 0, 1 + len(wide) + 1),
        (_RETURN, 0, 0, STOP),
        (_LOAD, 0, 0, _NUMBER),
        *wide,
        (_LOAD, 0, 0, _NUMBER),
        *narrow,
    ]
    return b"".join(_INSTRUCTION.pack(*each) for each in code)


def install(code: bytes) -> bool:
    """In the process that we are: whether the kernel took it."""
    return ptrace.filter_calls(code, len(code) // _INSTRUCTION.size)


def is_there(tid: int) -> bool:
    """Whether a process has a filter: proc_pid_status(5), Seccomp."""
    try:
        with open(f"/proc/{tid}/status", "rb") as file:
            return any(line.split() == [b"Seccomp:", b"2"] for line in file)
    except OSError:
        return False


def _stops(numbers: Iterable[int]) -> Iterator[tuple[int, int, int, int]]:
    """A comparison for each run of numbers, in order: one below the next run is in none."""
    for first, last in _runs(numbers):
        yield _GREATER, 3, 0, last
        yield _AT_LEAST, 0, 1, first
        yield _RETURN, 0, 0, STOP
        yield _RETURN, 0, 0, SECCOMP_RET_ALLOW
    yield _RETURN, 0, 0, SECCOMP_RET_ALLOW


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    first = last = None
    for number in sorted(set(numbers)):
        if last is not None and number == last + 1:
            last = number
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = number
    if first is not None and last is not None:
        yield first, last
