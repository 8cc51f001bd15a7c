"""CPU, user and cgroup of a call: in the words of its image that hold no argument."""

from __future__ import annotations

import itertools

import pytest

from argtrace.decode.origin import Origin, Origins
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.layout import SLOTS
from argtrace.fetch.record import Flag, Phase
from argtrace.location import frames
from argtrace.location.frames import CGROUP, COMPAT_IMAGE, CPU, ORIGINS, UID, WORD
from argtrace.location.syscall import I386_REGISTERS, X86_64_REGISTERS
from argtrace.signature.syscalls import NUMBERS
from argtrace.target import X86_64
from argtrace.transport.records import CallRecord
from tests.support.generated import EVENTS, FIELDS, FRAME, program_set
from tests.support.machine import Machine

SUBSETS = [
    pytest.param(frozenset(names), id=" ".join(names) or "nothing")
    for size in range(len(ORIGINS) + 1)
    for names in itertools.combinations(ORIGINS, size)
]
ARGS = (-100, 0x7000, 0x80000, 0o600, 0x1111_2222_3333_4444, 6)
PATH = b"/etc/hosts\0"
WORDS = (1 << 64) - 1
UNTOUCHED = int.from_bytes(b"\xee" * 8, "little")
"""What the machine's other registers hold."""
RAX, RCX = (at // WORD for at in FRAME.spare)


@pytest.fixture(params=[RAW, EVENTS], ids=["raw", "event"])
def context(request: pytest.FixtureRequest) -> Context:
    found: Context = request.param
    return found


def machine_with(origins: frozenset[str], context: Context, *calls: str) -> Machine:
    machine = Machine(program_set(*calls, context=context, origins=origins))
    machine.user.place(PATH, at=0x7000)
    machine.cpu, machine.uid, machine.gid, machine.cgroup = 1, 4_000_000_000, 77, 1 << 40 | 5
    machine.track(10)
    machine.be(10)
    return machine


def words(call: CallRecord, origins: frozenset[str]) -> tuple[int | None, int | None, int | None]:
    """Of the image: CPU, user, cgroup, each if it is to be there."""
    first, second = call.image[RAX], call.image[RCX]
    return (
        first & 0xFFFF_FFFF if CPU in origins else None,
        first >> 32 if UID in origins else None,
        second if CGROUP in origins else None,
    )


def expected(origins: frozenset[str]) -> tuple[int | None, int | None, int | None]:
    return (
        1 if CPU in origins else None,
        4_000_000_000 if UID in origins else None,
        (1 << 40 | 5) if CGROUP in origins else None,
    )


CALLS = [
    pytest.param("openat", id="a call of which something is fetched"),
    pytest.param("getppid", id="one of which nothing is"),
    pytest.param("fcntl", id="one whose argument decides"),
    pytest.param("exit_group", id="one that does not return"),
    pytest.param("execve", id="an exec"),
    pytest.param("500", id="one that no table has"),
]


@pytest.mark.parametrize("origins", SUBSETS)
@pytest.mark.parametrize("name", CALLS)
def test_a_call(origins: frozenset[str], name: str, context: Context) -> None:
    """What was asked for is there; arguments, and what was not, are as the registers were."""
    machine = machine_with(origins, context)
    number = int(name) if name.isdecimal() else NUMBERS[name]
    regs = machine.enter(number, *ARGS)
    machine.cpu, machine.uid, machine.cgroup = 0, 5, 6  # what counts is how it was
    if name != "exit_group":
        machine.leave(regs, 0)

    (call,) = machine.calls()
    assert words(call, origins) == expected(origins)
    assert [call.image[FRAME.offsets[register] // WORD] for register in X86_64_REGISTERS] == [
        arg & WORDS for arg in ARGS
    ]
    if CPU not in origins:
        assert call.image[RAX] & 0xFFFF_FFFF == UNTOUCHED & 0xFFFF_FFFF
    if UID not in origins:
        assert call.image[RAX] >> 32 == UNTOUCHED >> 32
    if CGROUP not in origins:
        assert call.image[RCX] == UNTOUCHED


@pytest.mark.parametrize("origins", SUBSETS)
@pytest.mark.parametrize("number", [5, 64, 500, 0xBAD])
def test_a_32_bit_call(origins: frozenset[str], number: int, context: Context) -> None:
    machine = machine_with(origins, context)
    args = tuple(arg & 0xFFFF_FFFF for arg in ARGS)
    machine.call(number, *args, compat=True)

    (call,) = machine.calls()
    assert call.flags == Flag.COMPAT
    assert words(call, origins) == expected(origins)
    assert tuple(call.image[COMPAT_IMAGE[register] // WORD] for register in I386_REGISTERS) == args


@pytest.mark.parametrize("origins", SUBSETS)
@pytest.mark.parametrize("compat", [False, True], ids=["64-bit", "32-bit"])
def test_a_call_whose_entry_nobody_saw(origins: frozenset[str], compat: bool, context: Context) -> None:
    machine = machine_with(origins, context)
    machine.track(11, Phase.ATTACHED)
    status = machine.be(11)
    machine.poke(status + FIELDS.task_status, 2 if compat else 0, 4)
    machine.leave(machine.registers(20, *ARGS, compat=compat), 0)

    (call,) = machine.calls()
    assert call.flags == Flag.LATE | Flag.COMPAT * compat
    assert words(call, origins) == expected(origins)


@pytest.mark.parametrize("tid", [10, 10 + SLOTS], ids=["in a place", "in the hash"])
def test_two_in_calls_at_the_same_time(tid: int, context: Context) -> None:
    """Each keeps its own."""
    origins = frozenset(ORIGINS)
    machine = machine_with(origins, context, "openat")
    other = tid + SLOTS
    machine.track(tid)
    machine.track(other)
    under_way = {}
    for at, task in enumerate((tid, other)):
        machine.cpu, machine.uid, machine.cgroup = at, 1000 + at, 2000 + at
        machine.be(task)
        under_way[task] = machine.enter("openat", -100, 0x7000)
    for task in (other, tid):
        machine.be(task)
        machine.leave(under_way[task], 3)

    assert [(call.tid, *words(call, origins)) for call in machine.calls()] == [
        (other, 1, 1001, 2001),
        (tid, 0, 1000, 2000),
    ]


@pytest.mark.parametrize("origins", SUBSETS)
@pytest.mark.parametrize("compat", [False, True], ids=["64-bit", "32-bit"])
def test_who_reads_them_finds_them(origins: frozenset[str], compat: bool) -> None:
    machine = machine_with(origins, RAW)
    machine.call(20, compat=compat)
    reader = Origins(frames.noting(X86_64, origins), {1 << 40 | 5: "/a"}.get)

    (call,) = machine.calls()
    found = reader.of(call)
    cgroup = None if found.cgroup is None else found.cgroup.id
    assert (found.cpu, found.uid, cgroup) == expected(origins)
    assert (found == Origin()) == (not origins)


def test_what_is_not_asked_for_costs_nothing() -> None:
    helpers = {}
    for origins in (frozenset[str](), frozenset(ORIGINS)):
        listing = program_set("getppid", origins=origins).programs()["at_sys_enter"].listing()
        helpers[bool(origins)] = listing.count("call")

    assert helpers[True] == helpers[False] + len(ORIGINS)
