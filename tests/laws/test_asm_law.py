"""Whatever is assembled can be listed, is eight bytes an instruction, and reads back as it was."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from argtrace.fetch import isa
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.isa import Instruction, Reg
from argtrace.kernel import uapi
from tests.support.bpf_reader import decode, starts

REGISTERS = st.sampled_from(Reg)
IMMEDIATES = st.integers(-(1 << 31), (1 << 31) - 1)
OFFSETS = st.integers(-(1 << 15), (1 << 15) - 1)
SIZES = st.sampled_from(sorted(isa.SIZES))
OPERANDS = st.one_of(REGISTERS, IMMEDIATES)
LABELS = st.sampled_from("abc")
MAPS = st.sampled_from(("tasks", "events"))
HELPERS = st.sampled_from(
    [name.removeprefix("BPF_FUNC_") for name in vars(uapi) if name.startswith("BPF_FUNC_")]
)

Line = Callable[[Asm], None]


def _line(method: str, *arguments: st.SearchStrategy[object]) -> st.SearchStrategy[Line]:
    def write(given: tuple[object, ...]) -> Line:
        return lambda asm: getattr(asm, method)(*given)

    return st.tuples(*arguments).map(write)


LINES = st.one_of(
    _line("move", REGISTERS, OPERANDS),
    _line("alu", st.sampled_from(sorted(isa.ALU_CODES)), REGISTERS, OPERANDS),
    _line("load", REGISTERS, REGISTERS, OFFSETS, SIZES),
    _line("store", REGISTERS, OFFSETS, OPERANDS, SIZES),
    _line("atomic_add", REGISTERS, OFFSETS, REGISTERS),
    _line("load_map", REGISTERS, MAPS),
    _line("load_map_value", REGISTERS, MAPS),
    _line("jump", st.sampled_from(sorted(isa.JUMP_CODES)), REGISTERS, OPERANDS, LABELS),
    _line("goto", LABELS),
    _line("call", HELPERS),
    _line("exit", IMMEDIATES),
)


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[Line], Program]:
    """Any lines, with each label somewhere among them."""
    lines = draw(st.lists(LINES, max_size=40))
    places = {label: draw(st.integers(0, len(lines))) for label in "abc"}
    asm = Asm()
    for at in range(len(lines) + 1):
        for label, place in places.items():
            if place == at:
                asm.label(label)
        if at < len(lines):
            lines[at](asm)
    return lines, asm.assemble("any")


@given(programs())
def test_a_listing_has_a_line_for_each_instruction(written: tuple[list[Line], Program]) -> None:
    _, program = written
    lines = program.listing().splitlines()

    assert [int(line.split(":")[0]) for line in lines] == starts(program.instructions)
    assert not any("?" in line for line in lines)


@given(programs(), st.integers(0, (1 << 31) - 1))
def test_what_is_bound_reads_back(written: tuple[list[Line], Program], descriptor: int) -> None:
    _, program = written
    code = program.code().bind({"tasks": descriptor, "events": descriptor})
    maps = {at for at, _ in program.maps}

    assert len(code) == 8 * len(program.instructions)
    for at, (read, made) in enumerate(zip(decode(code), program.instructions, strict=True)):
        assert (read.imm, read.offset) == (descriptor if at in maps else made.imm, made.offset)
        assert (read.opcode, read.dst, read.src) == (made.opcode, made.dst, made.src)


@given(programs())
def test_jumps_lead_to_where_instructions_begin(written: tuple[list[Line], Program]) -> None:
    _, program = written
    begin = {*starts(program.instructions), len(program.instructions)}

    for at in starts(program.instructions):
        i = program.instructions[at]
        if i.opcode & 7 == isa.JMP and i.opcode & 0xF0 not in (isa.CALL, isa.EXIT):
            assert at + 1 + i.offset in begin


@given(
    st.builds(Instruction, st.integers(0, 255), st.integers(0, 15), st.integers(0, 15), OFFSETS, IMMEDIATES)
)
def test_any_instruction_is_eight_bytes_that_read_back(instruction: Instruction) -> None:
    code = instruction.encode()

    assert len(code) == 8
    assert decode(code) == (instruction,)
