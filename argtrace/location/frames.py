"""Where a register is in struct pt_regs, and in the copy of it that a record holds.

Source: arch/x86/include/asm/ptrace.h, arch/arm64/include/asm/ptrace.h.

The raw tracepoints sys_enter and sys_exit hand a program a pointer to pt_regs.
The program does not pick registers one by one: it copies one block that holds
all six arguments, the record's *image*, and who reads the record picks.

    x86-64 pt_regs   r15 r14 r13 r12 rbp rbx r11 | r10 r9 r8 rax rcx rdx rsi rdi | orig_rax rip …
                                                 +56         the image       +120
    arm64 pt_regs    | x0 x1 x2 x3 x4 x5 x6 x7 | x8 … x30 sp pc pstate orig_x0 syscallno …
                     +0       the image       +64                      +272    +280, an int

Two of its words hold no argument: rax and rcx there, x6 and x7 on arm64. They are where a program
notes what else was asked for (`fetch/origin.py`).

arm64 returns in x0, which held the first argument: at sys_exit that is in orig_x0 alone, and at the
entry of call -1 already. At any other entry a tracer may have changed x0, and that is what is called with.

Not here: which argument is in which register is `syscall.py`.
"""

from __future__ import annotations

from argtrace.location.syscall import AARCH64_REGISTERS, I386_REGISTERS, X86_64_REGISTERS
from argtrace.target import AARCH64, X86_64, Target
from argtrace.value import frozen, replace

WORD = 8

IMAGE_SIZE = 64
"""Bytes of every image: eight words."""

_X86_64_PT_REGS = (
    "r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8",
    "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs", "eflags", "rsp", "ss",
)  # fmt: skip
_AARCH64_PT_REGS = tuple(f"x{n}" for n in range(31))


@frozen
class Frame:
    """The block of pt_regs that is copied, in bytes, and what is in it.

    `start`: where the block begins in pt_regs. `offsets`: register → offset in
    the image. `number`: where pt_regs keeps the system call's number, in `number_size` bytes. `spare`:
    offsets in the image of two words that are no arguments; `noted`: what is put there, of `ORIGINS`.

    `arguments` and `compat`: where in the image those of a 64-bit and of a 32-bit call are, in order;
    `compat_from`: where in pt_regs the latter are taken from, or empty if they lie as those of 64-bit
    calls. `first`: where pt_regs keeps the first argument when the result has taken its place.
    `sigreturn`: the number of rt_sigreturn, which leaves none in pt_regs.
    """

    start: int
    offsets: dict[str, int]
    number: int
    spare: tuple[int, int]
    arguments: tuple[int, ...]
    compat: tuple[int, ...]
    sigreturn: int
    number_size: int = WORD
    compat_from: tuple[int, ...] = ()
    first: int | None = None
    noted: frozenset[str] = frozenset()


CPU, UID, CGROUP = ORIGINS = ("cpu", "uid", "cgroup")
"""What a program can note of where a call came from."""


def pt_regs_offset(register: str) -> int:
    """Offset of an x86-64 register in pt_regs, in bytes."""
    return _X86_64_PT_REGS.index(register) * WORD


def _block(registers: tuple[str, ...], first: str) -> tuple[int, dict[str, int]]:
    begin = registers.index(first)
    names = registers[begin : begin + IMAGE_SIZE // WORD]
    return begin * WORD, {name: at * WORD for at, name in enumerate(names)}


COMPAT_IMAGE = dict(zip(I386_REGISTERS, (0, 8, 16, 40, 48, 56), strict=True))
"""The image of a 32-bit call on x86-64: its six arguments, with the same words spare."""


def _x86_64() -> Frame:
    start, offsets = _block(_X86_64_PT_REGS, "r10")
    return Frame(
        start,
        offsets,
        number=pt_regs_offset("orig_rax"),
        spare=(offsets["rax"], offsets["rcx"]),
        arguments=tuple(offsets[register] for register in X86_64_REGISTERS),
        compat=tuple(COMPAT_IMAGE.values()),
        sigreturn=15,
        compat_from=tuple(pt_regs_offset(register) for register in COMPAT_IMAGE),
    )


def _aarch64() -> Frame:
    start, offsets = _block(_AARCH64_PT_REGS, "x0")
    arguments = tuple(offsets[register] for register in AARCH64_REGISTERS)
    # struct user_pt_regs is 272 bytes; orig_x0 follows, then syscallno (s32), and what is not zeroed.
    return Frame(
        start,
        offsets,
        number=280,
        spare=(offsets["x6"], offsets["x7"]),
        arguments=arguments,
        compat=arguments,
        sigreturn=139,
        number_size=4,
        first=272,
    )


_FRAMES = {X86_64: _x86_64(), AARCH64: _aarch64()}


def frame(target: Target) -> Frame:
    return _FRAMES[target]


def noting(target: Target, origins: frozenset[str]) -> Frame:
    """The same where these are to be noted too."""
    return replace(_FRAMES[target], noted=origins)
