"""Any bytes as ELF notes: the build id is some of them, in hexadecimal, or there is none."""

from __future__ import annotations

import struct

from argtrace.kernel.buildid import build_id
from tests.fuzz.target import Target


def check(data: bytes) -> None:
    found = build_id(data)
    if found is not None:
        assert found
        assert bytes.fromhex(found) in data
        assert "/" not in found  # it is part of a file's name


def note(name: bytes, description: bytes, type: int) -> bytes:
    def padded(part: bytes) -> bytes:
        return part + bytes(-len(part) % 4)

    return struct.pack("<III", len(name), len(description), type) + padded(name) + padded(description)


def seeds() -> list[bytes]:
    ours = note(b"GNU\0", bytes(range(20)), 3)
    return [ours, note(b"Linux\0", b"x", 1) + ours, note(b"Xen\0", b"abcde", 6) * 3 + ours, b""]


TARGET = Target("notes of an ELF file (kernel/buildid.py)", check, seeds, (b"GNU\0", b"\3\0\0\0"))
