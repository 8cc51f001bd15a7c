"""File handles, and what is there of one that found no room."""

from __future__ import annotations

import struct

import pytest

from argtrace.decode.model import Bytes, Struct
from tests.support.scope import ADDRESS, Given, decode, plain

WHOLE = struct.pack("<Ii", 8, -1) + b"\1\2\3\4\5\6\7\x08"


def test_a_handle() -> None:
    assert plain(decode("file_handle", WHOLE + bytes(100))) == {
        "handle_bytes": 8,
        "handle_type": -1,
        "f_handle": WHOLE[8:],
    }


@pytest.mark.parametrize(
    ("data", "known", "length"),
    [
        pytest.param(WHOLE[:11], WHOLE[8:11], 8, id="a handle that is cut"),
        pytest.param(
            struct.pack("<Ii", 0xFFFFFFFF, 1) + bytes(200), bytes(128), 128, id="a length no handle has"
        ),
        pytest.param(struct.pack("<Ii", 0, 1), b"", 0, id="an empty one"),
    ],
)
def test_its_bytes(data: bytes, known: bytes, length: int) -> None:
    handle = decode("file_handle", data)
    assert isinstance(handle, Struct)
    assert handle["f_handle"] == Bytes(ADDRESS + 8, known, length)


def test_no_handle_at_all() -> None:
    assert plain(decode("file_handle", WHOLE[:7])) == "<cut: 7 bytes of 8>"


@pytest.mark.parametrize(
    ("result", "members"),
    [
        pytest.param(0, ["handle_bytes", "handle_type", "f_handle"], id="found"),
        pytest.param(-75, ["handle_bytes"], id="EOVERFLOW: only the length it needs"),
        pytest.param(None, ["handle_bytes", "handle_type", "f_handle"], id="not known"),
    ],
)
def test_what_was_found(result: int | None, members: list[str]) -> None:
    handle = decode("found_handle", WHOLE, scope=Given(result=result))
    assert isinstance(handle, Struct)
    assert [name for name, _ in handle.members] == members
