"""Waiting before a call while much of the ring is unread: as long as is wanted, and nothing else changes."""

from __future__ import annotations

import pytest

from argtrace.fetch import record
from argtrace.fetch.choice import CLOSED, Gate
from argtrace.fetch.features import ALL
from argtrace.fetch.gate import CLOSES, switches
from argtrace.fetch.layout import COUNTERS, PACED, SLOTS
from argtrace.fetch.pace import MOST, TURNS
from argtrace.signature.syscalls import NUMBERS
from argtrace.value import names, replace
from tests.support.generated import program_set
from tests.support.machine import Machine

# Without a ring there is nobody to wait for.
pytestmark = pytest.mark.newest

PACE = Gate(paced=True)
RING = next(spec.entries for spec in program_set().layout.maps() if spec.name == "events")
IN_A_PLACE, IN_THE_HASH = 10, 10 + SLOTS
PATH = 0x7000
MOST_LOOKS = 4200


def pacing(*calls: str, gate: Gate = PACE, tick: int = 25, unread: int = RING // 4) -> Machine:
    """A traced task, whose calls are to wait."""
    machine = Machine(program_set(*calls, gate=gate))
    machine.track(IN_A_PLACE)
    machine.track(IN_THE_HASH)
    machine.be(IN_A_PLACE)
    machine.tick, machine.unread = tick, unread
    machine.user.place(b"name\0", PATH)
    machine.update(machine.maps["counters"], bytes(4), COUNTERS.pack(0, 0, 0, 1))
    return machine


def is_paced(machine: Machine) -> bool:
    return bool(COUNTERS.unpack(machine.value("counters"))[PACED // 8])


def call(machine: Machine, name: str, *arguments: int) -> int:
    """Make it; how long before its time the task was in the kernel, in ns."""
    begin, before = machine.now, len(machine.calls())
    machine.leave(machine.enter(name, *arguments), 3)
    made = machine.calls()[before:]
    assert [each.number for each in made] == [NUMBERS[name]]
    return made[0].start - begin


@pytest.mark.parametrize("tid", [IN_A_PLACE, IN_THE_HASH], ids=["in a place", "in the hash"])
@pytest.mark.parametrize("share", [2, 3, 4, 7])
def test_the_more_is_unread_the_longer(tid: int, share: int) -> None:
    machine = pacing(unread=RING // share, tick=60)
    machine.be(tid)

    waited = call(machine, "openat", -100, PATH, 0, 0)

    assert MOST // share <= waited + machine.tick * 210
    assert waited <= MOST // share + machine.tick * 210


def test_a_call_is_as_it_would_have_been() -> None:
    found = []
    for machine in (pacing("openat"), Machine(program_set("openat"))):
        machine.track(IN_A_PLACE)
        machine.be(IN_A_PLACE)
        machine.user.place(b"name\0", PATH)
        machine.leave(machine.enter("openat", -100, PATH, 0, 0), 3)
        (one,) = machine.calls()
        found.append((one.number, one.result, one.image, one.raw[record.ITEMS :]))

    assert found[0] == found[1]


def test_of_what_nothing_is_fetched() -> None:
    """Such a call has no collector: it is noted where it begins."""
    assert call(pacing("getppid", "openat"), "getppid") > MOST // 5


def test_no_longer_than_so_many_looks() -> None:
    """However slow the clock: nothing else runs on this CPU."""
    machine = pacing(tick=1)

    assert 3500 < call(machine, "openat", -100, PATH, 0, 0) <= MOST_LOOKS


def test_who_finds_it_read_ends_it() -> None:
    machine = pacing(unread=RING // 8)

    assert call(machine, "openat", -100, PATH, 0, 0) < 200
    assert not is_paced(machine)


def test_nobody_waits_who_is_not_asked_to() -> None:
    machine = pacing()
    machine.update(machine.maps["counters"], bytes(4), COUNTERS.pack(0, 0, 0, 0))

    assert call(machine, "openat", -100, PATH, 0, 0) < 200


def test_nor_for_a_call_that_is_not_recorded() -> None:
    machine = pacing("openat")
    begin = machine.now
    machine.leave(machine.enter("getppid"), 1)

    assert machine.now - begin < 200
    assert machine.calls() == []


def test_a_call_that_closes_the_gate_is_shown() -> None:
    """It is let in once, and waits then."""
    machine = pacing(gate=Gate(timed=True, paced=True))
    machine.update(machine.maps["switches"], bytes(4), switches(frozenset(), frozenset({NUMBERS["openat"]})))

    assert machine.value("switches")[NUMBERS["openat"]] == CLOSES
    assert call(machine, "openat", -100, PATH, 0, 0) > MOST // 5
    assert any(machine.value(CLOSED))


@pytest.mark.parametrize("call_name", ["execve", "fcntl", "close"])
def test_tail_calls_are_left_for_the_longest_way(call_name: str) -> None:
    """To a collector that an argument decides, and to the walks along argv and envp."""
    machine = pacing(tick=1)
    machine.be(IN_THE_HASH)

    assert call(machine, call_name, PATH, 0, 0) > 3500


@pytest.mark.parametrize("missing", sorted(set(names(ALL)) - {"ring"}))
def test_none_goes_back_on_any_kernel(missing: str) -> None:
    """No loop: a verifier without them has these programs as they are."""
    made = program_set("openat", gate=PACE, features=replace(ALL, **{missing: False}))
    turns = {program.name: program for (array, _), program in made.reached.items() if array == TURNS}

    assert set(turns) == {"at_turn", "at_waited"}
    assert not any(program.loops for program in turns.values())
