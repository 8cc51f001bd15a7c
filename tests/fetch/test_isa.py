"""Instructions as bytes, against RFC 9669: section 3 for the fields, appendix A for the opcodes."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from argtrace.fetch import isa
from argtrace.fetch.asm import Asm
from argtrace.fetch.isa import Instruction, Reg
from tests.support.bpf_reader import decode

R0, R1, R2, R6, R7, R9, R10 = Reg.R0, Reg.R1, Reg.R2, Reg.R6, Reg.R7, Reg.R9, Reg.R10

ENCODINGS = [
    pytest.param(
        lambda a: a.alu("+=", R1, 0x11223344), "07 01 00 00 44 33 22 11", id="the RFC's own example"
    ),
    pytest.param(
        lambda a: a.alu("+=", R2, R10), "0f a2 00 00 00 00 00 00", id="the source stands above the target"
    ),
    pytest.param(lambda a: a.move(R2, -4), "b7 02 00 00 fc ff ff ff", id="an immediate has a sign"),
    pytest.param(
        lambda a: a.load(R1, R6, 8), "79 61 08 00 00 00 00 00", id="a load of eight bytes is the default"
    ),
    pytest.param(lambda a: a.load(R1, R6, 16, 4), "61 61 10 00 00 00 00 00", id="a load of four"),
    pytest.param(lambda a: a.load(R1, R7, 2, 2), "69 71 02 00 00 00 00 00", id="a load of two"),
    pytest.param(lambda a: a.load(R1, R0, 0, 1), "71 01 00 00 00 00 00 00", id="a load of one"),
    pytest.param(
        lambda a: a.store(R10, -4, R0, 4), "63 0a fc ff 00 00 00 00", id="a store below the frame's top"
    ),
    pytest.param(lambda a: a.store(R7, 24, R9), "7b 97 18 00 00 00 00 00", id="a store of eight bytes"),
    pytest.param(lambda a: a.store(R7, 2, R1, 2), "6b 17 02 00 00 00 00 00", id="a store of two"),
    pytest.param(lambda a: a.store(R7, 2, R1, 1), "73 17 02 00 00 00 00 00", id="a store of one"),
    pytest.param(lambda a: a.store(R7, 4, -14, 4), "62 07 04 00 f2 ff ff ff", id="a store of an immediate"),
    pytest.param(lambda a: a.store(R7, 2, 1, 2), "6a 07 02 00 01 00 00 00", id="an immediate of two bytes"),
    pytest.param(lambda a: a.store(R7, 8, 1), "7a 07 08 00 01 00 00 00", id="an immediate of eight"),
    pytest.param(
        lambda a: a.atomic_add(R1, 8, R2), "db 21 08 00 00 00 00 00", id="an atomic addition of eight bytes"
    ),
    pytest.param(
        lambda a: a.load_map(R1, "tasks"),
        "18 11 00 00 00 00 00 00  00 00 00 00 00 00 00 00",
        id="a map takes two instructions",
    ),
    pytest.param(
        lambda a: a.load_map_value(R1, "counters"),
        "18 21 00 00 00 00 00 00  00 00 00 00 00 00 00 00",
        id="a map's value is another source",
    ),
    pytest.param(lambda a: a.call("map_lookup_elem"), "85 00 00 00 01 00 00 00", id="a helper by its number"),
    pytest.param(
        lambda a: a.call("probe_read_user_str"), "85 00 00 00 72 00 00 00", id="a helper of a high number"
    ),
    pytest.param(
        lambda a: a.exit(), "b7 00 00 00 00 00 00 00  95 00 00 00 00 00 00 00", id="an exit has a result"
    ),
]


@pytest.mark.parametrize(("write", "code"), ENCODINGS)
def test_encoding(write: Callable[[Asm], None], code: str) -> None:
    asm = Asm()
    write(asm)

    assert b"".join(i.encode() for i in asm.assemble("test").instructions) == bytes.fromhex(code)


# Operation -> opcode with an immediate, opcode with a register.
ARITHMETIC = {
    "+=": (0x07, 0x0F), "-=": (0x17, 0x1F), "*=": (0x27, 0x2F), "/=": (0x37, 0x3F), "|=": (0x47, 0x4F),
    "&=": (0x57, 0x5F), "<<=": (0x67, 0x6F), ">>=": (0x77, 0x7F), "%=": (0x97, 0x9F), "^=": (0xA7, 0xAF),
    "=": (0xB7, 0xBF), "s>>=": (0xC7, 0xCF),
}  # fmt: skip
JUMPS = {
    "==": (0x15, 0x1D), ">": (0x25, 0x2D), ">=": (0x35, 0x3D), "&": (0x45, 0x4D), "!=": (0x55, 0x5D),
    "s>": (0x65, 0x6D), "s>=": (0x75, 0x7D), "<": (0xA5, 0xAD), "<=": (0xB5, 0xBD), "s<": (0xC5, 0xCD),
    "s<=": (0xD5, 0xDD),
}  # fmt: skip


@pytest.mark.parametrize("operation", ARITHMETIC)
def test_arithmetic(operation: str) -> None:
    asm = Asm()
    asm.alu(operation, R1, 7)
    asm.alu(operation, R1, R2)
    immediate, register = ARITHMETIC[operation]

    assert asm.assemble("test").instructions == (
        Instruction(immediate, 1, 0, 0, 7),
        Instruction(register, 1, 2, 0, 0),
    )


@pytest.mark.parametrize("comparison", JUMPS)
def test_jump(comparison: str) -> None:
    asm = Asm()
    asm.jump(comparison, R1, -7, "end")
    asm.jump(comparison, R1, R2, "end")
    asm.label("end")
    immediate, register = JUMPS[comparison]

    assert asm.assemble("test").instructions == (
        Instruction(immediate, 1, 0, 1, -7),
        Instruction(register, 1, 2, 0, 0),
    )


def test_the_tables_have_no_other_operations() -> None:
    assert isa.ALU_CODES.keys() == ARITHMETIC.keys()
    assert isa.JUMP_CODES.keys() == JUMPS.keys()


@pytest.mark.parametrize(
    "instruction",
    [
        pytest.param(Instruction(0xB7, 0, 0, 0, 1 << 31), id="an immediate is at most 2**31 - 1"),
        pytest.param(Instruction(0xB7, 0, 0, 0, -(1 << 31) - 1), id="and at least -2**31"),
        pytest.param(Instruction(0x79, 1, 6, 1 << 15), id="an offset is at most 2**15 - 1"),
        pytest.param(Instruction(0x100), id="an opcode is a byte"),
    ],
)
def test_what_does_not_fit_is_refused(instruction: Instruction) -> None:
    with pytest.raises(struct.error):
        instruction.encode()


def test_the_ends_of_the_ranges_fit() -> None:
    for instruction in (
        Instruction(0x7B, 10, 9, -0x8000, 0x7FFFFFFF),
        Instruction(0x62, 7, 0, 0x7FFF, -0x80000000),
    ):
        assert decode(instruction.encode()) == (instruction,)
