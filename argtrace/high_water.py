"""How full a ring is, how full is too full, and when to look again.

Sources: kernel/bpf/ringbuf.c (positions, one page each; poll), epoll(7) on EPOLLET.

    0        low              high                         size
    |---------|----------------|-----------------------------|
      thaw       as it was       freeze        room for what is written until all are stopped

A freeze is asked for in 0.05 ms, but a busy machine may run us late; so half of a usual
ring is kept free, and seven eighths of a small one, which fills within milliseconds.
"""

from __future__ import annotations

import mmap
import select
import time
from typing import Self

from argtrace.value import frozen

_PAGE = mmap.PAGESIZE
_SMALL = 4 << 20
_FASTEST = 1e9  # bytes a second that writers reach together: they take turns at the ring's lock
_LONGEST = 0.25  # seconds between looks at a ring that nobody writes to; it wakes us, too
_OFTEN = 0.001  # seconds between looks while it is drained
_SHARE = 9  # times as long as awake it sleeps at least, when it looks by the clock
_STUCK = 1000  # looks without a move of the reader's, after which there is no hurry
_STUCK_SLEEP = 0.02


@frozen
class Marks:
    """In bytes that are written and not read."""

    low: int
    high: int
    step: float  # seconds between two looks when it matters
    small: bool  # filled in less time than that

    @classmethod
    def of(cls, size: int) -> Self:
        """Of a ring of `size` bytes."""
        if size < _SMALL:
            return cls(size // 32, size // 8, _OFTEN / 5, small=True)
        return cls(size // 8, size // 2, _OFTEN, small=False)


@frozen
class Nap:
    """Seconds to sleep, and whether the ring may end it."""

    seconds: float
    listening: bool


class Pace:
    """How long to sleep between looks, from what the last ones saw."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._read = self._written = -1
        self._seconds = 0.0
        self._still = 0

    def next(self, read: int, written: int, *, frozen: bool) -> Nap:
        """After a look that saw these positions."""
        if frozen:
            self._still = self._still + 1 if read == self._read else 0
            self._read = read
            return Nap(self._marks.step if self._still < _STUCK else _STUCK_SLEEP, listening=False)
        unread = written - read
        if written == self._written:
            self._seconds = min(self._seconds * 2, _LONGEST)
        else:
            self._seconds = min(max((self._marks.high - unread) / _FASTEST, self._marks.step), _LONGEST)
        self._written = written
        # The ring wakes us from a quarter on, again and again. A small one has to; a large one
        # may do so once, then we look by the clock.
        return Nap(self._seconds, listening=self._marks.small or unread < self._marks.high // 2)


class Gauge:
    """A ring map's positions, mapped; and an epoll that is ready when the ring has woken its readers."""

    def __init__(self, ring: int) -> None:
        self._read = mmap.mmap(ring, _PAGE, mmap.MAP_SHARED, mmap.PROT_READ)
        self._written = mmap.mmap(ring, _PAGE, mmap.MAP_SHARED, mmap.PROT_READ, offset=_PAGE)
        self._positions = memoryview(self._read).cast("Q"), memoryview(self._written).cast("Q")
        # Level-triggered it would be ready as long as there is anything to read.
        self.woken = select.epoll()
        self.woken.register(ring, select.EPOLLIN | select.EPOLLET)
        self._awake_since = time.monotonic()

    def positions(self) -> tuple[int, int]:
        """Bytes read, and bytes written, since there is a ring."""
        read, written = self._positions
        # In this order what is unread can look like more than it is, never like less.
        first = read[0]
        return first, written[0]

    def sleep(self, waiting: select.poll, nap: Nap) -> dict[int, int]:
        """Until the ring or something else in `waiting` is ready; what is ready, except the ring."""
        seconds = nap.seconds
        if not nap.listening:
            # On one slow CPU, a guard with SCHED_FIFO that looks all the time keeps the reader from it.
            awake = time.monotonic() - self._awake_since
            time.sleep(max(seconds, min(awake * _SHARE, _STUCK_SLEEP)))
            seconds = 0
        ready = dict(waiting.poll(seconds * 1000))
        if ready.pop(self.woken.fileno(), 0):
            self.woken.poll(0)  # edge-triggered: until the next time
        self._awake_since = time.monotonic()
        return ready
