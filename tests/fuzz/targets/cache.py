"""Any bytes in a file of remembered numbers: numbers by name, or as good as no file."""

from __future__ import annotations

import os

from argtrace import cache
from tests.fuzz.target import Target

FILE = os.memfd_create("cache")


def check(data: bytes) -> None:
    os.ftruncate(FILE, 0)
    os.pwrite(FILE, data, 0)
    found = cache._read(f"/proc/self/fd/{FILE}")
    if found is not None:
        assert all(type(name) is str for name in found)
        assert all(value is None or type(value) is int for value in found.values())


def seeds() -> list[bytes]:
    return [
        b'{"task_pid": 1234, "task_tgid": null, "mm": -1}',
        b"{}",
        b"[1, 2]",
        b'{"a": 1e400, "b": true, "c": NaN}',
        b"\xff\xfe{\0}\0",
        b"[" * 2000,
        b'{"a":' * 300,
    ]


WORDS = (b"null", b"true", b'"', b"{", b"[", b"\\ud800", b"1" * 50, b"1" * 5000, b"Infinity", b"[" * 1000)

TARGET = Target("remembered offsets (cache.py)", check, seeds, WORDS, most=20_000)
