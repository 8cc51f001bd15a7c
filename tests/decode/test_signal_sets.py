"""Sets of signals, and siginfo where a call has it."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import List, Named
from tests.support.scope import ADDRESS, decode, plain


def bits(*signals: int) -> bytes:
    return sum(1 << number - 1 for number in signals).to_bytes(8, "little")


def test_a_set_has_its_signals_by_name() -> None:
    assert decode("sigset", bits(2, 17)) == List(ADDRESS, (Named(2, 2, "SIGINT"), Named(17, 17, "SIGCHLD")))


@pytest.mark.parametrize(
    ("data", "size", "signals"),
    [
        pytest.param(bits(), None, [], id="none"),
        pytest.param(bits(1, 32, 64), None, ["SIGHUP", "SIGRTMIN", "SIGRT_32"], id="first, last, real time"),
        pytest.param(bits(1) + b"\xff" * 8, None, ["SIGHUP"], id="the kernel reads eight bytes"),
        pytest.param(bits(1), 128, ["SIGHUP"], id="of the C library's 128 bytes eight"),
        pytest.param(bits(1)[:4], 8, ["SIGHUP", "<cut: 4 bytes of 8>"], id="half"),
    ],
)
def test_sets(data: bytes, size: int | None, signals: list[str]) -> None:
    assert plain(decode("sigset", data, size)) == signals


def test_a_full_set_has_all_signals() -> None:
    assert len(plain(decode("sigset", b"\xff" * 8))) == 64


def info(signo: int, error: int, code: int, *union: int) -> bytes:
    return (struct.pack("<iii4x", signo, error, code) + struct.pack(f"<{len(union)}Q", *union)).ljust(
        128, b"\0"
    )


def test_what_a_queued_signal_brings() -> None:
    sent = info(10, 5, -1, 77 | 1000 << 32, 0xFFFF_FFFF)
    assert plain(decode("siginfo", sent)) == {
        "si_signo": "SIGUSR1",
        "si_code": "SI_QUEUE",
        "si_errno": "EIO",
        "si_pid": 77,
        "si_uid": 1000,
        "si_int": -1,
        "si_ptr": "0xffffffff",
    }


def test_no_signal_is_no_more_than_that() -> None:
    assert plain(decode("siginfo", bytes(128))) == {"si_signo": 0}


def test_a_short_siginfo() -> None:
    assert plain(decode("siginfo", info(9, 0, 0)[:12], 128)) == "<cut: 12 bytes of 128>"
    assert plain(decode("siginfo", info(9, 0, 0, 5)[:20], 128)) == {
        "si_signo": "SIGKILL",
        "si_code": "SI_USER",
        "si_pid": 5,
        "si_uid": 0,
        "…": "<cut: 20 bytes of 128>",
    }
