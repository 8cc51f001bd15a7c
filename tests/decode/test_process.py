"""Signals: siginfo in each of its shapes, signal numbers, and how a task ended."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import Address, Int, Named, Value
from argtrace.decode.process import Ending, ending, siginfo
from tests.support import record_writer as write
from tests.support.decoding import args

USER = struct.pack("<iI", 12, 1000)
CHILD = struct.pack("<iIi4xqq", 12, 1000, 9, 3, 4)
FAULT = struct.pack("<Q", 0xDEAD_0000_0000)
QUEUE = struct.pack("<iIQ", 12, 1000, 0xFFFF_FFFF_0000_0007)
TIMER = struct.pack("<iiQ", 2, 5, 7)
POLL = struct.pack("<qi", 0x41, 3)
SYS = struct.pack("<QiI", 0x7000, 39, 0xC000_003E)

SIGILL, SIGBUS, SIGFPE, SIGUSR1, SIGSEGV, SIGTERM, SIGCHLD, SIGIO, SIGSYS, SIGRTMIN = (
    4, 7, 8, 10, 11, 15, 17, 29, 31, 32,
)  # fmt: skip


def i(value: int) -> Int:
    return Int(value & 0xFFFF_FFFF_FFFF_FFFF, value)


SENT = {"si_pid": i(12), "si_uid": i(1000)}

# number, code, union: the name of the code and the members after it.
SHAPES = [
    pytest.param(SIGTERM, 0, USER, "SI_USER", SENT, id="kill(2) says who"),
    pytest.param(SIGUSR1, -6, USER, "SI_TKILL", SENT, id="tgkill(2) says who"),
    pytest.param(
        SIGRTMIN, -1, QUEUE, "SI_QUEUE", {**SENT, "si_int": i(7), "si_ptr": Address(0xFFFF_FFFF_0000_0007)},
        id="sigqueue(3) has a value",
    ),
    pytest.param(
        SIGRTMIN, -3, QUEUE, "SI_MESGQ", {**SENT, "si_int": i(7), "si_ptr": Address(0xFFFF_FFFF_0000_0007)},
        id="a message queue has one too",
    ),
    pytest.param(
        SIGRTMIN, -99, QUEUE, None, {**SENT, "si_int": i(7), "si_ptr": Address(0xFFFF_FFFF_0000_0007)},
        id="a code that a program made up",
    ),
    pytest.param(
        14, -2, TIMER, "SI_TIMER",
        {"si_timerid": i(2), "si_overrun": i(5), "si_int": i(7), "si_ptr": Address(7)},
        id="a timer says which and how late",
    ),
    pytest.param(2, 0x80, b"", "SI_KERNEL", {}, id="the kernel's own has nothing more"),
    pytest.param(
        SIGSEGV, 0x80, FAULT, "SI_KERNEL", {"si_addr": Address(0xDEAD_0000_0000)},
        id="but a fault has its address",
    ),
    *(
        pytest.param(
            number, 1, FAULT, code, {"si_addr": Address(0xDEAD_0000_0000)}, id=f"a fault: {code}"
        )
        for number, code in ((SIGSEGV, "SEGV_MAPERR"), (SIGBUS, "BUS_ADRALN"), (SIGFPE, "FPE_INTDIV"),
                             (SIGILL, "ILL_ILLOPC"), (5, "TRAP_BRKPT"))
    ),
    pytest.param(
        SIGCHLD, 1, CHILD, "CLD_EXITED",
        {**SENT, "si_status": i(9), "si_utime": i(3), "si_stime": i(4)},
        id="a child that exited has a status",
    ),
    pytest.param(
        SIGCHLD, 2, CHILD, "CLD_KILLED",
        {**SENT, "si_status": Named(9, 9, "SIGKILL"), "si_utime": i(3), "si_stime": i(4)},
        id="a child that was killed has a signal",
    ),
    pytest.param(
        SIGIO, 1, POLL, "POLL_IN", {"si_band": i(0x41), "si_fd": i(3)}, id="a descriptor that is ready"
    ),
    pytest.param(
        SIGRTMIN + 1, 6, POLL, "POLL_HUP", {"si_band": i(0x41), "si_fd": i(3)},
        id="the same by a signal of one's own choice: fcntl(F_SETSIG)",
    ),
    pytest.param(
        SIGIO, -5, POLL, "SI_SIGIO", {"si_band": i(0x41), "si_fd": i(3)}, id="queued input or output"
    ),
    pytest.param(
        SIGSYS, 1, SYS, "SYS_SECCOMP",
        {
            "si_call_addr": Address(0x7000),
            "si_syscall": Named(39, 39, "__NR_getpid"),
            "si_arch": Named(0xC000_003E, 0xC000_003E, "AUDIT_ARCH_X86_64"),
        },
        id="seccomp says which call from where",
    ),
    pytest.param(
        SIGTERM, 7, USER, None, SENT, id="a code that nobody knows keeps its number, and has a sender"
    ),
    pytest.param(
        5, 0x85, USER, None, SENT, id="so has a stop for ptrace: SIGTRAP | 0x80"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("number", "code", "union", "name", "members"), SHAPES)
def test_siginfo(number: int, code: int, union: bytes, name: str | None, members: dict[str, Value]) -> None:
    got = siginfo(number, write.siginfo(number, code, union))

    assert got.pop("si_signo").raw == number
    assert got.pop("si_code") == (Int(code, code) if name is None else Named(code, code, name))
    assert got == members
    assert list(got) == list(members)  # in strace's order


def test_an_error_number_is_shown_if_there_is_one() -> None:
    info = siginfo(SIGTERM, write.siginfo(SIGTERM, 0, USER, error=5))

    assert list(info)[:3] == ["si_signo", "si_code", "si_errno"]
    assert info["si_errno"] == Named(5, 5, "EIO")
    assert siginfo(SIGTERM, write.siginfo(SIGTERM, 0, USER, error=4000))["si_errno"] == Int(4000, 4000)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(0, Ending(0), id="success"),
        pytest.param(255 << 8, Ending(255), id="the largest status"),
        pytest.param(9, Ending(None, "SIGKILL"), id="killed"),
        pytest.param(11 | 0x80, Ending(None, "SIGSEGV", core=True), id="killed, with a core dump"),
        pytest.param(64, Ending(None, "SIGRT_32"), id="killed by the last signal"),
        pytest.param(65, Ending(None, "65"), id="killed by what is no signal"),
        pytest.param(0x1_0000 | 3 << 8, Ending(3), id="bits above a status are not its own"),
    ],
)
def test_ending(code: int, expected: Ending) -> None:
    assert ending(code) == expected


@pytest.mark.parametrize(
    ("call", "position", "word", "expected"),
    [
        pytest.param("kill", 1, 15, Named(15, 15, "SIGTERM"), id="a signal has its name"),
        pytest.param("kill", 1, 0, Int(0, 0), id="0 asks only whether the process is there"),
        pytest.param("kill", 1, 65, Int(65, 65), id="the number after the last is no signal"),
        pytest.param("kill", 1, 0xFFFF_FFFF, Int(0xFFFF_FFFF, -1), id="nor is -1"),
        pytest.param("tgkill", 2, 64, Named(64, 64, "SIGRT_32"), id="the last real-time signal"),
        pytest.param("rt_sigaction", 0, 32, Named(32, 32, "SIGRTMIN"), id="the first one"),
    ],
)
def test_a_signal_argument(call: str, position: int, word: int, expected: Value) -> None:
    words = [0] * 6
    words[position] = word

    assert args(write.call(call, words))["sig"] == expected
