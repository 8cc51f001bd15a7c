"""Clocks below zero, and what happens when a timer ends."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.clocks import dynamic
from tests.support.scope import decode, plain


@pytest.mark.parametrize(
    ("clock", "name"),
    [
        pytest.param(~1234 << 3 | 2, "MAKE_PROCESS_CPUCLOCK(1234, CPUCLOCK_SCHED)", id="of a process"),
        pytest.param(~0 << 3 | 4, "MAKE_THREAD_CPUCLOCK(0, CPUCLOCK_PROF)", id="of this thread"),
        pytest.param(~7 << 3 | 1, "MAKE_PROCESS_CPUCLOCK(7, CPUCLOCK_VIRT)", id="user time"),
        pytest.param(~3 << 3 | 3, "FD_TO_CLOCKID(3)", id="of a descriptor"),
        pytest.param(~3 << 3 | 7, "FD_TO_CLOCKID(3)", id="of a descriptor, with the thread's bit"),
    ],
)
def test_a_clock_below_zero_is_of_something(clock: int, name: str) -> None:
    assert dynamic(clock) == name


def sigevent(value: int, signo: int, notify: int, union: bytes = b"") -> bytes:
    return (struct.pack("<QiI", value, signo, notify) + union).ljust(64, b"\0")


@pytest.mark.parametrize(
    ("data", "rest"),
    [
        pytest.param(sigevent(1, 10, 0), ("SIGUSR1", "SIGEV_SIGNAL"), id="a signal"),
        pytest.param(
            sigevent(1, 10, 4, struct.pack("<i", 77)),
            ("SIGUSR1", "SIGEV_THREAD_ID", 77),
            id="a signal to a thread",
        ),
        pytest.param(
            sigevent(1, 3, 2, struct.pack("<QQ", 0x1000, 0)),
            (3, "SIGEV_THREAD", "0x1000", "0x0"),
            id="mq_notify's socket is no signal",
        ),
        pytest.param(sigevent(1, 10, 77), ("SIGUSR1", 77), id="nothing known"),
    ],
)
def test_sigevent(data: bytes, rest: tuple[object, ...]) -> None:
    value, *others = plain(decode("sigevent", data)).values()
    assert (value, tuple(others)) == ({"sival_int": 1, "sival_ptr": "0x1"}, rest)


def test_the_int_of_a_value_has_a_sign() -> None:
    found = plain(decode("sigevent", sigevent(0xFFFF_FFFF_FFFF_FFFE, 10, 0)))
    assert found["sigev_value"] == {"sival_int": -2, "sival_ptr": "0xfffffffffffffffe"}


def test_a_short_sigevent_is_cut() -> None:
    assert plain(decode("sigevent", b"\0" * 15, 64)) == "<cut: 15 bytes of 64>"
