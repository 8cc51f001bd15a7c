"""Addresses and bits that are declared as plain numbers."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Address, Int, Value
from tests.support import record_writer as write
from tests.support.decoding import args

MINUS_ONE = 0xFFFF_FFFF_FFFF_FFFF


@pytest.mark.parametrize(
    ("call", "position", "name", "word", "expected"),
    [
        pytest.param("mmap", 0, "addr", 0, Address(0), id="no wish where to map"),
        pytest.param("mmap", 0, "addr", MINUS_ONE, Address(MINUS_ONE), id="the highest address"),
        pytest.param("brk", 0, "brk", 0x7000, Address(0x7000), id="the program break"),
        pytest.param("mprotect", 0, "start", 0x7000, Address(0x7000), id="the start of a range"),
        pytest.param("mremap", 4, "new_addr", 0x7000, Address(0x7000), id="where to move to"),
        pytest.param("sync_file_range", 1, "offset", 5, Int(5, 5), id="a place in a file is a number"),
        pytest.param("mmap", 2, "prot", 3, Int(3, 3, 16), id="protection bits"),
        pytest.param("ioctl", 1, "cmd", 0x5401, Int(0x5401, 0x5401, 16), id="a request number"),
        pytest.param("bpf", 0, "cmd", MINUS_ONE, Int(MINUS_ONE, 0xFFFF_FFFF, 16), id="a request has no sign"),
        pytest.param("statx", 3, "mask", 0x7FF, Int(0x7FF, 0x7FF, 16), id="a mask of fields"),
        pytest.param("clone", 0, "clone_flags", 1 << 32, Int(1 << 32, 1 << 32, 16), id="flags above 32 bits"),
    ],
)
def test_a_word(call: str, position: int, name: str, word: int, expected: Value) -> None:
    words = [0] * 6
    words[position] = word

    assert args(write.call(call, words, *[write.unread(14)] * (call == "statx")))[name] == expected
