"""Counting in the kernel, run without one: each call once, its figures exact, nothing sent."""

from __future__ import annotations

import errno
import math
import statistics
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace.fetch.filters import Filters
from argtrace.fetch.record import Phase
from argtrace.fetch.summary_layout import ERRNO, PROCESS, THREAD, Summing
from argtrace.signature.syscalls import NUMBERS
from argtrace.value import replace
from tests.support.counting import ALONE, BESIDE, COUNTS, Counting
from tests.support.generated import FIELDS

SECOND = 1_000_000_000
SECCOMP_FILTER = 2

each_way = pytest.mark.parametrize(
    "summing",
    [
        pytest.param(ALONE, id="alone"),
        pytest.param(BESIDE, id="beside a trace"),
        pytest.param(COUNTS, id="without times"),
    ],
)


def test_what_a_cell_says_of_two_calls() -> None:
    machine = Counting()
    machine.call_for("getppid", 100, result=1)
    machine.call_for("getppid", 300, result=-errno.EPERM)

    (row,) = machine.rows()
    tally = row.tally
    assert (row.name, row.number, row.abi) == ("getppid", NUMBERS["getppid"], None)
    assert (tally.calls, tally.errors, tally.untimed) == (2, 1, 0)
    assert (tally.total, tally.shortest, tally.longest, tally.average) == (400, 100, 300, 200)
    assert tally.deviation == pytest.approx(statistics.stdev([100, 300]))
    assert list(tally.histogram()) == [(64, 1), (256, 1)]


@settings(max_examples=60)
@given(st.lists(st.one_of(st.integers(0, 5000), st.integers(0, (1 << 62) - 1)), min_size=1, max_size=8))
def test_sums_are_exact_whatever_the_durations(durations: Sequence[int]) -> None:
    """Squares too: of a duration above 4.3 s the square has more than 64 bits."""
    machine = Counting("getppid")
    for ns in durations:
        machine.call_for("getppid", ns)

    (row,) = machine.rows()
    tally = row.tally
    assert tally.timed == len(durations)
    assert tally.total == sum(durations) % (1 << 64)
    assert (tally.shortest, tally.longest) == (min(durations), max(durations))
    assert tally.squares == sum(ns * ns for ns in durations) % (1 << 128)
    assert sum(tally.buckets) == len(durations)
    for ns in durations:
        assert tally.buckets[max(ns, 1).bit_length() - 1]


def test_alone_nothing_is_sent_of_calls() -> None:
    machine = Counting()
    for name in ("openat", "getppid", "exit_group"):
        machine.call_for(name, 1)

    assert machine.ring == []


def test_beside_a_trace_its_records_are_as_many_as_the_table_says() -> None:
    machine = Counting(summing=BESIDE)
    for name in ("getppid", "openat", "getppid", 0xBAD):
        machine.call_for(name, 5, result=-errno.ENOSYS)

    names = {"getppid": 2, "openat": 1, "syscall_0xbad": 1}
    assert machine.counts() == names
    assert len(machine.calls()) == sum(names.values())
    assert all(call.time - call.start == 5 for call in machine.calls())
    assert all(row.tally.total == 5 * row.tally.calls for row in machine.rows())


