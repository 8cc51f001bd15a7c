"""Samples of a ring as one input: each behind its length, u16; the last one may be cut."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from tests.support import record_writer as write
from tools import capture_records

LIMIT = 8
"""Bytes of a string that tables are made for: short, so that strings are cut often."""


def join(samples: Iterable[bytes]) -> bytes:
    return b"".join(len(sample).to_bytes(2, "little") + sample for sample in samples)


def split(data: bytes, most: int = 12) -> list[bytes]:
    found: list[bytes] = []
    at = 0
    while at + 2 <= len(data) and len(found) < most:
        size = int.from_bytes(data[at : at + 2], "little")
        found.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    return found


@functools.cache
def captured() -> tuple[bytes, ...]:
    """What real kernels gave (tests/cases/records), those that are not long, each once."""
    found: dict[bytes, None] = {}
    for path in sorted(capture_records.DIRECTORY.glob("*.rec")):
        found |= dict.fromkeys(capture_records.loads(path.read_text()).samples)
    return tuple(sample for sample in found if len(sample) < 2000)


@functools.cache
def written() -> tuple[bytes, ...]:
    """One of each kind, and of each way to be incomplete."""
    names = b"file\0directory\0"
    inet = write.socket(2, 1, 6, ports=(80, 8080), local=bytes(4), remote=b"\x7f\0\0\1")
    return (
        write.call("openat", [-100, 0x7000, 0x80000], write.string(b"/etc/hosts", LIMIT), result=3),
        write.call("openat", [-100, 0x7000], write.unread(14), result=-14),
        write.call("read", [3, 0x7000, 4096], write.string(b"some bytes"), result=10),
        write.call("close", [3]),
        write.call("dup2", [3, 4], result=4),
        write.call("pipe2", [0x7000, 0], write.Fetched(((0, 8),), b"\3\0\0\0\4\0\0\0")),
        write.call("clone", [0, 0, 0, 0, 0], result=12),
        write.call("getppid", flags=4, result=1),
        write.call(1023, [1, 2, 3], result=-38),
        write.call(
            "execve", [1, 2, 3], write.string(b"/bin/ls", LIMIT),
            write.strings(b"ls", b"-l", 14, limit=LIMIT), write.strings(b"A=1", end=1, limit=LIMIT),
        ),
        write.call("execve", [1, 2, 3], write.string(b"x"), write.blob(b"ls\0-l\0"), write.blob(b"A=1\0B")),
        write.chunk(0, 8, b"more of it"),
        write.chunk(1, 0, b"", size=-14),
        write.fork(101, 101, started=10**10), write.fork(102, 100, shared=3),
        write.chosen(b"name", 10**10), write.exec(b"ls", former=101), write.rename(b"\x1b[2J"),
        write.taking(3, 5), write.taking(436, 3, 1 << 63),
        write.signal(11, write.siginfo(11, 1, bytes(16))), write.signal(9), write.exit(9), write.exit(256),
        write.file("openat", 3, names), write.file("openat", 3, b"x\0", magic=0x09041934, what=2),
        write.file("socket", 5, magic=0x534F434B, socket=inet), write.file("pipe2", 3, b"\0", other=4),
    )  # fmt: skip


def seeds() -> list[bytes]:
    """Each alone, and short runs of them."""
    every = [*written(), *captured()]
    runs = [every[at : at + 5] for at in range(0, len(every), 5)]
    return [join([sample]) for sample in every] + [join(run) for run in runs]
