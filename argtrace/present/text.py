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
from dataclasses import dataclass, field, replace
from typing import Protocol

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import Unused
from argtrace.present import hexdump, spell
from argtrace.present.escape import plain
from argtrace.present.output import Output
from argtrace.present.spell import Spelling

_RED, _YELLOW, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[0m"
_MILLISECOND = 1_000_000
# Columns of the equals sign: strace counts from the line's beginning, perf from the call's.
_STRACE_ALIGN = 40
_PERF_ALIGN = 70


@dataclass(frozen=True, slots=True)
class Options:
    """How lines look. `origin`: ns of CLOCK_MONOTONIC that relative times count from, or
    None for the first event's; `realtime`: what to add to get a time since the epoch.
    Of `spelling`, the style is that of the lines."""

    origin: int | None = None
    realtime: int = 0
    absolute: bool = False
    spelling: Spelling = field(default_factory=Spelling)
    quiet: bool = False
    color: bool = False
    to_file: bool = False


class Style(Protocol):
    def line(self, event: Event) -> str | None:
        """The event as a line without its newline, or None if this style has none for it."""


class TextSink:
    """`dump`: descriptors whose data is shown in hexadecimal below the call."""

    def __init__(self, output: Output, style: Style, dump: Container[int] = ()) -> None:
        self._output = output
        self._style = style
        self._dump = dump

    def event(self, event: Event) -> bool:
        line = self._style.line(event)
        if line is None:
            return False
        self._output.write(line + "\n")
        if self._dump and isinstance(event, Call):
            for dumped in hexdump.of_call(event, self._dump):
                self._output.write(f"    {dumped}\n")
        return True

    def flush(self) -> None:
        self._output.flush()

    def close(self) -> None:
        self._output.close()


class Perf:
    """Milliseconds since the beginning, duration, thread, named arguments."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._how = replace(options.spelling, style=spell.Style.PERF)
        self._origin = 0 if options.absolute else options.origin

    def line(self, event: Event) -> str | None:
        match event:
            case Call():
                return f"{self._head(event.time, event.duration)}{_who(event.process)} {self._call(event)}"
            case Signal() | Exit() | Exec():
                note = _note(event, self._options, self._how)
                return note and f"{self._head(event.time, None)}{_who(event.process)} {note}"
            case Lost() | Note():
                return f"{self._head(event.time, None)}{_alarm(event, self._options)}"

    def _head(self, time: int, duration: int | None) -> str:
        options = self._options
        if self._origin is None:
            self._origin = time
        stamp = (time - self._origin) / _MILLISECOND
        if duration is None:
            return f"{stamp:10.3f} (         ): "
        text = f"{duration / _MILLISECOND:6.3f}"
        if options.color and duration >= _MILLISECOND / 100:
            text = f"{_RED if duration >= _MILLISECOND else _YELLOW}{text}{_PLAIN}"
        return f"{stamp:10.3f} ({text} ms): "

    def _call(self, call: Call) -> str:
        args = ", ".join(
            [
                f"{name}: {spell.argument(call.name, name, value, self._how)}"
                for name, value in call.args.items()
                if type(value) is not Unused
            ]
        )
        return _equals(f"{_name(call)}({args})", _PERF_ALIGN, _result(call, self._options, self._how))


class Strace:
    """Positional arguments, the result at column 40, the duration last.

    A call is shown when it returns, in one line: what strace splits into
    `<unfinished ...>` and `<... resumed>` is whole here.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._how = replace(options.spelling, style=spell.Style.STRACE)
        self._tasks: set[int] = set()

    def line(self, event: Event) -> str | None:
        match event:
            case Call():
                duration = "" if event.duration is None else f" <{event.duration / 1e9:.6f}>"
                args = ", ".join(self._args(event))
                call = f"{self._head(event.process, event.time)}{_name(event)}({args})"
                return _equals(call, _STRACE_ALIGN, _result(event, self._options, self._how) + duration)
            case Signal() | Exit() | Exec():
                note = _note(event, self._options, self._how)
                head = self._head(event.process, event.time)
                if isinstance(event, Exit):
                    self._tasks.discard(event.process.tid)
                return note and f"{head}{note}"
            case Lost() | Note():
                return _alarm(event, self._options)

    def _args(self, call: Call) -> Iterator[str]:
        args = list(call.args.items())
        # One is known by its place: only from the end can any be left out.
        while args and type(args[-1][1]) is Unused:
            args.pop()
        for name, value in args:
            yield spell.argument(call.name, name, value, self._how)

    def _head(self, process: Process, time: int) -> str:
        self._tasks.add(process.tid)
        stamp = ""
        if self._options.absolute:
            ns = time + self._options.realtime
            stamp = f"{clock.strftime('%H:%M:%S', clock.localtime(ns // 10**9))}.{ns // 1000 % 10**6:06} "
        if self._options.to_file:
            return f"{process.tid} {stamp}"
        return f"[pid {process.tid:5}] {stamp}" if len(self._tasks) > 1 else stamp


def _name(call: Call) -> str:
    return call.name if call.abi is None else f"{call.name}[{call.abi}]"


def _equals(call: str, column: int, result: str) -> str:
    # A call of several lines has no column.
    return f"{call} = {result}" if "\n" in call else f"{call:<{column - 1}} = {result}"


def _result(call: Call, options: Options, how: Spelling) -> str:
    text = spell.result(call.result, how, call.name)
    if options.color and call.result.failed:
        text = f"{_RED}{text}{_PLAIN}"
    if call.unfinished:
        text += " <unfinished ...>"
    if not call.decoded:
        text += " /* arguments not decoded */"
    return text


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
        text = f"-- {event.text} --"
    else:
        text = f"-- {event.count} events lost here: the buffer was full, try a larger --buffer --"
    return f"{_RED}{text}{_PLAIN}" if options.color else text
