"""Programs for older kernels, looked at: what they must not have in them, and must not do.

That they do the same as those for the newest is in the tests of each program (`conftest.py`).
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from argtrace.fetch import derive, isa, older
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.choice import Choice, Gate
from argtrace.fetch.emit import KEY
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.flow import ARGUMENTS, Steps
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import layout
from argtrace.fetch.limits import Limits
from argtrace.fetch.programs import ProgramSet
from argtrace.kernel import uapi
from argtrace.target import X86_64
from argtrace.value import names, replace
from tests.fetch.conftest import NOTHING
from tests.support import stack
from tests.support.generated import FILES, SETTINGS, program_set, signatures

SETS: dict[str, dict[str, Any]] = {
    "everything": {},
    "names of descriptors": {"files": FILES},
    "execs whole": {"whole": True, "settings": SETTINGS},
    "buffers whole": {"whole": True},
    "who, and when": {
        "choice": Choice(names=True, exes=True, uids=True, cgroups=2, excluded=True),
        "gate": Gate(cpus=True, timed=True),
    },
}
WITHOUT = {name: replace(ALL, **{name: False}) for name in names(ALL)}


CALLS = {"execs whole": ("execve", "execveat"), "buffers whole": ("write", "writev", "pread64", "sendmsg")}


def made(label: str, features: Features) -> ProgramSet:
    return program_set(*CALLS.get(label, ()), features=features, **SETS[label])


@pytest.fixture(params=SETS)
def oldest(request: pytest.FixtureRequest) -> ProgramSet:
    return made(request.param, NOTHING)


def test_a_kernel_that_has_everything_gets_them_as_they_are() -> None:
    asm = Asm()
    asm.exit()
    program = asm.assemble("same")

    assert older.fit(program, ALL) is program


def test_none_is_longer_than_the_oldest_takes(oldest: ProgramSet) -> None:
    assert max(len(program.instructions) for program in oldest.programs().values()) <= 4096


def test_none_goes_back(oldest: ProgramSet) -> None:
    assert [name for name, program in oldest.programs().items() if Steps(program).has_circle()] == []


def test_each_loop_is_known() -> None:
    """What goes round has said how often at most: else it could not be unrolled."""
    for label in SETS:
        for program in made(label, ALL).programs().values():
            assert Steps(program).has_circle() == bool(program.loops), program.name


def test_none_names_the_address_of_a_value(oldest: ProgramSet) -> None:
    values = [
        program.name
        for program in oldest.programs().values()
        for instruction in program.instructions
        if instruction.opcode == isa.WIDE and instruction.src == isa.PSEUDO_MAP_VALUE
    ]

    assert values == []


def test_none_calls_what_the_oldest_has_not(oldest: ProgramSet) -> None:
    newer = {"get_current_task_btf", "task_pt_regs", "ringbuf_output", "ringbuf_reserve", "ringbuf_query"}
    newer |= {"ringbuf_submit", "probe_read_user", "probe_read_user_str", "probe_read_kernel"}
    called = {step.helper for program in oldest.programs().values() for step in Steps(program) if step.helper}

    assert called.isdisjoint(getattr(uapi, f"BPF_FUNC_{name}") for name in newer)


def test_none_has_tail_calls_beside_functions(oldest: ProgramSet) -> None:
    for program in oldest.programs().values():
        tails = any(step.helper == uapi.BPF_FUNC_tail_call for step in Steps(program))
        assert not (tails and program.functions), program.name


def test_what_a_function_gives_is_any_number() -> None:
    """Else the verifier goes through what follows once for each way through the function."""
    for program in made("everything", replace(ALL, functions=False)).programs().values():
        called = [
            index
            for index, instruction in enumerate(program.instructions)
            if instruction.opcode == isa.JMP | isa.CALL and instruction.src == isa.PSEUDO_CALL
        ]
        following = [program.instructions[index + 1] for index in called]
        assert [each for each in following if (each.dst, each.src) == (Reg.R8, Reg.R0)] == [], program.name


@pytest.mark.parametrize("features", [NOTHING, ALL], ids=["oldest", "newest"])
@pytest.mark.parametrize("label", SETS)
def test_none_reads_what_it_has_not_written(label: str, features: Features) -> None:
    programs = made(label, features)
    maps = {spec.name: spec for spec in programs.maps()}

    for program in programs.programs().values():
        assert list(stack.unwritten(program, maps)) == []


@pytest.mark.parametrize("features", [*WITHOUT.values(), NOTHING], ids=[*WITHOUT, "oldest"])
@pytest.mark.parametrize("label", SETS)
def test_no_register_is_read_that_has_nothing(label: str, features: Features) -> None:
    """The verifier's `!read_ok`: behind a call r1 to r5 are gone, and r0 is where it gives nothing."""
    arguments, nothing = 0b11_1110, (uapi.BPF_FUNC_ringbuf_submit, uapi.BPF_FUNC_ringbuf_discard)
    for program in made(label, features).programs().values():
        steps = Steps(program)
        alive = steps.alive()
        for step in steps:
            if step.instruction.opcode == isa.JMP | isa.CALL:
                gone = arguments | (step.helper in nothing)
                assert alive[step] & gone == 0, f"{program.name}: {step.instruction}"


