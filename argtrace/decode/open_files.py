"""Open files by their numbers, each entry with the time for which it holds.

A call is decoded when it returned, and by then another thread may have closed or
replaced a descriptor that the call began with: so an entry says since when it is
there and until when it was, and a table is asked for the time a call began.

Source: fs/file.c: a number is free as soon as a close begins, whenever that returns.

Pure: /proc is behind `Source`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

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


@dataclass(slots=True, eq=False)
class Opened:
    """An open file: one for all descriptors that came from each other by dup, fork or a message.

    `exact`: the name is the kernel's own, not that of the call.
    """

    name: bytes
    exact: bool = False
    detail: str | None = None
    pid: int | None = None

    @property
    def place(self) -> Place | None:
        """It as a directory that a path can start from."""
        if not self.name.startswith(b"/") or self.name.endswith(b" (deleted)"):
            return None
        return Place(self.name, self.exact)


@dataclass(frozen=True, slots=True)
class Entry:
    """A number's file, for calls that begin at `since` or later, and before `until`.

    `opened` None: it is open on something nobody knows. `installed`: when the call
    that gave the number returned. `close_on_exec` None: not known.
    """

    opened: Opened | None
    since: int
    installed: int = 0
    until: int | None = None
    close_on_exec: bool | None = None
    before: Entry | None = None

    def ended(self, time: int) -> Entry:
        """The entry as one that was there until then. Of those before it none is kept."""
        until = time if self.until is None else min(self.until, time)
        return replace(self, until=until, before=None)


class Table:
    """Numbers to files; also for the two directories of a process, which change alike.

    `opaque`: it changes without calls, by the kernel's thread of an io_uring.
    """

    __slots__ = ("entries", "opaque")

    def __init__(self, entries: dict[int, Entry] | None = None) -> None:
        self.entries = {} if entries is None else entries
        self.opaque = False

    def at(self, fd: int, time: int) -> Opened | None:
        """What a call that began at this time found there."""
        entry = None if self.opaque else self.entries.get(fd)
        while entry is not None:
            if entry.since <= time:
                return entry.opened if entry.until is None or time < entry.until else None
            entry = entry.before
        return None

    def knows(self, fd: int) -> bool:
        """Whether there is nothing more to learn: it is open, or was asked for in vain."""
        entry = self.entries.get(fd)
        return self.opaque or (entry is not None and entry.until is None)

    def put(
        self, fd: int, opened: Opened | None, start: int, end: int, *, close_on_exec: bool | None = None
    ) -> None:
        """A call gave this number: what begins when it has returned will find it."""
        before = self.entries.get(fd)
        if before is not None:
            before = before.ended(start)
        self.entries[fd] = Entry(opened, end, end, None, close_on_exec, before)

    def learn(self, fd: int, opened: Opened | None, time: int, *, close_on_exec: bool | None = None) -> None:
        """What /proc said at this time. Every later change is a call that is still to come."""
        before = self.entries.get(fd)
        installed = 0
        if before is not None:
            if opened is None and before.until is None:
                return  # closed by now; until when it was there, that close will tell
            before = replace(before, before=None)
            if before.until is None:
                installed = before.installed
                close_on_exec = before.close_on_exec if close_on_exec is None else close_on_exec
        self.entries[fd] = Entry(opened, time, installed, None, close_on_exec, before)

    def remove(self, fd: int, start: int) -> None:
        """Closed, by a call that began then."""
        entry = self.entries.get(fd)
        if entry is None:
            return
        if start >= entry.installed:
            self.entries[fd] = entry.ended(start)
        elif entry.before is not None:
            # When that close began, the number was still the one's before.
            self.entries[fd] = replace(entry, before=entry.before.ended(start))

    def mark(self, fd: int, *, close_on_exec: bool) -> None:
        entry = self.entries.get(fd)
        if entry is not None:
            self.entries[fd] = replace(entry, close_on_exec=close_on_exec)

    def close_on_exec(self, time: int) -> None:
        """An exec: only what is sure to stay open is."""
        self.opaque = False
        for fd, entry in self.entries.items():
            if entry.close_on_exec is not False and entry.until is None:
                self.entries[fd] = entry.ended(time)

    def copy(self, time: int) -> Table:
        """As it was then: what is known only for later may have come later."""
        copied = Table(
            {
                fd: replace(entry, before=None)
                for fd, entry in self.entries.items()
                if entry.since <= time and entry.until is None and entry.opened is not None
            }
        )
        copied.opaque = self.opaque
        return copied


CWD, ROOT = 0, 1
"""The numbers of the two directories in a task's `fs`."""


@dataclass(slots=True)
class Task:
    """A thread: which process it is in, and the tables it shares with others or not."""

    tgid: int
    files: Table
    fs: Table
