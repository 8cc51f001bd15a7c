"""A ring of any bytes: both walks give the same samples, and stop at the same place."""

from __future__ import annotations

import struct
from collections.abc import Callable

from argtrace import native
from argtrace.errors import FormatError
from argtrace.kernel.uapi import BPF_RINGBUF_BUSY_BIT
from argtrace.transport.ring import Ring
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.support.ring_writer import RingWriter

SIZES = (8, 16, 64, 256, 1024, 4096)
MOST = 4096  # more than fit the largest

Walked = tuple[list[bytes], bool, int]
"""The samples; whether there was a FormatError; the consumer's position."""


def check(data: bytes) -> None:
    given = Choices(data)
    size = given.pick(SIZES)
    # What the kernel writes there are multiples of 8.
    read = (given.short() | given.byte() % 8 * (1 << 30)) & ~7
    written = read + (given.short() & ~7)
    memory = given.rest()[:size].ljust(size, b"\0")

    assert _by_native(read, written, memory) == _by_python(read, written, memory)


def _pages(read: int, written: int, memory: bytes) -> tuple[bytearray, bytearray, bytearray]:
    return bytearray(struct.pack("<Q", read)), bytearray(struct.pack("<Q", written)), bytearray(memory)


def _by_python(read: int, written: int, memory: bytes) -> Walked:
    consumer, producer, data = _pages(read, written, memory)
    ring = Ring(memoryview(consumer), memoryview(producer), memoryview(data))
    walked = _walked(lambda: list(ring.samples(MOST)), consumer)
    ring.release()
    return walked


def _by_native(read: int, written: int, memory: bytes) -> Walked:
    module = native.module("ring")
    assert module is not None, "the native executor was not built"
    consumer, producer, data = _pages(read, written, memory)
    walker = module.Samples(memoryview(consumer), memoryview(producer), memoryview(data))
    walked = _walked(walker.drain, consumer)
    walker.release()
    return walked


def _walked(drain: Callable[[], list[bytes]], consumer: bytearray) -> Walked:
    """Until nothing is taken any more."""
    found: list[bytes] = []
    while True:
        before = bytes(consumer)
        try:
            found += drain()
        except FormatError:
            return found, True, int.from_bytes(consumer, "little")
        if consumer == before:
            return found, False, int.from_bytes(consumer, "little")


def seeds() -> list[bytes]:
    made = []
    for size in SIZES[2:]:
        for at in (0, 8, size - 8, size - 24):
            writer = RingWriter(size, at=at)
            for number in range(3):
                writer.write(bytes([number]) * (5 + 9 * number), discard=number == 1)
            head = bytes([SIZES.index(size)]) + struct.pack("<HBH", at, 0, writer.produced - at)
            made.append(head + bytes(writer.data))
    return made


TARGET = Target(
    "any memory as a ring, walked by both (transport/ring.py, native/ring.pyx)",
    check,
    seeds,
    (BPF_RINGBUF_BUSY_BIT.to_bytes(4, "little"), b"\0\0\0\x40", b"\xff\xff\xff\x3f", b"\xf8\xff\xff\x3f"),
    most=4200,
)
