"""Open files by their numbers, each entry with the time for which it holds.

A call is decoded when it returned, and by then another thread may have closed or
replaced a descriptor that the call began with: so an entry says since when it is
there and until when it was, and a table is asked for the time a call began.

Source: fs/file.c: a number is free as soon as a close begins, whenever that returns.

Pure: /proc is behind `Source`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from weakref import ReferenceType, ref

from argtrace.decode.paths import Place


@dataclass(frozen=True, slots=True)
class Found:
    """A descriptor as /proc names it. `pid`: the process that a pidfd refers to."""

    name: bytes
    detail: str | None = None
    close_on_exec: bool | None = None
    pid: int | None = None


class Source(Protocol):
    """What /proc says of a thread; None, or nothing, of one that is gone."""

    def now(self) -> int:
        """ns of the clock that calls are timed by."""

    def descriptors(self, tid: int) -> Mapping[int, Found]:
        """All of them."""

    def descriptor(self, tid: int, fd: int) -> Found | None: ...

    def directories(self, tid: int) -> tuple[bytes, bytes] | None:
        """The working directory, and the root."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Opened:
    """An open file: one for all descriptors that came from each other by dup, fork or a message.

    `exact`: the name is the kernel's own, not that of the call. `pid`: the process that a
    pidfd refers to; `inode`, `peer`: of a UNIX socket, and of the one it is connected to.
    """

    name: bytes
    exact: bool = False
    detail: str | None = None
    pid: int | None = None
    inode: int = 0
    peer: int = 0

    @property
    def place(self) -> Place | None:
        """It as a directory that a path can start from."""
        if not self.name.startswith(b"/") or self.name.endswith(b" (deleted)"):
            return None
        return Place(self.name, self.exact)


GRACE = 1_000_000_000
"""ns by which a call that has begun may be late in looking its descriptor up: the task was preempted, or
its machine; a tracee has to be woken up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A number's file, for calls that begin at `since` or later, and before `until`.

    `opened` None: it is open on something nobody knows. `installed`: when the call
    that gave the number returned. `forced`: it was given whether it was free or not.
    `owed`: it was free, and the close that freed it is still to be told of.
    `gone`: when the call that closed it returned. `close_on_exec` None: not known.
    """

    opened: Opened | None
    since: int
    installed: int = 0
    until: int | None = None
    close_on_exec: bool | None = None
    before: Entry | None = None
    forced: bool = False
    gone: int = 0
    owed: bool = False

    def ended(self, start: int, end: int) -> Entry:
        """The entry as one that a call from `start` to `end` has ended. Of those before it none is kept."""
        until = start - GRACE if self.until is None else min(self.until, start - GRACE)
        gone = max(self.gone, end)
        return Entry(self.opened, self.since, self.installed, until, None, None, self.forced, gone)


