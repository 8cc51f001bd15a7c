"""Which register holds each argument of a system call: syscall(2) has the same table."""

from __future__ import annotations

import pytest

from argtrace.location import syscall
from argtrace.target import AARCH64, X86_64, Target


@pytest.mark.parametrize(
    ("target", "registers"),
    [
        pytest.param(X86_64, "rdi rsi rdx r10 r8 r9", id="x86-64 takes r10 where functions take rcx"),
        pytest.param(AARCH64, "x0 x1 x2 x3 x4 x5", id="arm64 takes what its functions take"),
    ],
)
def test_registers(target: Target, registers: str) -> None:
    assert syscall.registers(target) == tuple(registers.split())


def test_a_32_bit_call_has_its_own_order() -> None:
    assert syscall.I386_REGISTERS == ("rbx", "rcx", "rdx", "rsi", "rdi", "rbp")
