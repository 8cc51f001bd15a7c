"""What every generated program keeps, seen without a kernel: limits of old verifiers, and ours.

Source: Linux 4.19 and 5.10, kernel/bpf/verifier.c: BPF_MAXINSNS (4096 instructions)
without privileges and before 5.2; no loop before 5.3; MAX_BPF_STACK (512).
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from argtrace.fetch import summary_programs
from argtrace.fetch.asm import Program
from argtrace.fetch.context import RAW
from argtrace.fetch.filters import Filters
from argtrace.fetch.function_types import PARAMETERS
from argtrace.fetch.isa import Instruction
from argtrace.fetch.layout import TRACK
from argtrace.fetch.summary_layout import ERRNO, THREAD, Summing
from argtrace.kernel import uapi
from tests.support import bpf_reader, generated
from tests.support.bpf_reader import (
    CALL,
    EXIT,
    calls_function,
    calls_kernel,
    goes_on,
    reads,
    starts,
    target,
    writes,
)
from tests.support.generated import EVENTS, FIELDS, FILES, NO_FILTERS, program_set

LOOPS = {"at_exec_argv", "at_exec_envp", "at_opened"}
"""Programs that walk: through an array of strings, or up from a file to the root."""
FRAME = 10
STACK = 512

# Arguments of the helpers we call, and the least kernel that has each (bpf-helpers(7)).
HELPERS = {
    "map_lookup_elem": (2, "3.19"),
    "map_update_elem": (4, "3.19"),
    "map_delete_elem": (2, "3.19"),
    "ktime_get_ns": (0, "4.1"),
    "get_current_pid_tgid": (0, "4.2"),
    "get_current_comm": (2, "4.2"),
    "tail_call": (3, "4.2"),
    "probe_read_user": (3, "5.5"),
    "probe_read_kernel": (3, "5.5"),
    "probe_read_user_str": (3, "5.5"),
    "probe_read_kernel_str": (3, "5.5"),
    "get_smp_processor_id": (0, "4.1"),
    "ringbuf_output": (4, "5.8"),
    "ringbuf_query": (2, "5.8"),
    "ringbuf_reserve": (3, "5.8"),
    "ringbuf_submit": (2, "5.8"),
    "get_current_task_btf": (0, "5.11"),
    "task_pt_regs": (1, "5.15"),
}
ARGUMENTS = {getattr(uapi, f"BPF_FUNC_{name}"): count for name, (count, _) in HELPERS.items()}

FILTERS = Filters(failed=True, errnos=(1, 2), duration=1 << 40)


class Read(NamedTuple):
    """A program with its instructions by where they start."""

    name: str
    program: Program
    lines: dict[int, Instruction]


@functools.cache
def _every_program() -> tuple[Read, ...]:
    return tuple(_read())


def _read() -> Iterator[Read]:
    """Of everything there is to trace, and of what only filters or whole buffers bring."""
    known: set[tuple[object, ...]] = set()
    sets = {
        "": program_set(),
        ", filtered": program_set(filters=FILTERS),
        ", with whole buffers": program_set(whole=True),
        ", telling files": program_set(files=FILES),
        ", of events": program_set(context=EVENTS, files=FILES),
    }
    programs = {kind: found.programs() for kind, found in sets.items()}
    for alone, times, by in ((True, True, ()), (True, False, ()), (False, True, (THREAD, ERRNO))):
        summing = Summing(frozenset(by), alone, times)
        for filters, context in itertools.product((NO_FILTERS, FILTERS), (RAW, EVENTS)):
            counting = summary_programs.programs(summing, filters, FIELDS, generated.FRAME, context)
            programs[f", {summing}, {filters}, {context}"] = {each.name: each for each in counting.values()}
    for kind, named in programs.items():
        for name, program in named.items():
            if (program.instructions, program.maps) not in known:
                known.add((program.instructions, program.maps))
                yield Read(f"{name}{kind}", program, _lines(program))


def every_program(rule: Callable[[Read], None]) -> Callable[[], None]:
    """The rule as one test: thousands of them take longer than the rules do."""

    def test() -> None:
        broken: list[AssertionError] = []
        for read in _every_program():
            try:
                rule(read)
            except AssertionError as error:
                error.add_note(f"in the program {read.name}")
                broken.append(error)
        if broken:
            raise ExceptionGroup(
                f"{rule.__name__}: {len(broken)} of {len(_every_program())} programs", broken[:5]
            )

    test.__doc__ = rule.__doc__
    return test


def _arguments(i: Instruction, at: int, program: Program) -> int:
    if calls_kernel(i):
        return 1
    if calls_function(i):
        return PARAMETERS[dict(program.functions)[at + 1 + i.imm]]
    return ARGUMENTS[i.imm]


def _lines(program: Program) -> dict[int, Instruction]:
    return {at: program.instructions[at] for at in starts(program.instructions)}


def _successors(at: int, i: Instruction) -> list[int]:
    following = [at + (2 if i.opcode == bpf_reader.WIDE else 1)] if goes_on(i) else []
    if calls_function(i):
        return [*following, at + 1 + i.imm]
    jump = target(at, i)
    return following if jump is None else [*following, jump]


@every_program
def test_length(read: Read) -> None:
    assert len(read.program.instructions) <= 4096


@every_program
def test_jumps_lead_to_instructions(read: Read) -> None:
    lines = read.lines
    for at, i in lines.items():
        assert target(at, i) in {None, *lines}, f"{at}: into the middle of an instruction, or out"


@every_program
def test_only_walks_and_chunks_have_loops_and_each_has_one(read: Read) -> None:
    """A branch that was put out of the straight line jumps back, and is no loop."""
    lines = read.lines
    heads: set[int] = set()
    path: set[int] = set()
    done: set[int] = set()
    left: list[tuple[int, bool]] = [(0, False)]
    while left:
        at, leaving = left.pop()
        if leaving:
            path.remove(at)
            done.add(at)
        elif at in path:
            heads.add(at)
        elif at not in done:
            path.add(at)
            left.append((at, True))
            left += [(to, False) for to in _successors(at, lines[at])]

    reserve = Instruction(CALL, imm=uapi.BPF_FUNC_ringbuf_reserve)
    chunks = [i for i in lines.values() if i == reserve]
    assert len(heads) == (1 if read.program.name in LOOPS else len(chunks))


@every_program
def test_no_program_runs_over_its_end(read: Read) -> None:
    for at, i in read.lines.items():
        assert all(to < len(read.program.instructions) for to in _successors(at, i)), at


@every_program
def test_every_instruction_is_reached(read: Read) -> None:
    """The verifier refuses what is not, before Linux 5.1 at least."""
    lines = read.lines
    seen, left = {0}, [0]
    while left:
        at = left.pop()
        for to in _successors(at, lines[at]):
            if to not in seen:
                seen.add(to)
                left.append(to)

    assert seen == lines.keys()


@every_program
def test_registers_are_written_before_they_are_read(read: Read) -> None:
    """On every path: what holds where paths meet is what holds on all of them."""
    lines = read.lines
    functions = {at: {*range(1, PARAMETERS[name] + 1), FRAME} for at, name in read.program.functions if name}
    known: dict[int, set[int]] = {0: {1, FRAME}} | functions
    left = [*known]
    while left:
        at = left.pop()
        i, have = lines[at], known[at]
        needed = reads(i) | (
            set(range(1, _arguments(i, at, read.program) + 1)) if i.opcode == CALL else set()
        )
        assert needed <= have, f"{at}: reads r{min(needed - have)}, which nobody wrote"
        after = (have - set(range(6)) if i.opcode == CALL else have) | writes(i)
        for to in _successors(at, i):
            if to in functions:
                continue
            met = after & known.get(to, after)
            if to not in known or met != known[to]:
                known[to] = met
                left.append(to)


@every_program
def test_the_frame_is_not_left_and_not_moved(read: Read) -> None:
    for at, i in read.lines.items():
        kind = i.opcode & 7
        if (kind == bpf_reader.LDX and i.src == FRAME) or (
            kind in (bpf_reader.ST, bpf_reader.STX) and i.dst == FRAME
        ):
            size = {0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}[i.opcode & 0x18]
            assert -STACK <= i.offset <= -size, at
            assert i.offset % size == 0, f"{at}: not aligned, which the verifier refuses"
        assert FRAME not in writes(i), at


@every_program
def test_addresses_on_the_stack_are_within_the_frame(read: Read) -> None:
    """`r2 = r10` and `r2 += -4` stand together."""
    lines = read.lines.items()
    for (_, first), (at, second) in itertools.pairwise(lines):
        if first.opcode == 0xBF and first.src == FRAME:
            assert (second.opcode, second.dst) == (0x07, first.dst), at
            assert -STACK <= second.imm < 0, at


@every_program
def test_only_known_helpers_are_called(read: Read) -> None:
    for at, i in read.lines.items():
        if calls_kernel(i):
            assert i.imm in (EVENTS.task_from_pid, EVENTS.task_release), at
        elif i.opcode == CALL and not calls_function(i):
            assert i.imm in ARGUMENTS, at


@every_program
def test_a_program_ends_with_zero(read: Read) -> None:
    """An exit's result is set right before it. A function has one of its own; and one that a session
    runs tells it something."""
    if read.program.name == TRACK:
        return
    functions = [at for at, name in read.program.functions if name]
    lines = [(at, i) for at, i in read.lines.items() if at < min(functions, default=at + 1)]
    for (_, before), (at, i) in itertools.pairwise(lines):
        if i.opcode == EXIT:
            assert before == Instruction(0xB7, 0, 0, 0, 0), at


@every_program
def test_every_load_of_a_map_is_one_that_gets_its_descriptor(read: Read) -> None:
    wide = {at for at, i in read.lines.items() if i.opcode == bpf_reader.WIDE}

    assert wide == {at for at, _ in read.program.maps}


@pytest.mark.parametrize(
    ("half", "most"),
    [
        pytest.param("at_enter_", 9, id="at entry"),
        # Only what failed is read again.
        pytest.param("at_exit_", 9, id="at exit"),
    ],
)
def test_each_string_costs_the_same(half: str, most: int) -> None:
    """Straight lines: their length, which is what the verifier processes, grows linearly."""
    lengths: dict[int, set[int]] = {}
    apart = program_set("openat,rename,mount,open,request_key", together=0)
    for program in apart.programs().values():
        strings = sum(calls_function(i) for i in _lines(program).values())
        if program.name.startswith(half) and strings:
            lengths.setdefault(strings, set()).add(len(program.instructions))

    (one,), (two,), (three,) = lengths[1], lengths[2], lengths[3]
    assert three - two == two - one <= most
