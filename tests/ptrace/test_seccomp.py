"""The filter stops at the calls that it is made for, and lets all others by. It is run here by a
machine of a few lines. Source: Documentation/networking/filter.rst."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from argtrace.kernel.ptrace import AUDIT_ARCH_I386, AUDIT_ARCH_X86_64
from argtrace.ptrace import seccomp
from argtrace.ptrace.seccomp import SECCOMP_RET_ALLOW, STOP

NUMBERS = st.sets(st.integers(0, 520), max_size=60)
AARCH64 = 0xC00000B7
X32 = 0x40000000


def run(code: bytes, number: int, arch: int) -> int:
    data = struct.pack("<II", number, arch)
    program = list(struct.iter_unpack("<HBBI", code))
    at = accumulator = 0
    while True:
        operation, true, false, k = program[at]
        at += 1
        match operation:
            case 0x20:
                (accumulator,) = struct.unpack_from("<I", data, k)
            case 0x05:
                at += k
            case 0x15:
                at += true if accumulator == k else false
            case 0x25:
                at += true if accumulator > k else false
            case 0x35:
                at += true if accumulator >= k else false
            case 0x06:
                return int(k)
            case _:
                raise AssertionError(hex(operation))


@given(NUMBERS, NUMBERS, st.integers(0, 530))
def test_it_stops_at_what_is_wanted(wide: set[int], narrow: set[int], number: int) -> None:
    code = seccomp.program(wide, narrow)
    for arch, wanted in ((AUDIT_ARCH_X86_64, wide), (AUDIT_ARCH_I386, narrow)):
        expected = STOP if number in wanted else SECCOMP_RET_ALLOW
        assert run(code, number, arch) == expected


def test_the_numbers_of_another_kind_are_not_taken_for_ours() -> None:
    code = seccomp.program({1}, {2})
    assert run(code, 1, AARCH64) == STOP
    assert run(code, X32 | 1, AUDIT_ARCH_X86_64) == SECCOMP_RET_ALLOW
    assert run(code, 0xFFFF_FFFF, AUDIT_ARCH_X86_64) == SECCOMP_RET_ALLOW
