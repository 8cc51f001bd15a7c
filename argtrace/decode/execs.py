"""Program starts: from the events of a trace to what was run, by whom, and how it ended.

    for event in events:
        for found in execs.feed(event):
            match found:
                case Start(): …     an exec returned, with success or without
                case End(): …       a program that was started has ended

A program runs from its exec's return until the last thread of its process has ended, or until the
process runs another program in its place.

Pure: events in, values out.
"""

from __future__ import annotations

import fnmatch
import os.path
from collections.abc import Iterator, Mapping

from argtrace.decode.events import Call, Event, Exit
from argtrace.decode.model import Address, Fd, List, Missing, Named, Text, Value
from argtrace.decode.process import Ending
from argtrace.decode.settings import Setting
from argtrace.decode.unseen import Gone, Unseen
from argtrace.value import frozen

CALLS = ("execve", "execveat")


@frozen
class Word:
    """An argument or an entry of the environment. `lack`: why it, or the rest of it, is not here."""

    data: bytes
    lack: str | None = None


@frozen
class Gap:
    """What is missing of a list, behind what is there. `strings`, `bytes`: how much, where that is known;
    where neither is, there is at least one string more."""

    reason: str
    strings: int | None = None
    bytes: int | None = None


@frozen
class Words:
    words: tuple[Word, ...] = ()
    gap: Gap | None = None

    @property
    def complete(self) -> bool:
        return self.gap is None and all(word.lack is None for word in self.words)


@frozen
class Start:
    """A program start. `id` counts them. Times are ns of CLOCK_MONOTONIC: when the exec was called, and when
    it returned; `called` is None where the entry was not seen, `returned` where it never did.

    `error`: the name of the errno that it failed with. `dirfd`: execveat's, if it is no AT_FDCWD.
    """

    id: int
    call: str
    pid: int
    tid: int
    comm: str
    called: int | None
    returned: int | None
    result: int | None
    error: str | None
    filename: Word | None
    dirfd: int | None
    argv: Words
    env: Words
    setting: Setting | None

    @property
    def worked(self) -> bool:
        return self.result == 0

    @property
    def time(self) -> int:
        return self.called or self.returned or 0

    @property
    def other_program(self) -> bytes | None:
        """What runs in place of the file that was named: a script's interpreter, what a link leads to.
        Where no name was seen, whatever runs."""
        exe = None if self.setting is None else self.setting.exe
        if exe is None or self.filename is None:
            return exe
        return exe if os.path.basename(exe) != os.path.basename(self.filename.data) else None

    def environment(self) -> dict[bytes, list[bytes | None]]:
        """Values by name, in order: a name may be there twice. None: an entry without an equals sign."""
        found: dict[bytes, list[bytes | None]] = {}
        for entry in self.env.words:
            name, equals, value = entry.data.partition(b"=")
            found.setdefault(name, []).append(value if equals else None)
        return found


@frozen
class End:
    """A program has ended. `ending` is None if its process runs another one now, `by` (a start's id), or
    if nobody saw how it ended: `lost`."""

    start: Start
    time: int
    ending: Ending | None
    by: int | None = None
    lost: bool = False

    @property
    def ran(self) -> int:
        """ns from the exec's return."""
        return self.time - (self.start.returned or self.start.time)


@frozen
class Wanted:
    """Which starts are shown. `names`: globs of the file's name or path, or of the thread's name after."""

    names: tuple[str, ...] = ()
    failed: bool = True

    def __call__(self, start: Start) -> bool:
        if not self.failed and not start.worked:
            return False
        return not self.names or any(
            fnmatch.fnmatchcase(name, pattern) for pattern in self.names for name in names_of(start)
        )


def names_of(start: Start) -> set[str]:
    """What a program may be called by."""
    paths = [start.filename.data] if start.filename is not None else []
    if start.setting is not None and start.setting.exe is not None:
        paths.append(start.setting.exe)
    found = {os.fsdecode(each) for path in paths for each in (path, os.path.basename(path))}
    # Of one that failed the name is still the caller's.
    return found | {start.comm} if start.worked else found


