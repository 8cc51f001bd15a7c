"""Events as lines: perf trace's layout, and strace's.

perf     0.823 ( 0.173 ms): cat/11583 openat(dfd: AT_FDCWD, filename: "/etc/hostname", …) = 3
strace   openat(AT_FDCWD, "/etc/hostname", …) = 3 <0.000173>

The values are the same objects in both (`spell.py`). Unlike perf, zeros are shown
and constants keep their whole names. An event is several lines if its values are
(`Spelling.pretty`), or if the bytes it moved were asked for (`hexdump.py`).
"""

from __future__ import annotations

import functools
import time as clock
from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Protocol

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import Result, Unused
from argtrace.present import hexdump, spell
from argtrace.present.escape import ASCII, plain
from argtrace.present.output import Output
from argtrace.present.spell import Spelling
from argtrace.value import fresh, frozen, replace

if TYPE_CHECKING:
    from argtrace.decode.origin import Cgroup, Origin

_RED, _YELLOW, PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"
SLOW = ((1_000_000, _RED), (10_000, _YELLOW))
"""Colors of durations: from so many ns on."""


@frozen
class Options:
    """How lines look. `origin`: ns of CLOCK_MONOTONIC that relative times count from, or
    None for the first event's; `realtime`: what to add to get a time since the epoch.
    Of `spelling`, the style is that of the lines."""

    origin: int | None = None
    realtime: int = 0
    absolute: bool = False
    spelling: Spelling = fresh(factory=Spelling)
    quiet: bool = False
    color: bool = False
    to_file: bool = False


class Style(Protocol):
    """`column`: where the equals sign is. `alone`: there was only one thread so far, and `who` says so."""

    options: Options
    how: Spelling
    column: int

    @property
    def alone(self) -> bool: ...

    def line(self, event: Event) -> str | None:
        """The event as a line without its newline, or None if this style has none for it."""

    def who(self, process: Process) -> str:
        """What a call's line says of the thread; the same until it has another name or others come."""

    def pieces(self, call: Call) -> tuple[str, str]:
        """The call with its arguments, and its result: what is the same whoever makes it, and when."""

    def result(self, result: Result, call: str) -> str: ...


class TextSink:
    """`dump`: descriptors whose data is shown in hexadecimal below the call."""

    json = False

    def __init__(self, output: Output, style: Style, dump: Container[int] = ()) -> None:
        self.output = output
        self.style = style
        self.dump = dump

    def event(self, event: Event) -> bool:
        written = self.written(event)
        self.output.write(written)
        return bool(written)

    def written(self, event: Event) -> str:
        """The event's lines; nothing if this style has none for it."""
        line = self.style.line(event)
        if line is None:
            return ""
        if not self.dump or not isinstance(event, Call):
            return line + "\n"
        return "".join([line, "\n", *(f"    {dumped}\n" for dumped in hexdump.of_call(event, self.dump))])

    def flush(self) -> None:
        self.output.flush()

    def close(self) -> None:
        self.output.close()


class Perf:
    """Milliseconds since the beginning, duration, thread, named arguments."""

    column = 70  # from the call's beginning
    alone = False

    def __init__(self, options: Options) -> None:
        self.options = options
        self.how = replace(options.spelling, style=spell.Style.PERF)
        self._origin = 0 if options.absolute else options.origin

    def line(self, event: Event) -> str | None:
        match event:
            case Call():
                cpu, where = origin(event.origin)
                head = self._head(event.time, event.duration, cpu)
                return f"{head}{_who(event.process)} {where}{_equals(*self.pieces(event), self.column)}"
            case Signal() | Exit() | Exec():
                note = _note(event, self.options, self.how)
                return note and f"{self._head(event.time, None)}{_who(event.process)} {note}"
            case Lost() | Note():
                return f"{self._head(event.time, None)}{_alarm(event, self.options)}"

    def who(self, process: Process) -> str:
        return _who(process)

    def pieces(self, call: Call) -> tuple[str, str]:
        args = ", ".join(
            [
                f"{name}: {spell.argument(call.name, name, value, self.how)}"
                for name, value in call.args.items()
                if type(value) is not Unused
            ]
        )
        return f"{_name(call)}({args})", _returned(call, self.options, self.how)

    def result(self, result: Result, call: str) -> str:
        return _result(result, call, self.options, self.how)

    def _head(self, time: int, duration: int | None, cpu: str = "") -> str:
        if self._origin is None:
            self._origin = time
        stamp = _decimals(time - self._origin, 3)
        if duration is None:
            return f"{stamp:>10} {cpu}(         ): "
        text = f"{_decimals(duration, 3):>6}"
        if self.options.color:
            color = next((color for least, color in SLOW if duration >= least), None)
            text = text if color is None else f"{color}{text}{PLAIN}"
        return f"{stamp:>10} {cpu}({text} ms): "


