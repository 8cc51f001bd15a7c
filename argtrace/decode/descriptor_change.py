"""A call that changes descriptors: its words, and the tables that it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from argtrace.decode import endpoints
from argtrace.decode.events import Call
from argtrace.decode.model import Changed, Fd, Struct, Text, Value
from argtrace.decode.open_files import CWD, Opened, Task
from argtrace.decode.paths import Place

if TYPE_CHECKING:
    from argtrace.decode.descriptors import Descriptors

AT_FDCWD = -100


class Change:
    """A call's words, and the tables that it changes. `seen`: descriptors as it left them."""

    __slots__ = ("_call", "_moment", "_seen", "_words", "end", "start", "task", "tracker")

    def __init__(self, tracker: Descriptors, call: Call, task: Task, seen: Mapping[int, Opened]) -> None:
        self._call = call
        self._seen = seen
        self._words = tuple(value.raw for value in call.args.values())
        self._moment = tracker.at(call.process.tid, call.process.pid, call.start, call.end)
        self.tracker = tracker
        self.task = task
        self.end = call.time if call.end is None else call.end
        self.start = self.end if call.start is None else call.start

    @property
    def tid(self) -> int:
        return self._call.process.tid

    @property
    def of_other_thread(self) -> bool:
        """Whether it was made under an id that is not its process's."""
        return self._call.process.tid != self._call.process.pid

    @property
    def gives_descriptor(self) -> bool:
        """Whether the call's declaration says that its result is a descriptor."""
        return isinstance(self._call.result.value, Fd)

    @property
    def result(self) -> int:
        return self._call.result.raw or 0

    def word(self, index: int) -> int:
        """An argument as an unsigned int; 0 if there are not so many."""
        return self._words[index] & 0xFFFF_FFFF if index < len(self._words) else 0

    def number(self, index: int) -> int:
        """An argument as an int: the kernel looks at the low half of the register."""
        word = self.word(index)
        return word - (1 << 32) if word >> 31 else word

    def value(self, index: int) -> Value | None:
        """An argument as the call left it."""
        values = tuple(self._call.args.values())
        value = values[index] if index < len(values) else None
        return value.after if isinstance(value, Changed) else value

    def string(self, index: int) -> bytes | None:
        """A string, if all of it is known."""
        value = self.value(index)
        return value.data if isinstance(value, Text) and not value.cut else None

    def member(self, index: int, name: str) -> int | None:
        """A number in a structure."""
        value = self.value(index)
        found = dict(value.members).get(name) if isinstance(value, Struct) else None
        return None if found is None else found.raw

    def opened(self, fd: int) -> Opened | None:
        return self._moment.opened(fd)

    def place(self, directory: int | None, path: int) -> Place | None:
        """Which file two arguments name, the descriptor of a directory (None: there is none) and a path."""
        name = self.string(path)
        if name is None:
            return None
        return self._moment.place(None if directory is None else self.number(directory), name)

    def saw(self, fd: int) -> bool:
        """Whether the kernel's side looked at this descriptor."""
        return fd in self._seen

    def saw_namespace(self, fd: int) -> bool:
        """Whether it saw a namespace there: of those it knows the number, not the kind."""
        return fd in self._seen and self._seen[fd].name.startswith(b":")

    def put(self, fd: int, opened: Opened | None, *, close_on_exec: bool | None = False) -> None:
        """The call gave this number."""
        seen = self._seen.get(fd)
        if seen is not None and self.saw_namespace(fd):
            opened = None if opened is None else Opened(opened.name + seen.name, exact=True)
            seen = None
        if seen is not None and opened is not None:
            # The kernel's side sees what it is called, the call which process it is of.
            seen.pid, seen.detail = opened.pid, opened.detail if opened.pid else seen.detail
        opened = seen or opened
        self.task.files.put(fd, opened, self.start, self.end, close_on_exec=close_on_exec)
        if opened is None or not (opened.exact or opened.place):
            self.tracker.learn(self.tid, self.task.files, fd)

    def duplicate(self, fd: int, of: int, *, close_on_exec: bool = False, forced: bool = False) -> None:
        """One more number for an open file. `forced`: whether or not it was free."""
        opened = self.opened(of)
        known = self.task.files.put(
            fd, opened, self.start, self.end, close_on_exec=close_on_exec, forced=forced
        )
        if not known:
            self.tracker.learn(self.tid, self.task.files, fd)

    def refresh(self, fd: int) -> None:
        """The call changed what a socket is connected to."""
        opened = self.opened(fd)
        seen = self._seen.get(fd)
        if opened is None:
            return
        if seen is None:
            opened.detail = self.tracker.detail(self.tid, fd, opened)
        else:
            opened.name, opened.exact, opened.detail = seen.name, seen.exact, seen.detail
            opened.inode, opened.peer = seen.inode, seen.peer
            if seen.inode and not seen.peer:
                self.tracker.connecting[seen.inode] = opened

    def accept(self) -> None:
        """The other end of a UNIX socket, which had no number before, shows at this one."""
        seen = self._seen.get(self.result)
        other = None if seen is None else self.tracker.connecting.pop(seen.peer, None)
        if seen is not None and other is not None and other.detail is not None:
            other.peer = seen.inode
            other.detail = endpoints.accepted(other.detail, other.inode, seen.inode)

    def enter(self, which: int, place: Place | None) -> None:
        """Another working directory, or another root."""
        opened = None if place is None else Opened(place.path, place.exact)
        if which == CWD:
            opened = self._seen.get(AT_FDCWD, opened)
        if not self.task.fs.put(which, opened, self.start, self.end, forced=True):
            self.tracker.learn_directories(self.tid, self.task.fs)
