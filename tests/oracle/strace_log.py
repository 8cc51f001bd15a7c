"""What does a log of `strace -f -o FILE` say, thread by thread?

Source: strace 6.1, strace(1), and its output. Options that this reader counts on: `-X raw`
(numbers, not names of constants), `-xx` (every byte of a string as \\xNN), `-f` (a tid before
each line), no `-y` and no times.

A call that others interrupt stands in two places, and is put together:

    3029  wait4(3030,  <unfinished ...>
    3030  +++ exited with 0 +++
    3029  <... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 3030

A line that is none of strace's is a ValueError: nothing is dropped in silence.

Not here: what is compared with what is `compare.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """A system call, in the order of returning. `args` are as printed; `result` is None for `?`.

    `error` is a name, ENOENT, also for the codes that restart a call: `= ? ERESTARTSYS`.
    """

    tid: int
    name: str
    args: tuple[str, ...]
    result: int | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal was delivered. `info` has siginfo's members as printed."""

    tid: int
    name: str
    info: dict[str, str]


@dataclass(frozen=True, slots=True)
class Exit:
    """A thread ended: with a status, or by a signal."""

    tid: int
    status: int | None
    signal: str | None = None


Item = Call | Signal | Exit


@dataclass(frozen=True, slots=True)
class Cut:
    """A string that goes on: strace shows at most PATH_MAX bytes of a path."""

    data: bytes


Value = int | bytes | Cut | list["Value | None"]

_LINE = re.compile(r"(\d+) +(.*)")
_ENTRY = re.compile(r"(\w+)\((.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_SIGNAL = re.compile(r"--- (\w+) \{(.*)\} ---")
_EXITED = re.compile(r"\+\+\+ exited with (\d+) \+\+\+")
_KILLED = re.compile(r"\+\+\+ killed by (\w+)(?: \(core dumped\))? \+\+\+")
_SUPERSEDED = re.compile(r"\+\+\+ superseded by execve in pid (\d+) \+\+\+")
_STOPPED = re.compile(r"--- stopped by \w+ ---")
_RESULT = re.compile(r" *= (?:(\?)|(-?\w+))(?: (E[A-Z0-9_]+|\(errno \d+\)))?(?: .*)?")

_UNFINISHED = "<unfinished ...>"

# Where arguments are parted: strings and comments are passed over whole.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|<\.\.\. [^<>]* \.\.\.>|[\[({]|[\])}]|,|[^"/\[\](){},<]+|[</]'
)

_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_NUMBER = re.compile(r"-?(?:0x[0-9a-f]+|\d+)")


def read(text: str) -> list[Item]:
    """What the log says, calls where they return. Raises ValueError."""
    return list(_Reader().items(text))


class _Reader:
    def __init__(self) -> None:
        self._pending: dict[int, tuple[str, str]] = {}  # tid: a call's name, its arguments so far

    def items(self, text: str) -> Iterator[Item]:
        for number, line in enumerate(text.splitlines(), 1):
            matched = _LINE.fullmatch(line)
            if matched is None:
                raise ValueError(f"line {number} has no thread: {line!r}")
            try:
                yield from self._line(int(matched[1]), matched[2])
            except ValueError as error:
                raise ValueError(f"line {number}: {error}: {line[:200]!r}") from error
        if self._pending:
            raise ValueError(f"calls without an end: {self._pending}")

    def _line(self, tid: int, rest: str) -> Iterator[Item]:
        if resumed := _RESUMED.fullmatch(rest):
            name, so_far = self._pending.pop(tid)
            if name != resumed[1]:
                raise ValueError(f"{name} was resumed as {resumed[1]}")
            yield self._call(tid, name, so_far + resumed[2])
        elif signal := _SIGNAL.fullmatch(rest):
            members = (member.partition("=") for member in _split(signal[2] + ")")[0])
            yield Signal(tid, signal[1], {name: value for name, _, value in members})
        elif exited := _EXITED.fullmatch(rest):
            yield Exit(tid, int(exited[1]))
        elif killed := _KILLED.fullmatch(rest):
            yield Exit(tid, None, killed[1])
        elif superseded := _SUPERSEDED.fullmatch(rest):
            # The thread that called exec goes on under the process's id.
            self._pending[tid] = self._pending.pop(int(superseded[1]))
        elif _STOPPED.fullmatch(rest):
            pass
        elif entry := _ENTRY.fullmatch(rest):
            if rest.endswith(_UNFINISHED):
                self._pending[tid] = entry[1], entry[2].removesuffix(_UNFINISHED)
            else:
                yield self._call(tid, entry[1], entry[2])
        else:
            raise ValueError("not understood")

    def _call(self, tid: int, name: str, text: str) -> Call:
        # A thread that dies in a call: `<... recvfrom resumed> <unfinished ...>) = ?`
        args, rest = _split(text.replace(f" {_UNFINISHED})", ")"))
        result = _RESULT.fullmatch(rest)
        if result is None:
            raise ValueError(f"no result in {rest!r}")
        value = None if result[1] else _number(result[2])
        return Call(tid, name, args, value, result[3])


def value(text: str) -> Value | None:
    """An argument as printed, if it is a number, a string, or an array of these; else None."""
    if text == "NULL":
        return 0
    if _NUMBER.fullmatch(text):
        return _number(text)
    if string := _STRING.fullmatch(text):
        data = bytes.fromhex(string[1].replace("\\x", ""))
        return Cut(data) if string[2] else data
    if text.startswith("[") and text.endswith("]"):
        return [value(item) for item in _split(text[1:-1] + ")")[0]]
    return None


def read_counts(text: str) -> dict[str, int]:
    """Calls by name, from the table of `strace -c -U name,calls`."""
    rows = (line.split() for line in text.splitlines())
    counts = {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdecimal()}
    total = counts.pop("total", None)
    if total != sum(counts.values()):
        raise ValueError(f"the calls are not {total}: {counts}")
    return counts


def _split(text: str) -> tuple[tuple[str, ...], str]:
    """Arguments up to the parenthesis that closes them, and what follows it."""
    args = [""]
    depth = 0
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in "[({":
            depth += 1
        elif word in "])}":
            if depth == 0:
                words = tuple(arg.strip() for arg in args)
                return (() if words == ("",) else words), text[token.end() :]
            depth -= 1
        elif word == "," and depth == 0:
            args.append("")
            continue
        args[-1] += word
    raise ValueError("the arguments have no end")


def _number(text: str) -> int:
    # Modes are octal with a zero before them.
    digits = text.lstrip("-")
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") else 10
    return int(text, base)
