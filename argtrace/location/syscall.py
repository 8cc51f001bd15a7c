"""The register of each argument of a system call.

Source: syscall(2), "Architecture calling conventions"; arch/x86/entry/entry_64.S
(x86-64), arch/x86/entry/entry_64_compat.S (i386 on x86-64),
arch/arm64/include/asm/syscall.h, also for 32-bit arm on arm64, whose r0 to r5 are x0 to x5.

x86-64 takes r10 where functions take rcx, which the SYSCALL instruction
overwrites with the return address.

Not here: functions of the kernel and of programs follow the psABI.
"""

from __future__ import annotations

from argtrace.target import AARCH64, X86_64, Target

X86_64_REGISTERS = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
I386_REGISTERS = ("rbx", "rcx", "rdx", "rsi", "rdi", "rbp")
AARCH64_REGISTERS = ("x0", "x1", "x2", "x3", "x4", "x5")

_REGISTERS = {X86_64: X86_64_REGISTERS, AARCH64: AARCH64_REGISTERS}


def registers(target: Target) -> tuple[str, ...]:
    """The registers of arguments one to six, in order."""
    return _REGISTERS[target]
