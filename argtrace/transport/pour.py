"""Samples of several CPUs' buffers, in the order of time, poured into a ring of our own memory.

That has the form of the kernel's (`ring.py`), so who reads that one reads this one too.

Each buffer is in its own order. What was written up to a moment when all of them were looked at is there
the next time at the latest; so what is older than the look before can be poured, and the rest waits.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable
from operator import attrgetter

from argtrace.kernel.uapi import BPF_RINGBUF_HDR_SZ
from argtrace.transport.perf import Sample
from argtrace.transport.ring import Ring

PAGE = mmap.PAGESIZE

_HEADER = struct.Struct("<II")
_by_time = attrgetter("time")


class Poured:
    """A ring of `size` bytes, a power of two."""

    def __init__(self, size: int) -> None:
        self._memory = mmap.mmap(-1, 2 * PAGE + size)
        self._view = memoryview(self._memory)
        self.pages = (self._view[:PAGE], self._view[PAGE : 2 * PAGE], self._view[2 * PAGE :])
        """As `Ring` takes them."""
        self.ring = Ring(*self.pages)
        self._written = self.pages[1][:8].cast("Q")
        self._data = self.pages[2]
        self._size = size
        self._waiting: list[Sample] = []
        self._before = 0

    @property
    def waiting(self) -> int:
        """Samples that have not been poured yet."""
        return len(self._waiting)

    def pour(self, samples: Iterable[Sample], now: int) -> None:
        """What all buffers held, looked at from `now` on (ns); and what waited, as far as there is room."""
        self._waiting += samples
        self._waiting.sort(key=_by_time)
        poured = 0
        for sample in self._waiting:
            if sample.time > self._before or not self._put(sample.data):
                break
            poured += 1
        del self._waiting[:poured]
        self._before = now

    def _put(self, data: bytes) -> bool:
        written = self._written[0]
        size = BPF_RINGBUF_HDR_SZ + (len(data) + 7 & ~7)
        if size > self._size - self.ring.pending():
            return False
        at = written % self._size
        whole = _HEADER.pack(len(data), 0) + data
        first = min(len(whole), self._size - at)
        self._data[at : at + first] = whole[:first]
        self._data[: len(whole) - first] = whole[first:]
        self._written[0] = written + size
        return True

    def close(self) -> None:
        self._written.release()
        self.ring.release()
        for view in self.pages:
            view.release()
        self._view.release()
        self._memory.close()
