"""The BPF machine: registers, operation codes, the encoding of an instruction.

Source: RFC 9669 "BPF Instruction Set Architecture (ISA)", sections 3 and 4;
include/uapi/linux/bpf_common.h and include/uapi/linux/bpf.h.

    0        1         2                4                8
    +--------+----+----+----------------+----------------+
    | opcode |src |dst | offset (s16)   | immediate (s32)|
    +--------+----+----+----------------+----------------+

An opcode's low three bits are its class. For arithmetic and jumps the next bit
is the operand (K: immediate, X: register) and the high four the operation; for
loads and stores two bits of size and three of mode. A 64-bit immediate load is
two instructions; the second holds only the high half, in its immediate.

Not here: labels and maps by name are `asm.py`; which helper has which number is
`kernel/uapi.py`.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple


class Reg(IntEnum):
    """r0 result; r1 to r5 arguments, lost in calls; r6 to r9 kept; r10 frame."""

    R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10 = range(11)


# Classes (RFC 9669 table 3).
LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 = range(8)

# Sizes of loads and stores (table 11), keyed by bytes.
SIZES = {4: 0x00, 2: 0x08, 1: 0x10, 8: 0x18}

# Modes of loads and stores (table 10).
IMM, MEM, ATOMIC = 0x00, 0x60, 0xC0

COMPARE_EXCHANGE = 0xF1
"""The immediate of an atomic store that compares r0 first (section 5.3)."""

# Operands of arithmetic and jumps.
K, X = 0x00, 0x08

# Arithmetic (table 5).
ALU_CODES = {
    "+=": 0x00, "-=": 0x10, "*=": 0x20, "/=": 0x30, "|=": 0x40, "&=": 0x50,
    "<<=": 0x60, ">>=": 0x70, "%=": 0x90, "^=": 0xA0, "=": 0xB0, "s>>=": 0xC0,
}  # fmt: skip

# Jumps (table 8). Comparisons with an "s" are signed.
JUMP_CODES = {
    "==": 0x10, ">": 0x20, ">=": 0x30, "&": 0x40, "!=": 0x50, "s>": 0x60,
    "s>=": 0x70, "<": 0xA0, "<=": 0xB0, "s<": 0xC0, "s<=": 0xD0,
}  # fmt: skip
JA, CALL, EXIT = 0x00, 0x80, 0x90

# What the source register of a 64-bit immediate load means (table 12).
PSEUDO_MAP_FD, PSEUDO_MAP_VALUE = 1, 2
PSEUDO_CALL = 1  # of a call: a function of the program
PSEUDO_KERNEL_CALL = 2  # of a call: a function of the kernel, by its BTF id (BPF_PSEUDO_KFUNC_CALL)

WIDE = LD | IMM | SIZES[8]
"""The opcode of a 64-bit immediate load, which takes two instructions."""


class Instruction(NamedTuple):
    opcode: int
    dst: int = 0
    src: int = 0
    offset: int = 0
    imm: int = 0

    def encode(self) -> bytes:
        return _ENCODING.pack(self.opcode, self.src << 4 | self.dst, self.offset, self.imm)


_ENCODING = struct.Struct("<BBhi")
