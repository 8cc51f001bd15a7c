"""From any system call to its collector, or quickly to nothing."""

from __future__ import annotations

import errno

import pytest

from argtrace.fetch import fields, record
from argtrace.fetch.record import Flag, Phase
from argtrace.location.frames import COMPAT_IMAGE
from argtrace.signature.syscalls import NUMBERS
from argtrace.transport.records import CallRecord
from tests.support.generated import FIELDS, FRAME, Types, program_set
from tests.support.machine import Machine

SECCOMP_FILTER = 2


def _machine(*calls: str, phase: Phase = Phase.IDLE) -> Machine:
    machine = Machine(program_set(*calls))
    machine.track(10, phase)
    return machine


def _summary(calls: list[CallRecord]) -> list[tuple[int, int, int]]:
    return [(call.number, call.flags, call.result) for call in calls]


def test_a_task_that_is_not_traced_leaves_no_trace() -> None:
    machine = Machine(program_set())
    machine.be(99)
    for call in ("getppid", "openat", "execve", "exit_group", 0xBAD):
        machine.call(call, 1, 2, 3)

    assert machine.ring == []
    assert machine.tracked() == set()
    assert not machine.maps["execs"].values


def test_a_call_that_was_not_asked_for_ends_in_the_dispatcher() -> None:
    machine = _machine("openat")
    machine.call("getppid", result=1)

    assert machine.ran == ["at_sys_enter", "at_sys_exit"]
    assert machine.ring == []


@pytest.mark.parametrize(
    "number", [pytest.param(0xBAD, id="beyond the table"), pytest.param(500, id="within, but free")]
)
@pytest.mark.parametrize("compat", [False, True], ids=["64-bit", "32-bit"])
def test_unknown_numbers_are_shown_with_everything_only(number: int, compat: bool) -> None:
    everything, some = _machine(), _machine("openat")
    for machine in (everything, some):
        machine.call(number, result=-errno.ENOSYS & 0xFFFF_FFFF if compat else -errno.ENOSYS, compat=compat)

    assert _summary(everything.calls()) == [(number, Flag.COMPAT if compat else 0, -errno.ENOSYS)]
    assert some.ring == []


@pytest.mark.parametrize("number", [-1, -453, -512])
def test_a_negative_32_bit_number_is_not_taken_for_a_64_bit_call(number: int) -> None:
    machine = _machine()
    machine.call(number, compat=True)

    assert [(call.flags, call.number) for call in machine.calls()] == [(Flag.COMPAT, number & 0xFFFF_FFFF)]
    assert "at_enter_i386" in machine.ran


def test_a_newborns_first_exit_is_its_parents_call() -> None:
    machine = _machine("clone,getppid", phase=Phase.NEWBORN)
    machine.leave(machine.registers(NUMBERS["clone"]), 0)
    machine.call("getppid", result=1)

    assert _summary(machine.calls()) == [(NUMBERS["getppid"], 0, 1)]


