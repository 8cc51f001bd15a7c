"""Samples to a ring in ordinary memory, for tests: what the kernel's half of a ring buffer does.

    writer = RingWriter(4096, at=4072)     the next sample goes over the end of the data
    writer.write(b"sample")
    writer.write(b"unwanted", discard=True)
    writer.write(b"half", busy=True)       reserved, not committed yet
    ring = writer.ring()

`length` makes a header lie. The views are those that a Ring is made of.
"""

from __future__ import annotations

import struct

from argtrace.kernel.uapi import BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ
from argtrace.transport.ring import Ring


class RingWriter:
    """`size` of the data in bytes; both positions begin at `at`, as after `at` bytes of samples."""

    def __init__(self, size: int = 4096, *, at: int = 0) -> None:
        self.size = size
        self.consumer = memoryview(bytearray(struct.pack("<Q", at)))
        self.producer = memoryview(bytearray(struct.pack("<Q", at)))
        self.data = memoryview(bytearray(b"\xee" * size))

    def ring(self) -> Ring:
        return Ring(self.consumer, self.producer, self.data)

    @property
    def consumed(self) -> int:
        """Up to where the reader gave room back."""
        return _position(self.consumer)

    @property
    def produced(self) -> int:
        return _position(self.producer)

    def write(
        self, sample: bytes, *, busy: bool = False, discard: bool = False, length: int | None = None
    ) -> None:
        bits = busy * BPF_RINGBUF_BUSY_BIT | discard * BPF_RINGBUF_DISCARD_BIT
        header = struct.pack("<II", (len(sample) if length is None else length) | bits, 0)
        room = BPF_RINGBUF_HDR_SZ + -(-len(sample) // 8) * 8
        for at, byte in enumerate(header + sample, self.produced):
            self.data[at % self.size] = byte
        self.producer[:] = struct.pack("<Q", self.produced + room)

    def commit(self, at: int) -> None:
        """End the writing of the sample whose header is at this position."""
        begin = at % self.size
        (header,) = struct.unpack_from("<I", self.data, begin)
        struct.pack_into("<I", self.data, begin, header & ~BPF_RINGBUF_BUSY_BIT)


def _position(view: memoryview) -> int:
    return int.from_bytes(view[:8], "little")