class Strace:
    """Positional arguments, the result at column 40, the duration last.

    A call is shown when it returns, in one line: what strace splits into
    `<unfinished ...>` and `<... resumed>` is whole here.
    """

    column = 40  # from the line's beginning

    def __init__(self, options: Options) -> None:
        self.options = options
        self.how = replace(options.spelling, style=spell.Style.STRACE)
        self._tasks: set[int] = set()

    def line(self, event: Event) -> str | None:
        match event:
            case Call():
                duration = "" if event.duration is None else f" <{_decimals(event.duration, 6)}>"
                before, after = self.pieces(event)
                head = self._head(event.process, event.time) + "".join(origin(event.origin))
                return _equals(head + before, after + duration, self.column)
            case Signal() | Exit() | Exec():
                note = _note(event, self.options, self.how)
                head = self._head(event.process, event.time)
                if isinstance(event, Exit):
                    self._tasks.discard(event.process.tid)
                return note and f"{head}{note}"
            case Lost() | Note():
                return _alarm(event, self.options)

    def pieces(self, call: Call) -> tuple[str, str]:
        args = ", ".join(self._args(call))
        return f"{_name(call)}({args})", _returned(call, self.options, self.how)

    def result(self, result: Result, call: str) -> str:
        return _result(result, call, self.options, self.how)

    def _args(self, call: Call) -> Iterator[str]:
        args = list(call.args.items())
        # One is known by its place: only from the end can any be left out.
        while args and type(args[-1][1]) is Unused:
            args.pop()
        for name, value in args:
            yield spell.argument(call.name, name, value, self.how)

    @property
    def alone(self) -> bool:
        return len(self._tasks) < 2 and not self.options.to_file

    def who(self, process: Process) -> str:
        self._tasks.add(process.tid)
        if self.options.to_file:
            return f"{process.tid} "
        return "" if self.alone else f"[pid {process.tid:5}] "

    def _head(self, process: Process, time: int) -> str:
        who = self.who(process)
        if not self.options.absolute:
            return who
        ns = time + self.options.realtime
        return f"{who}{time_of_day(ns // 10**9)}.{ns // 1000 % 10**6:06} "


def origin(of: Origin | None) -> tuple[str, str]:
    """What a line says of where a call came from: its CPU, and the rest."""
    if of is None:
        return "", ""
    rest = [said for said in (of.uid is not None and uid(of.uid), of.cgroup and cgroup(of.cgroup)) if said]
    return "" if of.cpu is None else cpu(of.cpu), f"{' '.join(rest)} " if rest else ""


def cpu(number: int) -> str:
    return f"[{number:03}] "


def uid(number: int) -> str:
    return f"uid:{number}"


def cgroup(of: Cgroup) -> str:
    """The container, or where it is in none the cgroup."""
    if of.container is not None:
        return f"{of.container.runtime}:{_safe(of.container.short)}"
    return f"cgroup:{of.id}, gone" if of.path is None else f"cgroup:{_safe(of.path)}"


def _safe(name: str) -> str:
    return plain(name.encode(errors="surrogateescape"))


def time_of_day(second: int) -> str:
    """Of a second since the epoch, in local time."""
    return clock.strftime("%H:%M:%S", clock.localtime(second))


def _decimals(ns: int, digits: int) -> str:
    """In units of 10**digits us, rounded to us."""
    us = (abs(ns) + 500) // 1000
    sign = "-" if ns < 0 and us else ""
    return f"{sign}{us // 10**digits}.{us % 10**digits:0{digits}}"


def _name(call: Call) -> str:
    return call.name if call.abi is None else f"{call.name}[{call.abi}]"


def _equals(call: str, result: str, column: int) -> str:
    # A call of several lines has no column.
    return f"{call} = {result}" if "\n" in call else f"{call:<{column - 1}} = {result}"


def _returned(call: Call, options: Options, how: Spelling) -> str:
    text = _result(call.result, call.name, options, how)
    if call.unfinished:
        text += " <unfinished ...>"
    if not call.decoded:
        text += " /* arguments not decoded */"
    return text


def _result(result: Result, call: str, options: Options, how: Spelling) -> str:
    text = spell.result(result, how, call)
    return f"{_RED}{text}{PLAIN}" if options.color and result.failed else text


@functools.lru_cache(maxsize=4096)
def _who(process: Process) -> str:
    # As perf has it: without a name, ":812/812".
    name = plain(process.comm.encode(errors="surrogateescape")) or f":{process.tid}"
    return f"{name}/{process.tid}"


def _note(event: Signal | Exit | Exec, options: Options, how: Spelling) -> str | None:
    match event:
        case Signal():
            info = f" {spell.structure(event.info.items(), how)}" if event.info else ""
            return f"--- {event.name}{info} ---"
        case Exit(ending=ending):
            if options.quiet:
                return None
            if ending.signal is None:
                return f"+++ exited with {ending.status} +++"
            return f"+++ killed by {ending.signal}{' (core dumped)' if ending.core else ''} +++"
        case Exec():
            if event.former == event.process.tid:
                return None  # the call itself says all
            return f"+++ superseded by execve in pid {event.former} +++"


def _alarm(event: Lost | Note, options: Options) -> str:
    if isinstance(event, Note):
        # It may quote what others have named: a cgroup, say.
        text = f"-- {plain(event.text.encode(errors='surrogateescape'), ASCII)} --"
    else:
        text = f"-- {event.count} events lost here: the buffer was full, try a larger --buffer --"
    return f"{_RED}{text}{PLAIN}" if options.color else text
