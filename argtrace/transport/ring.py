"""The BPF ring buffer's samples, over any buffer.

Source: kernel/bpf/ringbuf.c (Linux 6.18), Documentation/bpf/ringbuf.rst.

    consumer page     producer page     data
    +------------+    +------------+    +-----------------------------------------+
    | position   |    | position   |    | … | length, flags | page |  sample  | …  |
    | u64, ours  |    | u64        |    |   | u32           | u32  |  8-aligned    |
    +------------+    +------------+    +-----------------------------------------+

Positions only grow; modulo the size of the data they are offsets. A sample whose
busy bit is set is still being written, and nothing after it is read before it.
Pure: no file, no mapping, no waiting; `ringbuf.py` has those.

On x86-64 a load is an acquire and a store a release, so the order "position, then length, then bytes,
then our position" holds as written. arm64 may load earlier what is written later: there a fence
stands between them, which Python has in its locks. To let one go is a release, to take one an
acquire, and arm64 keeps a release before an acquire behind it (Arm Architecture Reference Manual, B2.3,
"Barrier-ordered-before").
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from collections.abc import Callable, Iterator

from argtrace.errors import FormatError
from argtrace.kernel.uapi import BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ

_LENGTH = ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT) & 0xFFFF_FFFF


def fence_of_locks() -> Callable[[], None]:
    """What is loaded and stored before it is called is, before what is after."""
    lock = allocate_lock()
    lock.acquire()
    release, acquire = lock.release, lock.acquire

    def fence() -> None:
        release()
        acquire()

    return fence


FENCE = None if os.uname().machine == "x86_64" else fence_of_locks()
"""What keeps loads and stores in order here, if anything must."""


class Ring:
    """Views of the consumer's position (writable), the producer's, and the data.

    The data is seen once: a sample that goes over the end is put together here.
    """

    def __init__(
        self,
        consumer: memoryview,
        producer: memoryview,
        data: memoryview,
        fence: Callable[[], None] | None = FENCE,
    ) -> None:
        self._fence = fence
        self._consumer = consumer[:8].cast("Q")
        self._producer = producer[:8].cast("Q")
        self._data = data.cast("B")
        self._headers = data.cast("B").cast("I")
        self._size = len(self._data)

    def pending(self) -> int:
        """Bytes written and not yet read."""
        return self._producer[0] - self._consumer[0]

    def samples(self, most: int) -> Iterator[bytes]:
        """Up to `most` samples, as copies of ours. The room of all of them is given back at the end.

        Raises FormatError if a length does not fit: somebody else writes here. What came before it is
        given first: the next call raises.
        """
        begin_at = position = self._consumer[0]
        end = self._producer[0]
        size, data, headers, fence = self._size, self._data, self._headers, self._fence
        if fence is not None:
            fence()
        try:
            for _ in range(most):
                if position >= end:
                    return
                at = position % size
                header = headers[at // 4]
                if header & BPF_RINGBUF_BUSY_BIT:
                    return
                if fence is not None:
                    fence()
                length = header & _LENGTH
                after = position + BPF_RINGBUF_HDR_SZ + (length + 7 & ~7)
                if after > end or after - position > size:
                    if position != begin_at:
                        return
                    raise FormatError("ring buffer", position, f"at most {end - position} bytes")
                begin = at + BPF_RINGBUF_HDR_SZ
                position = after
                if header & BPF_RINGBUF_DISCARD_BIT:
                    continue
                if begin + length <= size:
                    yield bytes(data[begin : begin + length])
                else:
                    yield bytes(data[begin:size]) + bytes(data[max(begin - size, 0) : begin + length - size])
        finally:
            if fence is not None:
                fence()
            self._consumer[0] = position

    def release(self) -> None:
        """Let go of the views, so that what is under them can be unmapped."""
        for view in (self._consumer, self._producer, self._headers, self._data):
            view.release()
