"""Instructions read back from their bytes, and what each reads, writes and leads to.

Source: RFC 9669, section 3. Knows nothing of how `fetch/asm.py` writes them.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from argtrace.fetch.isa import Instruction

LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)
WIDE = 0x18
CALL, EXIT, JA = 0x85, 0x95, 0x05


def decode(code: bytes) -> tuple[Instruction, ...]:
    return tuple(
        Instruction(opcode, registers & 0xF, registers >> 4, offset, imm)
        for opcode, registers, offset, imm in struct.iter_unpack("<BBhi", code)
    )


def starts(instructions: Sequence[Instruction]) -> list[int]:
    """Where instructions begin: all places but the second halves of 64-bit loads."""
    found, at = [], 0
    while at < len(instructions):
        found.append(at)
        at += 2 if instructions[at].opcode == WIDE else 1
    return found


def reads(i: Instruction) -> set[int]:
    """Registers whose value an instruction needs. A call needs none that can be told from it alone."""
    kind, by_register = i.opcode & 7, bool(i.opcode & 8)
    match kind:
        case 7 | 4:
            moves = i.opcode & 0xF0 == 0xB0
            return ({i.src} if by_register else set()) | (set() if moves else {i.dst})
        case 1:
            return {i.src}
        case 2:
            return {i.dst}
        case 3:
            return {i.dst, i.src}
        case 5 | 6:
            if i.opcode == EXIT:
                return {0}
            if i.opcode in (CALL, JA):
                return set()
            return {i.dst} | ({i.src} if by_register else set())
        case _:
            return set()


def writes(i: Instruction) -> set[int]:
    if i.opcode == CALL:
        return {0}
    return {i.dst} if i.opcode & 7 in (LD, LDX, ALU, ALU64) else set()


def target(at: int, i: Instruction) -> int | None:
    """Where a jump at `at` leads to."""
    if i.opcode & 7 not in (JMP, JMP32) or i.opcode in (CALL, EXIT):
        return None
    return at + 1 + i.offset


def calls_function(i: Instruction) -> bool:
    """Whether it calls a function of the same program (RFC 9669, section 4.3.3)."""
    return i.opcode == CALL and i.src == 1


def calls_kernel(i: Instruction) -> bool:
    """Whether it calls a function of the kernel, by its BTF id."""
    return i.opcode == CALL and i.src == 2


def goes_on(i: Instruction) -> bool:
    """Whether the next instruction may follow."""
    return i.opcode not in (EXIT, JA)