class Table:
    """Numbers to files; also for the two directories of a process, which change alike.

    `opaque`: it changes without calls, by the kernel's thread of an io_uring.
    """

    __slots__ = ("__weakref__", "_changing", "_copies", "_swept", "entries", "opaque")

    def __init__(self, entries: dict[int, Entry] | None = None) -> None:
        self.entries = {} if entries is None else entries
        self.opaque = False
        self._changing: dict[int, tuple[range, int]] = {}
        # Many numbers at once that may have been closed, known or not, and when that was told.
        self._swept: deque[tuple[range, int]] = deque(maxlen=8)
        # The last that were made of it, and when: a change that was under way may be in them or not.
        self._copies: deque[tuple[int, ReferenceType[Table]]] = deque(maxlen=8)

    def at(self, fd: int, time: int) -> Opened | None:
        """What a call that began at this time found there."""
        entry = None if self.opaque or self._doubtful(fd, time) else self.entries.get(fd)
        while entry is not None:
            if entry.since <= time:
                return entry.opened if entry.until is None or time < entry.until else None
            entry = entry.before
        return None

    def knows(self, fd: int) -> bool:
        """Whether there is nothing more to learn: it is open, or was asked for in vain."""
        entry = self.entries.get(fd)
        return self.opaque or self._doubtful(fd) or (entry is not None and entry.until is None)

    def begin(self, tid: int, fds: range, start: int) -> None:
        """A thread is about to take these numbers from whoever has them: until it is known what came of
        it nobody knows what they are."""
        self._changing[tid] = fds, start

    def settle(self, tid: int) -> None:
        """It has returned, or ended."""
        self._changing.pop(tid, None)

    def _doubtful(self, fd: int, time: int | None = None) -> bool:
        """Whether somebody may have taken this number from a call that began at `time`."""
        return any(
            fd in fds and (time is None or time >= start - GRACE) for fds, start in self._changing.values()
        )

    def put(
        self,
        fd: int,
        opened: Opened | None,
        start: int,
        end: int,
        *,
        close_on_exec: bool | None = None,
        forced: bool = False,
    ) -> bool:
        """A call gave this number: what begins when it has returned will find it. Whether it is known.

        A number that was free was so because any close before had begun; but of two calls
        at the same time, of which one did not ask whether it was free, nobody knows the order.
        """
        before = self.entries.get(fd)
        owed = before is not None and before.opened is not None and before.until is None and not forced
        if before is not None:
            if (forced or before.forced) and max(before.installed, before.gone) > start:
                opened = None
            before = before.ended(start, 0)
        if forced and any(fd in fds and time > start for fds, time in self._swept):
            opened = None
        self.entries[fd] = Entry(opened, end, end, None, close_on_exec, before, forced, 0, owed)
        if forced:
            self._doubt_copies(fd, start, end)
        return opened is not None

    def learn(self, fd: int, opened: Opened | None, time: int, *, close_on_exec: bool | None = None) -> None:
        """What /proc said at this time. Every later change is a call that is still to come."""
        before = self.entries.get(fd)
        installed, gone, forced, owed = 0, 0, False, False
        if before is not None:
            if opened is None and before.opened is not None and before.until is None:
                return  # closed by now; until when it was there, that close will tell
            before, gone = replace(before, before=None), before.gone
            if before.until is None:
                installed, forced, owed = before.installed, before.forced, before.owed
                close_on_exec = before.close_on_exec if close_on_exec is None else close_on_exec
        self.entries[fd] = Entry(opened, time, installed, None, close_on_exec, before, forced, gone, owed)

    def remove(self, fd: int, start: int, end: int) -> None:
        """Closed by a call."""
        # Of one that nobody knew it is kept when it was closed.
        entry = self.entries.get(fd) or Entry(None, 0)
        if start < entry.installed and entry.owed:
            # It closed what was there before.
            before = None if entry.before is None else entry.before.ended(start, end)
            self.entries[fd] = replace(entry, before=before, owed=False)
        else:
            self.entries[fd] = entry.ended(start, end)
        self._doubt_copies(fd, start, end)

    def sweep(self, fds: range, start: int, end: int) -> None:
        """All of these are closed by a call."""
        for fd in [fd for fd in self.entries if fd in fds]:
            self.remove(fd, start, end)
        self._swept.append((fds, end))

    def forget(self, fds: Iterable[int], time: int) -> None:
        """A call may have closed these, and opened any."""
        for fd in fds:
            del self.entries[fd]
        self._swept.append((range(1 << 32), time))

    def mark(self, fd: int, *, close_on_exec: bool) -> None:
        entry = self.entries.get(fd)
        if entry is not None:
            self.entries[fd] = replace(entry, close_on_exec=close_on_exec)

    def close_on_exec(self, time: int) -> None:
        """An exec: only what is sure to stay open is."""
        self.opaque = False
        for fd, entry in self.entries.items():
            if entry.close_on_exec is not False and entry.until is None:
                # Nobody else is there, and the exec itself found it.
                self.entries[fd] = replace(entry, until=time, gone=time, before=None)

    def copy(self, began: int, time: int) -> Table:
        """As it was at some time between the two: what did not change meanwhile."""
        copied = Table(
            {
                fd: replace(entry, before=None)
                for fd, entry in self.entries.items()
                if entry.since <= began
                and entry.until is None
                and entry.opened is not None
                and not self._doubtful(fd)
            }
        )
        copied.opaque = self.opaque
        self._copies.append((time, ref(copied)))
        return copied

    def _doubt_copies(self, fd: int, start: int, end: int) -> None:
        for time, reference in self._copies:
            copied = reference() if start < time < end else None
            entry = None if copied is None else copied.entries.get(fd)
            if copied is not None and entry is not None and entry.installed < time:
                copied.entries[fd] = entry.ended(0, end)


CWD, ROOT = 0, 1
"""The numbers of the two directories in a task's `fs`."""


@dataclass(slots=True)
class Task:
    """A thread: which process it is in, and the tables it shares with others or not."""

    tgid: int
    files: Table
    fs: Table
