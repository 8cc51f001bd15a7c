"""The programs for an arm64 kernel, run on a machine whose pt_regs are arm64's.

What is another there: where arguments and number are, that the result takes the place of the first
argument, and how a 32-bit task is told. All else is the same code, which the other tests run.
"""

from __future__ import annotations

import errno

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.fetch.context import RAW, Context
from argtrace.fetch.record import Flag, Phase
from argtrace.fetch.summary_layout import Summing
from argtrace.location import frames
from argtrace.signature.syscalls import names
from argtrace.target import AARCH64
from tests.support.counting import ALONE, BESIDE, COUNTS, Counting
from tests.support.generated import ARM64_FIELDS, EVENTS, program_set
from tests.support.machine import WORD, Machine

FRAME = frames.frame(AARCH64)
NUMBERS = {name: number for number, name in names(AARCH64).items()}

each_context = pytest.mark.parametrize(
    "context", [pytest.param(RAW, id="raw"), pytest.param(EVENTS, id="event")]
)
each_width = pytest.mark.parametrize("narrow", [False, True], ids=["64-bit", "32-bit"])


def _machine(*calls: str, phase: Phase = Phase.IDLE, context: Context = RAW) -> Machine:
    machine = Machine(program_set(*calls, offsets=ARM64_FIELDS, context=context, target=AARCH64), AARCH64)
    machine.track(10, phase)
    return machine


def _words(machine: Machine) -> list[int]:
    """The six of the one call that was recorded."""
    (call,) = machine.calls()
    return [call.image[at // 8] for at in FRAME.arguments]


@given(st.lists(st.integers(0, WORD), min_size=6, max_size=6))
def test_six_arguments(arguments: list[int]) -> None:
    machine = _machine("mmap")
    machine.call("mmap", *arguments, result=0x7000)

    assert _words(machine) == arguments
    (call,) = machine.calls()
    assert (call.number, call.flags, call.result) == (NUMBERS["mmap"], 0, 0x7000)


@each_context
def test_a_string_and_what_comes_back(context: Context) -> None:
    machine = _machine("openat,read", context=context)
    machine.user.place(b"/etc/hosts\0", at=0x7000)
    buffer = machine.user.place(b"what was read", at=0x9000, writable=True)
    machine.call("openat", -100, 0x7000, 0, 0, result=3)
    machine.call("read", 3, buffer, 13, result=13)

    opened, read = machine.calls()
    at, size = opened.item(0)
    assert opened.raw[at : at + size] == b"/etc/hosts\0"
    at, size = read.item(0)
    assert read.raw[at : at + size] == b"what was read"
    assert read.image[0] == 3, "and not the result"


@each_context
@pytest.mark.parametrize(
    ("calls", "number", "recorded"),
    [
        pytest.param("openat", 322, [322], id="one that was asked for, by the name of the 64-bit one"),
        pytest.param("openat", 56, [], id="the number of the 64-bit one"),
        pytest.param("", 0xF0005, [0xF0005], id="of arm alone"),
        pytest.param("", 511, [511], id="one that no table has"),
    ],
)
def test_a_32_bit_call(calls: str, number: int, recorded: list[int], context: Context) -> None:
    machine = _machine(*filter(None, [calls]), context=context)
    machine.call(number, 1, 2, 3, 4, 5, 6, result=-errno.EACCES & 0xFFFF_FFFF, compat=True)

    assert [(call.number, call.flags, call.result) for call in machine.calls()] == [
        (number, Flag.COMPAT, -errno.EACCES) for number in recorded
    ]
    if recorded:
        assert _words(machine) == [1, 2, 3, 4, 5, 6]


@each_context
@each_width
def test_the_first_argument_of_a_call_that_was_found_under_way(narrow: bool, context: Context) -> None:
    machine = _machine("openat", phase=Phase.ATTACHED, context=context)
    machine.narrow(is_narrow=narrow)
    number = 322 if narrow else NUMBERS["openat"]
    regs = machine.regs[10] = machine.registers(number, 0x11, 0x7000, 3, 4, 5, 6, compat=narrow)
    machine.leave(regs, 9)

    (call,) = machine.calls()
    assert (call.number, call.result) == (number, 9)
    assert call.flags == Flag.LATE | Flag.COMPAT * narrow
    assert _words(machine) == [0x11, 0x7000, 3, 4, 5, 6]


@each_context
@each_width
def test_the_first_argument_of_call_minus_one(narrow: bool, context: Context) -> None:
    """Its result is in x0 before sys_enter, so that a tracer need not set one."""
    machine = _machine(context=context)
    machine.call(-1, 1, 2, 3, 4, 5, 6, result=-errno.ENOSYS & WORD, compat=narrow)

    (call,) = machine.calls()
    assert (call.number, call.flags) == (0xFFFF_FFFF, Flag.COMPAT * narrow)
    assert call.result == -errno.ENOSYS
    assert _words(machine) == [1, 2, 3, 4, 5, 6]


def test_the_exit_of_a_signal_handler_has_no_call() -> None:
    """rt_sigreturn leaves -1 where the number was, which is an int: what is above it is not looked at."""
    machine = _machine(phase=Phase.ATTACHED)
    machine.leave(machine.registers(-1), 0)

    assert machine.ring == []


@pytest.mark.parametrize("summing", [ALONE, BESIDE, COUNTS], ids=["alone", "beside", "without times"])
def test_what_is_counted(summing: Summing) -> None:
    machine = Counting(summing=summing, target=AARCH64)
    machine.call_for("getppid", 5, result=7)
    machine.call_for("openat", 5, result=-errno.ENOENT)
    machine.call_for(20, 5, compat=True)
    machine.call_for(0xBAD, 5, result=-errno.ENOSYS)

    assert {(row.name, row.abi, row.tally.calls, row.tally.errors) for row in machine.rows()} == {
        ("getppid", None, 1, 0),
        ("openat", None, 1, 1),
        ("getpid", "arm", 1, 0),
        ("syscall_0xbad", None, 1, 1),
    }


def test_counting_without_times_knows_rt_sigreturn_by_what_it_left() -> None:
    machine = Counting(summing=COUNTS, target=AARCH64)
    machine.leave(machine.registers(-1), 0)

    assert machine.counts() == {"rt_sigreturn": 1}


def test_a_call_that_does_not_return_is_counted_when_its_task_ends() -> None:
    machine = Counting(summing=COUNTS, target=AARCH64)
    machine.enter("exit_group", 0)
    machine.die()

    assert machine.counts() == {"exit_group": 1}