class Execs:
    """What a trace has shown so far."""

    def __init__(self, wanted: Wanted | None = None) -> None:
        self._wanted = wanted or Wanted()
        self._running: dict[int, tuple[Start, bool]] = {}
        self._unseen = Unseen()
        self._count = 0

    def look(self, gone: Gone, now: int) -> None:
        """To be called now and then: for processes whose end was lost (`unseen.py`)."""
        self._unseen.look(self._running, gone, now)

    def feed(self, event: Event) -> Iterator[Start | End]:
        for pid in self._unseen.forgettable(event.time):
            start, shown = self._running.pop(pid, (None, False))
            if start is not None and shown:
                yield End(start, event.time, None, lost=True)
        match event:
            case Call() if event.name in CALLS:
                yield from self._exec(event)
            case Exit(of_process=Ending() as ending):
                start, shown = self._running.pop(event.process.pid, (None, False))
                if start is not None and shown:
                    yield End(start, event.time, ending)

    def running(self) -> list[Start]:
        """Programs whose end was not seen."""
        return [start for start, shown in self._running.values() if shown]

    def _exec(self, call: Call) -> Iterator[Start | End]:
        self._count += 1
        start = start_of(call, self._count)
        shown = self._wanted(start)
        if shown:
            yield start
        if start.worked:
            former, former_shown = self._running.pop(start.pid, (None, False))
            if former is not None and former_shown:
                yield _replaced(former, start)
            self._running[start.pid] = start, shown
            self._unseen.heard(start.pid)


def _replaced(former: Start, start: Start) -> End:
    """The end of what ran in this process before, or in another one that had its id."""
    began = [None if each.setting is None else each.setting.started for each in (former, start)]
    lost = None not in began and began[0] != began[1]
    return End(former, start.returned or start.time, None, None if lost else start.id, lost=lost)


def start_of(call: Call, id: int) -> Start:
    """An exec call as a program start."""
    # Of a 32-bit call nothing is decoded.
    foreign = call.abi is not None
    args: Mapping[str, Value] = {} if foreign else call.args
    argv, env = (
        Words(gap=Gap("a 32-bit call, which is not decoded")) if foreign else _words(args.get(name))
        for name in ("argv", "envp")
    )
    result = call.result
    return Start(
        id,
        call.name,
        call.process.pid,
        call.process.tid,
        call.process.comm,
        call.start,
        call.end,
        result.raw if not call.unfinished else None,
        result.error,
        _filename(args.get("filename") or args.get("pathname")),
        _dirfd(args),
        argv,
        env,
        call.setting,
    )


def _filename(value: Value | None) -> Word | None:
    match value:
        case Text():
            return Word(value.data, "cut" if value.cut else None)
        case Missing():
            return Word(b"", value.reason)
    return None


def _dirfd(args: Mapping[str, Value]) -> int | None:
    for name in ("fd", "dfd", "dirfd"):
        match args.get(name):
            case Fd(value=value):
                return value
            case Named():  # AT_FDCWD
                return None
    return None


def _words(value: Value | None) -> Words:
    match value:
        case List():
            return Words(tuple(map(_word, value.items)), _gap(value))
        case Missing():
            return Words(gap=Gap(value.reason))
        case Address(raw=0):
            return Words()
    return Words(gap=Gap("not captured"))


def _word(value: Value) -> Word:
    match value:
        case Text():
            reason = value.end.reason if value.end is not None else "cut"
            return Word(value.data, reason if value.cut else None)
        case Missing():
            return Word(b"", value.reason)
    raise AssertionError(value)


def _gap(value: List) -> Gap | None:
    if value.end is None:
        return None
    strings = None if value.length is None else value.length - len(value.items)
    return Gap(value.end.reason, strings, value.missing)
