"""A directory's entries, in both layouts, whole and broken off."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import List, Missing, Struct, Why
from tests.support.scope import ADDRESS, decode, plain


def entry64(ino: int, off: int, type: int, name: bytes, length: int | None = None) -> bytes:
    size = 19 + len(name) + 1 if length is None else length
    return struct.pack("<QqHB", ino, off, size, type) + name.ljust(size - 19, b"\0")


def entry(ino: int, off: int, type: int, name: bytes, size: int) -> bytes:
    return struct.pack("<QqH", ino, off, size) + name.ljust(size - 19, b"\0") + bytes([type])


DOT = entry64(2, 17, 4, b".", 24)
FILE = entry64(3, -1, 8, b"a\xff", 24)


def test_entries_have_their_members() -> None:
    assert plain(decode("dirents64", DOT + FILE)) == [
        {"d_ino": 2, "d_off": 17, "d_reclen": 24, "d_type": "DT_DIR", "d_name": b"."},
        {"d_ino": 3, "d_off": -1, "d_reclen": 24, "d_type": "DT_REG", "d_name": b"a\xff"},
    ]


def test_the_old_layout_has_the_type_at_the_end() -> None:
    assert plain(decode("dirents", entry(5, 9, 10, b"link", 24) + entry(6, 10, 99, b"x", 32))) == [
        {"d_ino": 5, "d_off": 9, "d_reclen": 24, "d_type": "DT_LNK", "d_name": b"link"},
        {"d_ino": 6, "d_off": 10, "d_reclen": 32, "d_type": 99, "d_name": b"x"},
    ]


def test_each_entry_knows_its_address() -> None:
    found = decode("dirents64", DOT + FILE)
    assert isinstance(found, List)
    assert [item.raw - ADDRESS for item in found.items] == [0, 24]
    first = found.items[0]
    assert isinstance(first, Struct)
    assert first["d_name"].raw == ADDRESS + 19


@pytest.mark.parametrize("decoder", ["dirents64", "dirents"])
def test_a_directory_at_its_end_gives_none(decoder: str) -> None:
    assert decode(decoder, b"") == List(ADDRESS, ())


@pytest.mark.parametrize(
    ("data", "items"),
    [
        pytest.param(DOT + FILE[:23], 1, id="a byte short"),
        pytest.param(DOT + FILE[:5], 1, id="no header"),
        pytest.param(entry64(1, 1, 8, b"", 20)[:16] + b"\0\0" + bytes(20), 0, id="an entry of no length"),
        pytest.param(DOT[:16] + b"\xff\xff" + DOT[18:], 0, id="a length beyond the end"),
    ],
)
def test_what_is_no_whole_entry_ends_the_list(data: bytes, items: int) -> None:
    found = decode("dirents64", data)
    assert isinstance(found, List)
    assert len(found.items) == items
    left = len(data) - 24 * items
    assert found.end == Missing(ADDRESS + 24 * items, Why.CUT, f"{left} bytes are no whole entry")


def test_what_was_not_fetched_is_missing() -> None:
    assert plain(decode("dirents64", DOT + FILE[:20], size=4096))[1:] == ["<cut: not fetched>"]
    assert plain(decode("dirents64", DOT, size=4096))[1:] == ["<cut: not fetched>"]
