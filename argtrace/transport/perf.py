"""A CPU's buffer of perf's, over any buffer: samples in the order in which that CPU wrote them.

    head: u64, the kernel's     tail: u64, ours          data, a power of two
                                                         | header | time | size | sample … |
                                                         | 8      | u64  | u32  |          |

Positions only grow; modulo the size of the data they are offsets. A record that goes over the end is put
together here. What had no room is told in a record of its own: how many.

Sources: include/uapi/linux/perf_event.h: struct perf_event_header, struct perf_event_mmap_page,
PERF_RECORD_SAMPLE with PERF_SAMPLE_TIME and PERF_SAMPLE_RAW, PERF_RECORD_LOST. Pure, as `ring.py` is.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from argtrace.errors import FormatError

LOST, SAMPLE = 2, 9
"""enum perf_event_type: PERF_RECORD_LOST, PERF_RECORD_SAMPLE."""

HEAD, TAIL = 1024, 1032
"""Offsets of data_head and data_tail in struct perf_event_mmap_page."""

_HEADER = struct.Struct("<IHH")  # type, misc, size
_SAMPLE = struct.Struct("<IHHQI")  # header, time, size of the raw data
_LOST = struct.Struct("<IHHQQ")  # header, id, lost


class Sample(NamedTuple):
    """`time` in ns of CLOCK_MONOTONIC. `data` may have some bytes more behind it than were written:
    perf fills up to a multiple of eight, four less."""

    time: int
    data: bytes


class PerfRing:
    """Views of the control page (writable) and of the data."""

    def __init__(self, control: memoryview, data: memoryview) -> None:
        self._head = control[HEAD : HEAD + 8].cast("Q")
        self._tail = control[TAIL : TAIL + 8].cast("Q")
        self._data = data
        self._size = len(data)
        self.lost = 0
        """Samples that had no room, as far as was read."""

    def pending(self) -> int:
        """Bytes written and not yet read."""
        return self._head[0] - self._tail[0]

    def samples(self) -> Iterator[Sample]:
        """All that are there now. Raises FormatError if a length does not fit."""
        position, end = self._tail[0], self._head[0]
        try:
            while position < end:
                kind, _, size = _HEADER.unpack(self._bytes(position, _HEADER.size))
                if not _HEADER.size <= size <= end - position:
                    raise FormatError("perf buffer", position, f"a size up to {end - position}, not {size}")
                whole = self._bytes(position, size)
                position += size
                if kind == SAMPLE:
                    yield _sample(whole, position - size)
                elif kind == LOST and size >= _LOST.size:
                    self.lost += _LOST.unpack_from(whole)[-1]
        finally:
            self._tail[0] = position

    def _bytes(self, position: int, size: int) -> bytes:
        at = position % self._size
        first = bytes(self._data[at : at + size])
        return first if len(first) == size else first + bytes(self._data[: size - len(first)])

    def release(self) -> None:
        """Let go of the views, so that what is under them can be unmapped."""
        for view in (self._head, self._tail, self._data):
            view.release()


def _sample(whole: bytes, at: int) -> Sample:
    if len(whole) < _SAMPLE.size:
        raise FormatError("perf buffer", at, f"a sample of at least {_SAMPLE.size} bytes, not {len(whole)}")
    *_, time, size = _SAMPLE.unpack_from(whole)
    if size > len(whole) - _SAMPLE.size:
        raise FormatError("perf buffer", at, f"{size} bytes in a record of {len(whole)}")
    return Sample(time, whole[_SAMPLE.size : _SAMPLE.size + size])
