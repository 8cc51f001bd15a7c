"""Sets of descriptors, as long as select's first argument says."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Address, Fd, File, List
from tests.support.scope import ADDRESS, Given, decode, plain

CASES = [
    pytest.param(b"\x28" + bytes(7), 6, [3, 5], id="bits are descriptors"),
    pytest.param(b"\xff" + bytes(7), 3, [0, 1, 2], id="those from n on are not looked at"),
    pytest.param(bytes(8) + b"\1" + bytes(7), 65, [64], id="the second long"),
    pytest.param(bytes(8), 64, [], id="none"),
    pytest.param(b"", 0, [], id="no room for any"),
    pytest.param(b"\1" + bytes(7), 100, [0, "<cut: 8 bytes of 8>"], id="more than there is"),
]


@pytest.mark.parametrize(("data", "n", "expected"), CASES)
def test_sets(data: bytes, n: int, expected: list[object]) -> None:
    assert plain(decode("fd_set", data, n=n)) == expected


def test_files() -> None:
    file = File(b"pipe:[8]")
    assert decode("fd_set", b"\2" + bytes(7), scope=Given({"n": 4}, {1: file})) == List(
        ADDRESS, (Fd(1, 1, file),)
    )


def test_a_negative_number_of_descriptors_is_none() -> None:
    assert decode("fd_set", bytes(128), n=0xFFFF_FFFF) == Address(ADDRESS)


def test_what_epoll_tells() -> None:
    assert plain(decode("epoll_data", b"\7\0\0\0\1\0\0\0")) == {"u32": 7, "u64": (1 << 32) + 7}
    assert plain(decode("epoll_data", b"\7\0\0")) == "<cut: 3 bytes of 8>"
