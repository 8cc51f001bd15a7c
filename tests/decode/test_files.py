"""Descriptors, modes and flag words, as the calls that take them see them."""

from __future__ import annotations

import pytest

from argtrace.decode.model import Fd, Int, Named, Value
from tests.support import record_writer as write
from tests.support.decoding import args

CUT = 0xFFFF_FF9C  # AT_FDCWD, by a program that has it as an unsigned int
MINUS_ONE = 0xFFFF_FFFF_FFFF_FFFF


@pytest.mark.parametrize(
    ("call", "position", "name", "word", "expected"),
    [
        pytest.param("read", 0, "fd", 3, Fd(3, 3), id="a descriptor"),
        pytest.param("close", 0, "fd", 0xFFFF_FFFF, Fd(0xFFFF_FFFF, -1), id="-1 as an unsigned int"),
        pytest.param("close", 0, "fd", MINUS_ONE, Fd(MINUS_ONE, -1), id="-1 as a long"),
        pytest.param("readv", 0, "fd", MINUS_ONE, Fd(MINUS_ONE, -1), id="-1 for an unsigned long fd"),
        pytest.param("mmap", 4, "fd", 0xFFFF_FFFF, Fd(0xFFFF_FFFF, -1), id="-1 for the fd of mmap"),
        pytest.param(
            "close", 0, "fd", 0x8000_0000, Fd(0x8000_0000, -(1 << 31)), id="the smallest int"
        ),
        pytest.param("close", 0, "fd", 0x7FFF_FFFF, Fd(0x7FFF_FFFF, 0x7FFF_FFFF), id="the largest int"),
        pytest.param("dup3", 1, "newfd", 9, Fd(9, 9), id="a descriptor to be made"),
        pytest.param("dup2", 1, "newfd", 9, Fd(9, 9), id="as dup2 has it"),
        pytest.param("openat", 0, "dfd", 5, Fd(5, 5), id="a directory"),
        pytest.param(
            "openat", 0, "dfd", -100, Named(MINUS_ONE - 99, -100, "AT_FDCWD"), id="the current directory"
        ),
        pytest.param("openat", 0, "dfd", CUT, Named(CUT, -100, "AT_FDCWD"), id="the same in 32 bits"),
        pytest.param("openat", 0, "dfd", -99, Fd(MINUS_ONE - 98, -99), id="one above is no name"),
        pytest.param("openat", 0, "dfd", -101, Fd(MINUS_ONE - 100, -101), id="nor is one below"),
        pytest.param("renameat", 2, "newdfd", CUT, Named(CUT, -100, "AT_FDCWD"), id="where it is moved to"),
        pytest.param("read", 2, "count", -100, Int(MINUS_ONE - 99, MINUS_ONE - 99), id="no other -100"),
        pytest.param("chmod", 1, "mode", 0o755, Int(0o755, 0o755, 8), id="a mode is octal"),
        pytest.param(
            "openat", 3, "mode", 0xDEAD_0000_01FF, Int(0xDEAD_0000_01FF, 0o777, 8),
            id="a mode has sixteen bits, the rest is what was in the register",
        ),
        pytest.param(
            "umask", 0, "mask", MINUS_ONE, Int(MINUS_ONE, 0xFFFF_FFFF, 8), id="octal digits have no sign"
        ),
        pytest.param("access", 1, "mode", 4, Int(4, 4), id="what access asks for is no mode of a file"),
        pytest.param("umask", 0, "mask", 0o22, Int(0o22, 0o22, 8), id="a mask of modes is octal too"),
        pytest.param("openat", 2, "flags", 0x80000, Int(0x80000, 0x80000, 16), id="flags are hexadecimal"),
        pytest.param(
            "openat", 2, "flags", MINUS_ONE, Int(MINUS_ONE, 0xFFFF_FFFF, 16), id="flags have no sign"
        ),
        pytest.param(
            "mmap", 3, "flags", MINUS_ONE, Int(MINUS_ONE, MINUS_ONE, 16), id="nor have those of a long"
        ),
    ],
)  # fmt: skip
def test_a_word(call: str, position: int, name: str, word: int, expected: Value) -> None:
    words = [0] * 6
    words[position] = word
    strings = {"openat": 1, "chmod": 1, "access": 1, "renameat": 2}.get(call, 0)

    got = args(write.call(call, words, *[write.unread(14)] * strings))

    assert got[name] == expected
