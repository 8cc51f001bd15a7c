"""Any bytes as sock_diag's answer: the number of a peer, or 0."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from unittest import mock

from argtrace import proc_files
from tests.fuzz.target import Target


class _Answer:
    """A socket that gives the input."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def send(self, data: bytes) -> int:
        return len(data)

    def recv(self, size: int) -> bytes:
        return self._data[:size]


def check(data: bytes) -> None:
    @contextlib.contextmanager
    def diagnosis() -> Iterator[_Answer]:
        yield _Answer(data)

    with mock.patch.object(proc_files, "_diagnosis", diagnosis):
        found = proc_files.peer_of(7)
    assert 0 <= found < 1 << 32


def seeds() -> list[bytes]:
    reply = struct.pack("<BBBxI2I", 1, 1, 1, 7, 0, 0)
    attributes = struct.pack("<HHI", 8, 2, 99) + struct.pack("<HHI", 8, 1, 5)
    body = reply + attributes
    return [
        struct.pack("<IHHII", 16 + len(body), 20, 0, 0, 0) + body,
        struct.pack("<IHHIIi", 36, 2, 0, 0, 0, -2),
    ]


TARGET = Target("answers of sock_diag (proc_files.py)", check, seeds, most=400)
