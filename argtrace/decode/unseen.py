"""Tasks that have ended, while whoever remembers them has not heard of it.

Where records are lost the end of a task may be among them, and what is remembered of it would stay until
its id is given to another one: on a machine with four million ids, for good. So whoever remembers
tasks asks now and then which of them are gone. Of one that is, the records may still wait to be read;
it is forgotten when one from after the question comes, and none was its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

CROWD = 4096
"""So few are remembered without a question."""

LATE = 1_000_000_000
"""ns by which records of several CPUs may be out of order; they are not by a thousandth of it."""

Gone = Callable[[Collection[int]], Iterable[int]]
"""Which of these tasks are no more (`processes.gone`)."""


class Unseen:
    def __init__(self) -> None:
        self._gone: set[int] = set()
        self._asked = 0
        self._next = CROWD

    def look(self, remembered: Collection[int], gone: Gone, now: int) -> None:
        """Ask, `now` (ns of CLOCK_MONOTONIC), if there are twice as many as the last time, and nobody is
        still to be forgotten."""
        if len(remembered) >= self._next and not self._gone:
            self._gone = set(gone(remembered))
            self._asked = now
            self._next = max(CROWD, 2 * (len(remembered) - len(self._gone)))

    def heard(self, tid: int) -> None:
        """A record of this one, or of another one with its id."""
        self._gone.discard(tid)

    def forgettable(self, time: int) -> Collection[int]:
        """Those to be forgotten when a record of this time comes; each is told once."""
        if not self._gone or time <= self._asked + LATE:
            return ()
        tids, self._gone = self._gone, set()
        return tids