@pytest.mark.parametrize(
    ("calls", "shown"),
    [
        pytest.param("openat,close", True, id="a call that was asked for"),
        pytest.param("close", False, id="another one"),
    ],
)
def test_a_task_that_was_found_in_a_call(calls: str, shown: bool) -> None:
    machine = _machine(calls, phase=Phase.ATTACHED)
    machine.now = 9_000
    regs = machine.registers(NUMBERS["openat"], -100, 0x7000)
    machine.leave(regs, 3)
    machine.leave(regs, 3)  # from now on, an exit without an entry is nothing

    found = machine.calls()
    assert _summary(found) == [(NUMBERS["openat"], Flag.LATE, 3)] * shown
    for call in found:
        assert (call.start, call.time) == (0, 9_000)
        assert call.image[FRAME.offsets["rsi"] // 8] == 0x7000


def test_the_string_of_a_call_that_was_found_under_way_is_read_at_its_exit() -> None:
    machine = _machine("renameat", phase=Phase.ATTACHED)
    machine.user.place(b"old\0", at=0x7000)
    machine.leave(machine.registers(NUMBERS["renameat"], -100, 0x7000, -100, 0x8000), 0)

    (call,) = machine.calls()
    at, size = call.item(0)
    assert call.raw[at : at + size] == b"old\0"
    assert call.item(1)[1] == -errno.EFAULT


def test_an_exec_that_was_found_under_way() -> None:
    """What it read at entry nobody knows, and its slot has no room for arrays."""
    machine = _machine("execve", phase=Phase.ATTACHED)
    machine.leave(machine.registers(NUMBERS["execve"], 0x7000, 0x8000, 0x9000), -errno.ENOENT)

    (call,) = machine.calls()
    assert (call.flags, call.result) == (Flag.LATE, -errno.ENOENT)
    # What the registers point to is read now; here nothing is there.
    assert [call.item(n)[1] for n in (0, 1, 4)] == [-errno.EFAULT, 0, 0]
    assert [call.item(n)[1] for n in (2, 5)] == [-errno.EFAULT] * 2
    assert not machine.maps["execs"].values


def test_a_32_bit_call_that_was_found_under_way() -> None:
    machine = _machine("openat", phase=Phase.ATTACHED)
    machine.poke(machine.be(10) + FIELDS.task_status, 2, 4)
    machine.leave(machine.registers(295, 1, 2, 3, 4, 5, 6, compat=True), -errno.EACCES & 0xFFFF_FFFF)

    (call,) = machine.calls()
    assert _summary([call]) == [(295, Flag.LATE | Flag.COMPAT, -errno.EACCES)]
    assert [call.image[at // 8] for at in COMPAT_IMAGE.values()] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("mode", "shown"),
    [
        pytest.param(SECCOMP_FILTER, True, id="a task with a filter: it was refused"),
        pytest.param(0, False, id="a task without one: it was not asked for"),
    ],
)
def test_an_exit_without_an_entry(mode: int, shown: bool) -> None:
    assert FIELDS.task_seccomp_mode is not None
    machine = _machine("getppid")
    machine.poke(machine.be(10) + FIELDS.task_seccomp_mode, mode, 4)
    machine.leave(machine.registers(NUMBERS["getppid"]), -errno.EPERM)

    assert _summary(machine.calls()) == [(NUMBERS["getppid"], Flag.LATE, -errno.EPERM)] * shown


def test_without_seccomp_an_exit_without_an_entry_is_nothing() -> None:
    programs = program_set("getppid", offsets=fields.find(Types("task_struct.seccomp.mode")))
    machine = Machine(programs)
    machine.track(10)
    machine.leave(machine.registers(NUMBERS["getppid"]), 0)

    assert machine.ring == []


def test_the_exit_of_a_signal_handler_has_no_call() -> None:
    """rt_sigreturn leaves -1 where the number was."""
    machine = _machine(phase=Phase.ATTACHED)
    machine.leave(machine.registers(-1), 0)

    assert machine.ring == []


@pytest.mark.parametrize("number", [record.CALLS, 0xBAD])
def test_an_unknown_call_that_was_found_under_way_is_not_taken_for_a_32_bit_one(number: int) -> None:
    machine = _machine(phase=Phase.ATTACHED)
    machine.leave(machine.registers(number), -errno.ENOSYS)

    assert machine.ring == []


def test_a_call_is_sent_once() -> None:
    machine = _machine("getppid")
    regs = machine.enter("getppid")
    machine.leave(regs, 1)
    machine.leave(regs, 1)

    assert len(machine.calls()) == 1


def test_the_index_of_an_unknown_call_is_where_its_losses_count() -> None:
    machine = _machine()
    machine.room = 0
    machine.call(0xBAD)
    machine.call(500)

    assert machine.value("losses", record.UNKNOWN) == (2).to_bytes(8, "little")


def test_losses_of_32_bit_calls_that_no_table_has() -> None:
    machine = _machine()
    machine.room = 0
    machine.call(0xBAD, compat=True)
    machine.call(-1, compat=True)

    assert machine.value("losses", record.UNKNOWN_COMPAT) == (2).to_bytes(8, "little")


def test_the_losses_of_a_32_bit_call_are_its_own() -> None:
    machine = _machine("openat")
    machine.room = 0
    machine.call(295, compat=True)

    assert machine.value("losses", record.COMPAT_BASE + 295) == (1).to_bytes(8, "little")
    assert machine.value("losses", 295) == bytes(8)