def test_none_needs_more_stack_than_there_is(oldest: ProgramSet) -> None:
    assert max(stack.deepest(program) for program in oldest.programs().values()) <= 512


@pytest.mark.parametrize("name", WITHOUT)
def test_each_can_be_missing_alone(name: str) -> None:
    """Maps that a program names are there, and jumps lead somewhere."""
    programs = made("everything", WITHOUT[name])
    maps = {spec.name for spec in programs.maps()}
    for program in programs.programs().values():
        assert {each for _, each in program.maps} <= maps
        assert Steps(program).program().instructions == program.instructions


def test_every_helper_that_is_called_has_its_arguments_counted() -> None:
    """A register that a call looks at must survive what is put before it."""
    for label, features in itertools.product(SETS, (ALL, NOTHING)):
        for program in made(label, features).programs().values():
            assert {step.helper for step in Steps(program) if step.helper} <= set(ARGUMENTS)


# What the look at the stack finds.


def _of(name: str, asm: Asm) -> Program:
    asm.exit()
    return asm.assemble(name)


def test_a_load_of_what_nobody_wrote_is_found() -> None:
    asm = Asm()
    asm.store(Reg.R10, -8, 0, 4)
    asm.load(Reg.R1, Reg.R10, -8)

    assert list(stack.unwritten(_of("half", asm), {})) == ["half, step 1: 8 bytes at r10-8 by r10"]


def test_a_key_of_which_one_way_has_written_nothing_is_found() -> None:
    asm = Asm()
    asm.jump("==", Reg.R1, 0, "skip")
    asm.store(Reg.R10, KEY, 0, 4)
    asm.label("skip")
    asm.move(Reg.R2, Reg.R10)
    asm.alu("+=", Reg.R2, KEY)
    asm.load_map(Reg.R1, "tasks")
    asm.call("map_lookup_elem")
    tasks = {spec.name: spec for spec in program_set("getppid").maps()}

    assert len(list(stack.unwritten(_of("key", asm), tasks))) == 1


# Pieces.


def test_rounds_of_a_loop_are_as_many_as_have_room() -> None:
    asm = Asm()
    asm.move(Reg.R6, 0)
    asm.label("again", most=1000)
    for _ in range(9):
        asm.alu("+=", Reg.R6, 1)
    asm.jump("<", Reg.R6, 9000, "again")
    program = older.fit(_of("loop", asm), NOTHING)

    assert 2000 < len(program.instructions) <= older.MOST_INSTRUCTIONS
    assert not Steps(program).has_circle()


def test_the_longest_record_fits_a_sample_of_perfs() -> None:
    """Its size is a __u16: a header, the time, and 32 bits that say how much there is."""
    everything = Limits(strings=1 << 20, buffers=1 << 20, elements=256, tables=1 << 20, followed=16)
    for whole in (False, True):
        limits = replace(everything, whole=whole).fitting(ring=False)
        calls = signatures().items()
        every = [derive.plans(number, signature, X86_64, limits) for number, signature in calls]
        sizes = layout(tuple(plan for plans in every for plan in plans.all()), 1 << 16)
        assert sizes.record_space + 8 + 8 + 4 < 1 << 16
