"""Labels, maps by name, and listings; LLVM reads the same bytes where it is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.isa import ATOMIC, SIZES, STX, Instruction, Reg
from tests.support.bpf_reader import ST, decode, starts
from tests.support.generated import program_set

R0, R1, R2, R6, R7, R10 = Reg.R0, Reg.R1, Reg.R2, Reg.R6, Reg.R7, Reg.R10
FAR = 0x7FFF


def _jumping(before: int, after: int) -> Asm:
    """A jump over `after` instructions, or back over `before`."""
    asm = Asm()
    if before:
        asm.label("there")
    for _ in range(before):
        asm.move(R0, 0)
    asm.goto("there")
    for _ in range(after):
        asm.move(R0, 0)
    if after:
        asm.label("there")
    return asm


@pytest.mark.parametrize(
    ("before", "after", "offset"),
    [
        pytest.param(0, 1, 1, id="over one instruction"),
        pytest.param(1, 0, -2, id="back over one and itself"),
        pytest.param(0, FAR, FAR, id="as far as an offset reaches"),
        pytest.param(FAR, 0, -FAR - 1, id="as far back"),
    ],
)
def test_a_label_is_an_offset(before: int, after: int, offset: int) -> None:
    assert _jumping(before, after).assemble("test").instructions[before] == Instruction(0x05, offset=offset)


@pytest.mark.parametrize(
    ("before", "after", "distance"),
    [
        pytest.param(0, FAR + 1, "32768", id="one instruction too far"),
        pytest.param(FAR + 1, 0, "-32769", id="one too far back"),
    ],
)
def test_a_label_that_is_too_far(before: int, after: int, distance: str) -> None:
    with pytest.raises(ValueError, match=f"long: label there is {distance} instructions away"):
        _jumping(before, after).assemble("long")


def test_a_jump_over_a_map_counts_its_two_halves() -> None:
    asm = Asm()
    asm.jump("==", R0, 0, "end")
    asm.load_map(R1, "tasks")
    asm.label("end")

    assert asm.assemble("test").instructions[0].offset == 2


def test_a_label_that_is_nowhere() -> None:
    asm = Asm()
    asm.goto("lost")

    with pytest.raises(ValueError, match="test: no label lost"):
        asm.assemble("test")


def test_a_label_that_is_there_twice() -> None:
    asm = Asm()
    asm.label("here")

    with pytest.raises(ValueError, match="label here is there twice"):
        asm.label("here")


@pytest.mark.parametrize(
    "name", [pytest.param("a" * 16, id="sixteen bytes"), pytest.param("a" * 40, id="forty")]
)
def test_a_name_that_the_kernel_would_refuse(name: str) -> None:
    with pytest.raises(ValueError, match="at most 15 bytes"):
        Asm().assemble(name)


@pytest.mark.parametrize(
    "unknown",
    [
        pytest.param(lambda asm: asm.alu("**=", R1, 2), id="no such operation"),
        pytest.param(lambda asm: asm.jump("<>", R1, 2, "end"), id="no such comparison"),
        pytest.param(lambda asm: asm.load(R1, R2, 0, 3), id="no such size"),
        pytest.param(lambda asm: asm.call("make_coffee"), id="no such helper"),
    ],
)
def test_what_the_machine_has_not(unknown: object) -> None:
    assert callable(unknown)
    with pytest.raises((KeyError, AttributeError)):
        unknown(Asm())


def _with_maps() -> Program:
    asm = Asm()
    asm.load_map(R1, "tasks")
    asm.load_map_value(R2, "counters")
    asm.load_map(R1, "tasks")
    return asm.assemble("test")


def test_maps_get_their_descriptors_when_bound() -> None:
    program = _with_maps()

    bound = decode(program.code().bind({"tasks": 5, "counters": 7}))

    assert [(i.src, i.imm) for i in bound] == [(1, 5), (0, 0), (2, 7), (0, 0), (1, 5), (0, 0)]
    assert [i.imm for i in program.instructions] == [0] * 6  # the program itself is as it was


def test_a_map_without_descriptor() -> None:
    with pytest.raises(KeyError, match="counters"):
        _with_maps().code().bind({"tasks": 5})


def test_listing() -> None:
    asm = Asm()
    asm.move(R6, R1)
    asm.load_map(R1, "tasks")
    asm.load_map_value(R2, "counters")
    asm.label("again")
    asm.move(R2, R10)
    asm.alu("s>>=", R2, -4)
    asm.load(R1, R6, 16, 2)
    asm.store(R10, -8, R1, 1)
    asm.store(R7, 4, -14, 4)
    asm.atomic_add(R1, 8, R2)
    asm.jump("s<=", R0, R1, "end")
    asm.jump("&", R0, 2, "again")
    asm.call("map_lookup_elem")
    asm.goto("again")
    asm.label("end")
    asm.exit(1)

    assert asm.assemble("test").listing().splitlines() == [
        "   0: r6 = r1",
        "   1: r1 = map tasks",
        "   3: r2 = value of counters",
        "   5: r2 = r10",
        "   6: r2 s>>= -4",
        "   7: r1 = *(u16 *)(r6 +16)",
        "   8: *(u8 *)(r10 -8) = r1",
        "   9: *(u32 *)(r7 +4) = -14",
        "  10: lock *(u64 *)(r1 +8) += r2",
        "  11: if r0 s<= r1 goto 15",
        "  12: if r0 & 2 goto 5",
        "  13: call map_lookup_elem#1",
        "  14: goto 5",
        "  15: r0 = 1",
        "  16: exit",
    ]


EXCHANGE_32 = STX | ATOMIC | SIZES[4]


def test_llvm_reads_what_we_list() -> None:
    """Every instruction of every program; but stores of an immediate, which LLVM before 18 does not know,
    and an exchange of 32 bits, which it only knows where all arithmetic may be of 32."""
    if not shutil.which("llvm-mc"):
        pytest.skip("LLVM's assembler, llvm-mc, is not installed.")
    code: list[Instruction] = []
    ours: list[str] = []
    for program in program_set().programs().values():
        instructions, lines = program.instructions, program.listing().splitlines()
        for at, line in zip(starts(instructions), lines, strict=True):
            if instructions[at].opcode & 7 != ST and instructions[at].opcode != EXCHANGE_32:
                code += instructions[at : at + (2 if instructions[at].opcode == 0x18 else 1)]
                ours.append(_as_llvm_spells_it(line))
    text = " ".join(f"{byte:#x}" for i in code for byte in i.encode())
    done = subprocess.run(
        ["llvm-mc", "--disassemble", "--triple=bpfel"], input=text, capture_output=True, text=True, check=True
    )
    theirs = [line.strip() for line in done.stdout.splitlines() if not line.strip().startswith(".")]

    assert len(ours) > 1000
    assert [re.sub(r"\s+", " ", line) for line in theirs] == ours


def _as_llvm_spells_it(line: str) -> str:
    at, text = line.strip().split(": ", 1)
    text = re.sub(r"(\(r\d+) ([+-])(\d+)\)", r"\1 \2 \3)", text)
    text = re.sub(r"atomic64_cmpxchg\(\(u64 \*\)\((.+?)\)", r"cmpxchg_64(\1", text)
    text = re.sub(r"call \w+#", "call ", text)
    text = re.sub(
        r"^call (\d+)$",
        lambda match: match[0] if "#" in line else f"call {int(match[1]) - int(at) - 1}",
        text,
    )
    text = re.sub(r"^(r\d+) = map \w+$", r"ld_pseudo \1, 1, 0", text)
    text = re.sub(r"^(r\d+) = value of \w+$", r"ld_pseudo \1, 2, 0", text)
    return re.sub(r"goto (\d+)$", lambda match: f"goto {int(match[1]) - int(at) - 1:+}", text)
