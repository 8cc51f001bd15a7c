"""What ptrace tells of a process."""

from __future__ import annotations

import struct

import pytest

from tests.support.scope import decode, plain

HEADER = ("arch", "instruction_pointer", "stack_pointer")


def info(op: int, rest: bytes = b"") -> bytes:
    return struct.pack("<BBHIQQ", op, 0, 0, 0xC000_003E, 0x1000, 0x2000) + rest


ENTRY = struct.pack("<7Q", 59, 1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize(
    ("data", "op", "rest"),
    [
        pytest.param(info(0), "PTRACE_SYSCALL_INFO_NONE", {}, id="in no call"),
        pytest.param(
            info(1, ENTRY),
            "PTRACE_SYSCALL_INFO_ENTRY",
            {"entry": {"nr": 59, "args": [1, 2, 3, 4, 5, 6]}},
            id="before a call",
        ),
        pytest.param(
            info(2, struct.pack("<qB", -2, 1)),
            "PTRACE_SYSCALL_INFO_EXIT",
            {"exit": {"rval": -2, "is_error": 1}},
            id="after a call",
        ),
        pytest.param(
            info(3, ENTRY + struct.pack("<I", 7)),
            "PTRACE_SYSCALL_INFO_SECCOMP",
            {"seccomp": {"nr": 59, "args": [1, 2, 3, 4, 5, 6], "ret_data": 7}},
            id="stopped by a filter",
        ),
        pytest.param(
            info(1, ENTRY[:-1]), "PTRACE_SYSCALL_INFO_ENTRY", {"…": "<cut: 79 bytes of 80>"}, id="cut"
        ),
        pytest.param(info(9), 9, {}, id="something new"),
    ],
)
def test_syscall_info(data: bytes, op: object, rest: dict[str, object]) -> None:
    found = plain(decode("ptrace_syscall_info", data))
    assert [found.pop("op"), *(found.pop(name) for name in HEADER)] == [
        op,
        "AUDIT_ARCH_X86_64",
        "0x1000",
        "0x2000",
    ]
    assert found == rest


def test_a_header_that_is_not_whole() -> None:
    assert plain(decode("ptrace_syscall_info", info(1)[:20])) == "<cut: 20 bytes of 24>"


def test_registers_are_what_the_argument_says() -> None:
    registers = struct.pack("<27Q", *range(27))
    assert plain(decode("regset", registers, addr=1))["r14"] == 1
    assert "mxcsr" in plain(decode("regset", bytes(512), addr=2))
    assert plain(decode("regset", registers, addr=0x202)) == registers
    assert plain(decode("regset", registers)) == registers
