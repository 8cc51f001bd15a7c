"""The records' way to who reads them: a ring in our own memory, laid out as the kernel's is.

So that `native/lines.pyx` and `transport/ring.py` read either. Who writes and who reads are one
thread: there is nothing to wait for. What finds the ring full waits beside it, in order.

Source: kernel/bpf/ringbuf.c (Linux 6.18), as `transport/ring.py` draws it.
"""

from __future__ import annotations

import mmap
from collections import deque

from argtrace.kernel.uapi import BPF_RINGBUF_HDR_SZ

SIZE = 1 << 22
"""Bytes. It is read whenever nobody has stopped, and when it is half full."""


class Records:
    """`pages`: the consumer's, the producer's, the data. `size`: a power of two of at least a page."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._memory = mmap.mmap(-1, 2 * mmap.PAGESIZE + size)
        self._view = memoryview(self._memory)
        page = mmap.PAGESIZE
        self._slices = (self._view[:page], self._view[page : 2 * page], self._view[2 * page :])
        self.pages = self._slices
        self._consumer, self._producer = (each[:8].cast("Q") for each in self._slices[:2])
        self._data = self._slices[2]
        self._waiting: deque[bytes] = deque()

    def put(self, sample: bytes) -> None:
        """A record, behind all others."""
        if self._waiting or not self._place(sample):
            self._waiting.append(sample)

    def refill(self) -> bool:
        """Bring in what waits beside it; whether there was anything."""
        found = bool(self._waiting)
        while self._waiting and self._place(self._waiting[0]):
            self._waiting.popleft()
        return found

    def discard(self) -> None:
        """What is there is not wanted."""
        self._waiting.clear()
        self._consumer[0] = self._producer[0]

    @property
    def waiting(self) -> bool:
        """Whether there is anything beside it."""
        return bool(self._waiting)

    @property
    def half_full(self) -> bool:
        return bool(self._waiting) or self._producer[0] - self._consumer[0] > self._size // 2

    def _place(self, sample: bytes) -> bool:
        position, size = self._producer[0], self._size
        length = BPF_RINGBUF_HDR_SZ + (len(sample) + 7 & ~7)
        if position + length - self._consumer[0] > size:
            if length > size:
                raise ValueError(f"a record of {len(sample)} bytes in a ring of {size}")
            return False
        at = position & size - 1
        self._data[at : at + 8] = len(sample).to_bytes(8, "little")
        begin = at + BPF_RINGBUF_HDR_SZ & size - 1
        first = min(len(sample), size - begin)
        self._data[begin : begin + first] = sample[:first]
        self._data[: len(sample) - first] = sample[first:]
        self._producer[0] = position + length
        return True

    def close(self) -> None:
        """May be called twice."""
        for view in (self._consumer, self._producer, *self._slices, self._view):
            view.release()
        self._memory.close()