@each_way
def test_strangers_are_not_counted(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.be(99)
    machine.call_for("getppid", 1)
    machine.die()

    assert machine.rows() == []


@each_way
def test_calls_that_were_not_asked_for_are_not_counted(summing: Summing) -> None:
    machine = Counting("openat", summing=summing)
    for name in ("getppid", "openat", "exit_group", 0xBAD):
        machine.call_for(name, 1)
    machine.die()

    assert machine.counts() == {"openat": 1}


@each_way
def test_unknown_and_32_bit_calls_have_rows_of_their_own(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.call_for(0xBAD, 1, result=-errno.ENOSYS)
    machine.call_for(500, 1, result=-errno.ENOSYS)
    machine.call_for(500, 1, result=-errno.ENOSYS)
    machine.call_for(20, 1, result=-errno.ENOENT & 0xFFFF_FFFF, compat=True)
    machine.call_for(0xBAD, 1, result=3, compat=True)

    found = {(row.name, row.number, row.abi): (row.tally.calls, row.tally.errors) for row in machine.rows()}
    assert found == {
        ("syscall_0xbad", 0xBAD, None): (1, 1),
        ("syscall_0x1f4", 500, None): (2, 2),
        ("getpid", 20, "i386"): (1, 1),
        ("syscall_0xbad", 0xBAD, "i386"): (1, 0),
    }


@each_way
def test_a_call_that_does_not_return_counts_once(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.enter("exit_group", 0)
    machine.die()

    (row,) = machine.rows()
    assert (row.name, row.tally.calls, row.tally.timed, row.tally.errors) == ("exit_group", 1, 0, 0)


@each_way
def test_so_does_a_32_bit_one(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.enter(252, 0, compat=True)
    machine.die()

    assert [(row.name, row.abi, row.tally.calls) for row in machine.rows()] == [("exit_group", "i386", 1)]


@pytest.mark.parametrize("summing", [ALONE, BESIDE])
def test_a_call_that_its_task_dies_in_has_no_duration(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.enter("read", 0)
    machine.die()

    (row,) = machine.rows()
    assert (row.name, row.tally.untimed, row.tally.timed) == ("read", 1, 0)


@pytest.mark.parametrize(
    ("filters", "counted"),
    [
        pytest.param(Filters(failed=True), {"read": 1, "openat": 1}, id="what failed"),
        pytest.param(Filters(failed=False), {"read": 1}, id="what did not"),
        pytest.param(Filters(errnos=(errno.ENOENT,)), {"openat": 1}, id="an errno"),
        pytest.param(Filters(duration=10), {"read": 1}, id="a duration"),
        pytest.param(Filters(duration=3 * SECOND), {}, id="more than an immediate holds"),
        pytest.param(Filters(failed=True, duration=10), {"read": 1}, id="both"),
    ],
)
@pytest.mark.parametrize("summing", [ALONE, BESIDE])
def test_filters(filters: Filters, counted: dict[str, int], summing: Summing) -> None:
    machine = Counting(summing=summing, filters=filters)
    machine.call_for("read", 10, result=-errno.EINTR)
    machine.call_for("read", 9, result=3)
    machine.call_for("openat", 5, result=-errno.ENOENT)
    machine.enter("exit_group", 0)
    machine.die()

    assert machine.counts() == counted
    if summing is BESIDE:
        assert len(machine.calls()) == sum(counted.values())


@pytest.mark.parametrize("summing", [ALONE, BESIDE])
def test_a_call_whose_entry_was_not_seen_has_a_result_and_no_duration(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.track(11, Phase.ATTACHED)
    machine.be(11)
    machine.regs[11] = machine.registers(NUMBERS["read"])
    machine.leave(machine.regs[11], -errno.EINTR)
    machine.call_for("read", 7)

    (row,) = machine.rows()
    assert (row.tally.calls, row.tally.untimed, row.tally.errors, row.tally.total) == (2, 1, 1, 7)


@pytest.mark.parametrize("summing", [ALONE, BESIDE])
def test_a_call_that_seccomp_refuses_is_counted(summing: Summing) -> None:
    machine = Counting(summing=summing)
    machine.poke(machine.be(10) + (FIELDS.task_seccomp_mode or 0), SECCOMP_FILTER, 4)
    machine.regs[10] = machine.registers(NUMBERS["mkdirat"])
    machine.leave(machine.regs[10], -errno.EPERM)

    assert [(row.name, row.tally.errors) for row in machine.rows()] == [("mkdirat", 1)]


@each_way
def test_a_child_counts_from_its_first_own_call_on(summing: Summing) -> None:
    machine = Counting(summing=summing)
    regs = machine.enter("fork")
    child = machine.be(11)
    machine.be(10)
    machine.run("sched_process_fork", machine.be(10), child)
    machine.be(11)
    machine.regs[11] = regs
    machine.leave(regs, 0)  # the parent's call returns in the child
    machine.call_for("getpid", 1)
    machine.be(10)
    machine.leave(regs, 11)

    assert machine.counts() == {"fork": 1, "getpid": 1}


@each_way
def test_before_its_exec_nothing_of_a_command_counts_but_the_exec(summing: Summing) -> None:
    machine = Counting(summing=summing)
    launching = (10 << 32 | 10).to_bytes(8, "little")
    machine.update(machine.maps["launching"], bytes(4), launching)
    machine.call_for("read", 1, result=1)
    machine.call_for("execve", 1, result=-errno.ENOENT)
    regs = machine.enter("execve")
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(b"/bin/true"))
    machine.leave(regs, 0)
    machine.call_for("brk", 1)

    assert machine.counts() == {"execve": 2, "brk": 1}


def test_rows_are_split_by_what_is_asked_for() -> None:
    machine = Counting(summing=Summing(frozenset({THREAD, PROCESS, ERRNO})))
    machine.track(12)
    machine.call_for("openat", 3, result=-errno.ENOENT)
    machine.call_for("openat", 4, result=5)
    machine.be(12, 12, b"other")
    machine.call_for("openat", 8, result=-errno.ENOENT)

    found = {(row.tid, row.pid, row.error): row.tally.total for row in machine.rows()}
    assert found == {(10, 10, "ENOENT"): 3, (10, 10, None): 4, (12, 12, "ENOENT"): 8}


@pytest.mark.parametrize(
    ("by", "ids"),
    [
        pytest.param({THREAD}, (10, 10), id="thread"),
        pytest.param({PROCESS}, (0, 10), id="process"),
        pytest.param({ERRNO}, (0, 0), id="neither"),
    ],
)
@pytest.mark.parametrize("times", [True, False])
def test_a_row_has_the_ids_it_is_split_by(by: set[str], ids: tuple[int, int], times: bool) -> None:
    machine = Counting(summing=Summing(frozenset(by), times=times))
    machine.call_for("getppid", 1)

    (row,) = machine.rows()
    assert (row.tid, row.pid) == ids


@pytest.mark.parametrize("times", [True, False])
def test_the_name_of_a_task_that_ends_is_kept_if_anybody_asks(times: bool) -> None:
    for by, kept in (({THREAD}, True), (set[str](), False)):
        machine = Counting(summing=Summing(frozenset(by), times=times))
        machine.be(10, 10, b"worker")
        machine.enter("exit_group", 0)
        machine.die()
        comms = machine.maps["comms"]
        names = {key: machine.kernel.read(at, comms.spec.value_size) for key, at in comms.values.items()}
        assert names == ({(10 << 32 | 10).to_bytes(8, "little"): b"worker".ljust(16, b"\0")} if kept else {})


@pytest.mark.parametrize(
    ("by", "cells"), [({PROCESS}, 2), ({THREAD}, 1)], ids=["a cell for each CPU", "a cell for the thread"]
)
def test_no_cell_has_two_writers(by: set[str], cells: int) -> None:
    machine = Counting(summing=Summing(frozenset(by)))
    for machine.cpu in (0, 1):
        machine.call_for("getppid", 5)

    (row,) = machine.rows()
    assert row.tally.calls == 2
    assert len(machine.maps["cells"].values) == cells


def test_what_has_no_room_is_counted_by_call_alone() -> None:
    machine = Counting(summing=Summing(frozenset({ERRNO})))
    machine.maps["cells"].spec = replace(machine.maps["cells"].spec, entries=1)
    machine.call_for("getppid", 1)
    machine.call_for("openat", 2, result=-errno.ENOENT)
    machine.call_for(0xBAD, 3, result=-errno.ENOSYS)

    assert machine.counts() == {"getppid": 1, "openat": 1}
    assert (machine.others().calls, machine.others().total) == (1, 3)


CALLS = st.tuples(
    st.sampled_from(["getppid", "openat", "read", "execve", 0xBAD, 500]),
    st.sampled_from([0, 3, -errno.ENOENT, -errno.ENOSYS]),
    st.booleans(),
)


@settings(max_examples=40)
@given(st.lists(CALLS, max_size=12), st.sampled_from([None, True, False]))
def test_without_times_the_counts_are_the_same(
    calls: list[tuple[str | int, int, bool]], failed: bool | None
) -> None:
    filters = Filters(failed=failed)
    machines = [Counting(summing=summing, filters=filters) for summing in (ALONE, COUNTS)]
    for machine in machines:
        for name, result, compat in calls:
            if compat and isinstance(name, str):
                continue  # their numbers differ
            machine.call_for(name, 1, result & (0xFFFF_FFFF if compat else -1), compat=compat)

    timed, counted = ({(r.name, r.abi): (r.tally.calls, r.tally.errors) for r in m.rows()} for m in machines)
    assert timed == counted
    assert all(row.tally.timed == 0 for row in machines[1].rows())


def test_without_times_a_return_from_a_signal_handler_is_known() -> None:
    """rt_sigreturn leaves -1 where its number was; so does a call with the number -1."""
    machine = Counting(summing=COUNTS)
    for result in (0, -errno.EINTR, -errno.ENOSYS):
        machine.regs[10] = machine.registers(-1)
        machine.leave(machine.regs[10], result)

    assert machine.counts() == {"rt_sigreturn": 2, "syscall_0xffffffff": 1}


def test_deviation_is_that_of_the_sample() -> None:
    machine = Counting("getppid")
    durations = [400, 410, 390, 10_000, 395]
    for ns in durations:
        machine.call_for("getppid", ns)

    (row,) = machine.rows()
    assert math.isclose(row.tally.deviation, statistics.stdev(durations))
