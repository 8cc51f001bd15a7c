"""Where registers are in pt_regs and in a record's image. The kernel's own word is its BTF."""

from __future__ import annotations

import os

import pytest

from argtrace.location import frames, syscall
from argtrace.signature.syscalls import names
from argtrace.target import AARCH64, X86_64, Target
from tests.support.vmlinux import vmlinux

# Our names (the psABI's, and ptrace(2)'s) to the members of the kernel's struct.
MEMBERS = {
    **{f"r{n}": f"r{n}" for n in range(8, 16)},
    **{f"r{name}": name for name in ("ax", "bx", "cx", "dx", "si", "di", "bp", "ip", "sp")},
    "orig_rax": "orig_ax",
    "cs": "cs",
    "eflags": "flags",
    "ss": "ss",
}


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        # r10 is the block's first word, rdi its last: arch/x86/include/asm/ptrace.h
        pytest.param(X86_64, (56, 48, 40, 0, 16, 8), id="x86-64 has its six in seven words, backwards"),
        pytest.param(AARCH64, (0, 8, 16, 24, 32, 40), id="arm64 has its six in order"),
    ],
)
def test_arguments_are_in_the_image(target: Target, arguments: tuple[int, ...]) -> None:
    offsets = frames.frame(target).offsets

    assert tuple(offsets[register] for register in syscall.registers(target)) == arguments
    assert sorted(offsets.values()) == list(range(0, frames.IMAGE_SIZE, frames.WORD))


@pytest.mark.parametrize(
    ("target", "start", "number"),
    [
        pytest.param(X86_64, 56, 120, id="x86-64 keeps the number right behind the block"),
        pytest.param(AARCH64, 0, 280, id="arm64 keeps it behind user_pt_regs and orig_x0"),
    ],
)
def test_block_in_pt_regs(target: Target, start: int, number: int) -> None:
    frame = frames.frame(target)

    assert (frame.start, frame.number) == (start, number)


def test_a_32_bit_call_leaves_the_same_words_spare() -> None:
    assert list(frames.COMPAT_IMAGE) == list(syscall.I386_REGISTERS)
    assert {*frames.COMPAT_IMAGE.values(), *frames.frame(X86_64).spare} == set(range(0, 64, 8))


@pytest.mark.parametrize("target", [X86_64, AARCH64], ids=["x86-64", "arm64"])
def test_spare_words_hold_no_argument(target: Target) -> None:
    frame = frames.frame(target)

    assert not {frame.offsets[register] for register in syscall.registers(target)} & {*frame.spare}


ON_X86_64 = os.uname().machine == "x86_64"
of_x86_64 = pytest.mark.skipif(not ON_X86_64, reason="This kernel's registers are not x86-64's.")
of_arm64 = pytest.mark.skipif(ON_X86_64, reason="This kernel's registers are not arm64's.")


@of_x86_64
@pytest.mark.parametrize("register", MEMBERS)
def test_this_kernel_agrees(register: str) -> None:
    assert frames.pt_regs_offset(register) == vmlinux().field("pt_regs", MEMBERS[register]).offset


@of_x86_64
def test_this_kernel_has_no_other_registers() -> None:
    last = vmlinux().field("pt_regs", "ss")

    assert len(MEMBERS) == last.offset // frames.WORD + 1
    assert {frames.pt_regs_offset(register) for register in MEMBERS} == set(range(0, last.offset + 1, 8))


@of_x86_64
def test_the_image_lies_in_this_kernels_pt_regs() -> None:
    frame = frames.frame(X86_64)

    assert frame.number == vmlinux().field("pt_regs", "orig_ax").offset
    for register, offset in frame.offsets.items():
        assert frame.start + offset == vmlinux().field("pt_regs", MEMBERS[register]).offset


@of_arm64
def test_this_arm64_kernel_agrees() -> None:
    frame = frames.frame(AARCH64)
    number = vmlinux().field("pt_regs", "syscallno")

    assert vmlinux().field("pt_regs", "user_regs").offset == frame.start
    assert vmlinux().field("user_pt_regs", "regs").offset == frame.offsets["x0"]
    assert vmlinux().field("pt_regs", "orig_x0").offset == frame.first
    assert (number.offset, number.size) == (frame.number, frame.number_size)


def test_arm64_keeps_the_first_argument_apart_and_the_number_in_an_int() -> None:
    # struct pt_regs of arch/arm64/include/asm/ptrace.h: user_pt_regs (272 bytes), orig_x0, syscallno
    frame = frames.frame(AARCH64)

    assert (frame.first, frame.number, frame.number_size) == (272, 280, 4)
    assert frame.compat == frame.arguments, "r0 to r5 of a 32-bit task are x0 to x5"
    assert frame.compat_from == ()


@pytest.mark.parametrize("target", [X86_64, AARCH64], ids=["x86-64", "arm64"])
def test_rt_sigreturn_has_the_number_of_the_table(target: Target) -> None:
    assert names(target)[frames.frame(target).sigreturn] == "rt_sigreturn"
