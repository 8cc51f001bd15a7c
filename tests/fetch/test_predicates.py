"""Filters: which results pass. The generated programs are run, not read."""

from __future__ import annotations

import errno

import pytest

from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import COUNTERS
from argtrace.fetch.record import Flag
from tests.support.generated import program_set
from tests.support.machine import Machine

ENOENT, EACCES = -errno.ENOENT, -errno.EACCES
US, MS, S = 1_000, 1_000_000, 1_000_000_000


def _run(filters: Filters, result: int = 0, duration: int = 0) -> Machine:
    machine = Machine(program_set("getppid", filters=filters))
    machine.track(10)
    regs = machine.enter("getppid")
    machine.now += duration
    machine.leave(regs, result)
    return machine


@pytest.mark.parametrize("result", [0, 1, -1, ENOENT, -4095, -4096, 1 << 62, -1 << 63])
def test_without_a_filter_everything_passes(result: int) -> None:
    assert [call.result for call in _run(Filters(), result).calls()] == [result]


@pytest.mark.parametrize(
    ("result", "failed"),
    [
        pytest.param(0, False, id="zero"),
        pytest.param(1, False, id="one"),
        pytest.param((1 << 63) - 1, False, id="the largest number"),
        pytest.param(-1, True, id="the first errno"),
        pytest.param(-4095, True, id="the last"),
        pytest.param(-4096, False, id="the one after the last is an address"),
        pytest.param(-1 << 63, False, id="the smallest number is an address too"),
        pytest.param(-512, True, id="a restart inside the kernel"),
    ],
)
def test_what_failed(result: int, failed: bool) -> None:
    assert bool(_run(Filters(failed=True), result).calls()) is failed
    assert bool(_run(Filters(failed=False), result).calls()) is not failed


@pytest.mark.parametrize(
    ("errnos", "result", "passes"),
    [
        pytest.param((errno.ENOENT,), ENOENT, True, id="the one that is asked for"),
        pytest.param((errno.ENOENT,), EACCES, False, id="another"),
        pytest.param((errno.ENOENT,), errno.ENOENT, False, id="a result of the same number"),
        pytest.param((errno.ENOENT,), 0, False, id="no error"),
        pytest.param((errno.ENOENT, errno.EACCES), EACCES, True, id="one of two"),
        pytest.param((4095,), -4095, True, id="the last there is"),
    ],
)
def test_errnos(errnos: tuple[int, ...], result: int, passes: bool) -> None:
    assert bool(_run(Filters(errnos=errnos), result).calls()) is passes


LIMITS = [
    pytest.param(1, id="a nanosecond"),
    pytest.param(50 * US, id="fifty microseconds"),
    pytest.param(10 * MS, id="ten milliseconds"),
    pytest.param((1 << 31) - 1, id="the last that fits an immediate"),
    pytest.param(1 << 31, id="the first that does not"),
    pytest.param(3 * S, id="three seconds"),
    pytest.param((1 << 32) - 1, id="all bits of 32"),
    pytest.param(3600 * S, id="an hour"),
    pytest.param(10**15, id="eleven days, the longest the command line takes"),
]


@pytest.mark.parametrize("limit", LIMITS)
def test_duration(limit: int) -> None:
    filters = Filters(duration=limit)

    assert _run(filters, duration=limit).calls()
    assert not _run(filters, duration=limit - 1).calls()


@pytest.mark.parametrize("limit", LIMITS)
def test_duration_of_a_call_that_a_task_dies_in(limit: int) -> None:
    for duration, passes in ((limit, True), (limit - 1, False)):
        machine = Machine(program_set("getppid", filters=Filters(duration=limit)))
        machine.track(10)
        machine.enter("getppid")
        machine.now += duration
        machine.run("sched_process_exit", machine.be(10))

        assert bool(machine.calls()) is passes


@pytest.mark.parametrize(
    ("filters", "result", "duration", "passes"),
    [
        pytest.param(Filters(True, (), MS), ENOENT, MS, True, id="failed, and long enough"),
        pytest.param(Filters(True, (), MS), ENOENT, 0, False, id="failed at once"),
        pytest.param(Filters(True, (), MS), 0, MS, False, id="long enough, and did not fail"),
        pytest.param(Filters(None, (errno.EACCES,), MS), EACCES, MS, True, id="this errno, long enough"),
    ],
)
def test_all_filters_must_pass(filters: Filters, result: int, duration: int, passes: bool) -> None:
    assert bool(_run(filters, result, duration).calls()) is passes


@pytest.mark.parametrize(
    ("filters", "passes"),
    [
        pytest.param(Filters(), True, id="without a filter"),
        pytest.param(Filters(duration=MS), True, id="after a while, which is all that was asked"),
        pytest.param(Filters(failed=True), False, id="but it did not fail"),
        pytest.param(Filters(failed=False), False, id="and did not succeed"),
        pytest.param(Filters(errnos=(errno.EINTR,)), False, id="and has no errno"),
    ],
)
def test_a_call_that_a_task_dies_in(filters: Filters, passes: bool) -> None:
    machine = Machine(program_set("getppid", filters=filters))
    machine.track(10)
    machine.enter("getppid")
    machine.now += MS
    machine.run("sched_process_exit", machine.be(10))

    assert [call.flags for call in machine.calls()] == [Flag.NO_RESULT] * passes


@pytest.mark.parametrize("expressions", [("exit_group",), ()], ids=["it alone", "everything"])
@pytest.mark.parametrize(
    "filters",
    [Filters(failed=True), Filters(failed=False), Filters(errnos=(errno.EINTR,)), Filters(duration=MS)],
    ids=["failed", "did not fail", "errno", "duration"],
)
def test_a_call_that_does_not_return_has_nothing_that_a_filter_asks_for(
    filters: Filters, expressions: tuple[str, ...]
) -> None:
    machine = Machine(program_set(*expressions, filters=filters))
    machine.track(10)
    machine.enter("exit_group", 0)
    machine.now += 10 * MS  # other threads were to be stopped first
    machine.run("sched_process_exit", machine.be(10))

    assert machine.calls() == []


def test_a_call_that_is_filtered_out_costs_no_room() -> None:
    machine = Machine(program_set("getppid", filters=Filters(failed=True)))
    machine.room = 0
    machine.track(10)
    machine.call("getppid", result=1)

    assert COUNTERS.unpack(machine.value("counters"))[:3] == (0, 0, 1)
