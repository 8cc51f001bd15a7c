"""Places for slots: who gets one, who shares it, what it costs others, and that nothing stays behind.

The generated programs are run on a machine of our own; tids that are SLOTS apart want the same place.
"""

from __future__ import annotations

import itertools
import struct

import pytest

from argtrace.fetch import record
from argtrace.fetch.layout import COUNTERS, MAX_TASKS, SLOTS, TRACKED, UNTRACKED
from argtrace.fetch.record import Flag, Kind, Phase
from argtrace.signature.syscalls import NUMBERS
from tests.support.generated import program_set
from tests.support.machine import Machine

FIRST, SECOND, THIRD = 10, 10 + SLOTS, 10 + 2 * SLOTS
"""Three who want one place."""

PATH = 0x7000


@pytest.fixture
def machine() -> Machine:
    return Machine(program_set("getppid,openat,renameat,execve,exit_group,clone"))


def _slots(machine: Machine) -> set[int]:
    """Those in an array's place."""
    return machine.tracked() - _in_hash(machine)


def _in_hash(machine: Machine) -> set[int]:
    return {int.from_bytes(key, "little") for key in machine.maps["tasks"].values}


def _crowd(machine: Machine, tid: int) -> int:
    return int.from_bytes(machine.value("slots", tid % SLOTS)[record.CROWD : record.FAR], "little")


def _exit(machine: Machine, tid: int) -> None:
    machine.run("sched_process_exit", machine.be(tid))


def _fork(machine: Machine, parent: int, child: int) -> None:
    task = machine.be(child)
    machine.run("sched_process_fork", machine.be(parent), task)


def test_the_first_has_the_place_and_the_others_the_hash(machine: Machine) -> None:
    for tid in (FIRST, SECOND, THIRD):
        assert machine.track(tid) == 0

    assert _slots(machine) == {FIRST}
    assert _in_hash(machine) == {SECOND, THIRD}
    assert _crowd(machine, FIRST) == 2


@pytest.mark.parametrize("order", [*itertools.permutations((FIRST, SECOND, THIRD))], ids=str)
def test_whoever_leaves_first(machine: Machine, order: tuple[int, ...]) -> None:
    for tid in (FIRST, SECOND, THIRD):
        machine.track(tid)
    left = {FIRST, SECOND, THIRD}
    for tid in order:
        _exit(machine, tid)
        left.remove(tid)
        assert machine.tracked() == left
        for other in (FIRST, SECOND, THIRD):
            machine.ring.clear()
            machine.be(other)
            machine.call("getppid", result=1)
            assert len(machine.calls()) == (other in left)

    assert _crowd(machine, FIRST) == 0


def test_a_session_may_ask_twice_and_its_parents_fork_before_it(machine: Machine) -> None:
    machine.track(FIRST)
    for tid in (FIRST + 1, SECOND):
        _fork(machine, FIRST, tid)
        machine.track(tid, Phase.ATTACHED)
        machine.track(tid, Phase.ATTACHED)

    assert machine.tracked() == {FIRST, FIRST + 1, SECOND}
    for tid in (FIRST + 1, SECOND):
        assert struct.unpack_from("<H", machine.slot(tid), record.PHASE) == (Phase.NEWBORN,)


def test_one_that_was_asked_for_before_its_parents_fork_is_newborn(machine: Machine) -> None:
    machine.track(FIRST)
    machine.track(FIRST + 1, Phase.ATTACHED)
    _fork(machine, FIRST, FIRST + 1)

    assert machine.tracked() == {FIRST, FIRST + 1}
    assert struct.unpack_from("<H", machine.slot(FIRST + 1), record.PHASE) == (Phase.NEWBORN,)


@pytest.mark.parametrize("tid", [FIRST, SECOND], ids=["in a place", "in the hash"])
def test_one_that_ended_before_it_was_asked_for(machine: Machine, tid: int) -> None:
    machine.track(FIRST)
    machine.track(tid, Phase.ATTACHED)
    machine.forget(tid)
    machine.forget(tid)

    assert machine.tracked() == {FIRST} - {tid}


