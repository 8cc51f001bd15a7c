"""Any bytes in a file of remembered numbers: numbers by name, or as good as no file."""

from __future__ import annotations

import functools
import os
import tempfile

from argtrace import cache
from tests.fuzz.target import Target


@functools.cache
def _path() -> str:
    return os.path.join(tempfile.mkdtemp(prefix="fuzz-cache-", dir="/dev/shm"), "fields.json")


def check(data: bytes) -> None:
    fd = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, data)
    os.close(fd)
    found = cache._read(_path())
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