def test_no_room_at_all(machine: Machine) -> None:
    machine.track(FIRST)
    for tid in range(1_000_000, 1_000_000 + MAX_TASKS):
        machine.maps["tasks"].values[tid.to_bytes(4, "little")] = 0

    assert machine.track(SECOND, Phase.ATTACHED) == 7  # E2BIG, which the session tells
    _fork(machine, FIRST, THIRD)
    counters = COUNTERS.unpack(machine.value("counters"))
    assert (counters[UNTRACKED // 8], counters[TRACKED // 8]) == (1, 1)


def test_a_stranger_with_the_place_of_a_traced_task(machine: Machine) -> None:
    machine.track(FIRST)
    machine.track(SECOND)
    machine.be(THIRD)
    machine.call("openat", -100, PATH, result=3)
    machine.run("signal_deliver", 15, 0, 0)
    _exit(machine, THIRD)

    assert machine.ring == []
    assert machine.tracked() == {FIRST, SECOND}


def test_a_stranger_with_the_tid_of_a_traced_task_in_another_process(machine: Machine) -> None:
    """Namespaces apart, ids are unique; but a place belongs to an id of both halves."""
    machine.track(FIRST)
    machine.be(FIRST, tgid=99)
    machine.call("getppid", result=1)

    assert machine.ring == []


def _open(machine: Machine, tid: int, path: bytes) -> int:
    machine.be(tid)
    machine.user.forget(PATH + tid)
    machine.user.place(path + b"\0", at=PATH + tid)
    return machine.enter("openat", -100, PATH + tid, 0, 0)


@pytest.mark.parametrize("leaving", [*itertools.permutations((FIRST, SECOND, THIRD))], ids=str)
def test_three_in_calls_at_the_same_time_in_one_place(machine: Machine, leaving: tuple[int, ...]) -> None:
    """Whoever returns first, and on whichever CPU: what each has given is its own."""
    for tid in (FIRST, SECOND, THIRD):
        machine.track(tid)
    under_way = {}
    for at, tid in enumerate((SECOND, FIRST, THIRD)):
        machine.cpu = at % 2
        machine.now = 1_000 + tid
        under_way[tid] = _open(machine, tid, b"/path/%d" % tid)
    for at, tid in enumerate(leaving):
        machine.cpu = (at + 1) % 2
        machine.be(tid)
        machine.leave(under_way[tid], tid + 1)

    assert [call.tid for call in machine.calls()] == list(leaving)
    for sample, call in zip(machine.ring, machine.calls(), strict=True):
        assert (call.result, call.start, call.flags) == (call.tid + 1, 1_000 + call.tid, 0)
        assert b"/path/%d\0" % call.tid in sample
        for other in {FIRST, SECOND, THIRD} - {call.tid}:
            assert b"/path/%d\0" % other not in sample


@pytest.mark.parametrize("tid", [FIRST, SECOND], ids=["in a place", "in the hash"])
def test_what_is_read_at_exit_alone(machine: Machine, tid: int) -> None:
    machine.track(FIRST)
    machine.track(tid)
    machine.be(tid)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    machine.user.place(b"/cold\0", at=PATH)
    machine.leave(regs, -2)

    assert b"/cold\0" in machine.ring[0]
    assert struct.unpack_from("<H", machine.slot(tid), record.PHASE) == (Phase.IDLE,)


@pytest.mark.parametrize("tid", [FIRST, SECOND], ids=["in a place", "in the hash"])
def test_a_call_whose_entry_nobody_saw(machine: Machine, tid: int) -> None:
    machine.track(FIRST)
    if tid == FIRST:
        machine.forget(tid)
    machine.track(tid, Phase.ATTACHED)
    machine.be(tid)
    machine.user.place(b"/late\0", at=PATH)
    regs = machine.registers(NUMBERS["openat"], -100 & (1 << 64) - 1, PATH, 0, 0)
    machine.leave(regs, 3)
    machine.leave(regs, 3)

    (call,) = machine.calls()
    assert (call.tid, call.flags, call.start) == (tid, Flag.LATE, 0)
    assert b"/late\0" in machine.ring[0]


@pytest.mark.parametrize("tid", [FIRST, SECOND], ids=["in a place", "in the hash"])
def test_a_call_that_a_task_dies_in(machine: Machine, tid: int) -> None:
    machine.track(FIRST)
    machine.track(tid)
    _open(machine, tid, b"/never")
    _exit(machine, tid)

    (call,), (end,) = machine.calls(), machine.events()
    assert (call.tid, call.flags, end.kind) == (tid, Flag.NO_RESULT, Kind.EXIT)
    assert b"/never\0" in machine.ring[0]
    assert machine.tracked() == {FIRST} - {tid}


@pytest.mark.parametrize("tid", [FIRST, SECOND], ids=["in a place", "in the hash"])
def test_a_call_that_does_not_return(machine: Machine, tid: int) -> None:
    machine.track(FIRST)
    machine.track(tid)
    machine.be(tid)
    machine.enter("exit_group", 3)
    _exit(machine, tid)

    assert ([call.flags for call in machine.calls()], [end.kind for end in machine.events()]) == (
        [Flag.NO_RESULT],
        [Kind.EXIT],
    )


def test_nothing_of_a_places_last_task_is_left_for_the_next(machine: Machine) -> None:
    """The same calls of two tasks: one in a place that was used before, one in one that was not."""
    machine.track(FIRST)
    _open(machine, FIRST, b"/a/rather/long/name/that/was/here/before")
    machine.be(FIRST)
    _exit(machine, FIRST)
    machine.ring.clear()
    samples = []
    for tid in (SECOND, SECOND + 1):
        machine.track(tid, Phase.NEWBORN)
        assert struct.unpack_from("<HH", machine.slot(tid), record.PHASE) == (Phase.NEWBORN, 0)
        machine.be(tid)
        machine.leave(machine.registers(NUMBERS["clone"], 0), 0)  # its parent's call returning in it
        assert machine.ring == []
        machine.user.forget(PATH)
        for path in (b"/x\0", None):
            regs = machine.enter("openat", -100, PATH, 0, 0)
            if path is not None:
                machine.user.place(path, at=PATH)
            machine.leave(regs, 3)
            machine.user.forget(PATH)
        machine.call("getppid", result=1)
        regs = machine.enter("renameat", -100, 0, -100, 0)
        machine.leave(regs, -14)
        samples.append([_anonymous(sample) for sample in machine.ring])
        machine.ring.clear()

    assert samples[0] == samples[1]
    assert all(b"rather" not in sample for sample in samples[0])


def _anonymous(sample: bytes) -> bytes:
    """Without the ids, which differ."""
    return sample[: record.TID] + bytes(8) + sample[record.TIME :]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(12, 10, id="both have places"),
        pytest.param(SECOND, 12, id="from the hash to a place"),
        pytest.param(12, SECOND, id="from a place to the hash"),
        pytest.param(THIRD, SECOND, id="from the hash to the hash"),
        pytest.param(SECOND, FIRST + 2 * SLOTS, id="to one that wants the same place"),
    ],
)
def test_a_thread_that_takes_its_process_over(machine: Machine, old: int, new: int) -> None:
    machine.track(FIRST)
    if new == FIRST:
        machine.forget(FIRST)
    others = {FIRST} - {new}
    machine.be(old, tgid=new)
    machine.track(old)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    machine.be(new)
    machine.run("sched_process_exec", machine.be(new), old, machine.binary(b"/bin/ls"))

    assert machine.tracked() == {new} | others
    machine.leave(regs, 3)
    (call,) = machine.calls()
    assert (call.number, call.result) == (NUMBERS["openat"], 3)
    assert _crowd(machine, FIRST) == len(_in_hash(machine))
    _exit(machine, new)
    assert machine.tracked() == others
    assert _crowd(machine, FIRST) == 0


@pytest.mark.newest
def test_a_reader_is_woken_when_a_quarter_is_unread(machine: Machine) -> None:
    machine.track(FIRST)
    machine.be(FIRST)
    quarter = machine.maps["events"].spec.entries // 4
    woken = []
    for unread, now in ((quarter, 640), (quarter + 8, 641), (quarter + 8, 640)):
        machine.unread, machine.now, machine.woken = unread, now, 0
        machine.call("getppid", result=1)
        woken.append(machine.woken)

    assert woken == [0, 0, 1]


def test_who_is_not_ours_is_sent_away_by_the_dispatchers(machine: Machine) -> None:
    machine.track(FIRST)
    machine.be(FIRST + 1)
    machine.ran.clear()
    machine.call("openat", -100, PATH, result=3)

    assert machine.ran == ["at_sys_enter", "at_sys_exit"]


def test_a_call_of_which_nothing_is_fetched_needs_no_collector(machine: Machine) -> None:
    machine.track(FIRST)
    machine.be(FIRST)
    machine.ran.clear()
    machine.call("getppid", result=1)

    assert machine.ran == ["at_sys_enter", "at_sys_exit"]
    assert [call.number for call in machine.calls()] == [NUMBERS["getppid"]]
