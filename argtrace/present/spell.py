"""Values as text, in the words of perf trace's layout and of strace's.

    perf    {st_mode: S_IFREG|0644, st_size: 12}    11646 (sh)
    strace  {st_mode=S_IFREG|0644, st_size=12}      11646<sh>

A string is quoted as C would have it, in plain ASCII: whatever a traced program
passes, no control character and no escape sequence reaches the terminal. The only
newlines are those of `pretty`.

Not here: which members of a structure are shown is `abbrev.py`; a line is `text.py`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from enum import Enum

from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Device,
    Fd,
    File,
    Flags,
    Int,
    Ip,
    List,
    Missing,
    Named,
    Pid,
    Result,
    Struct,
    Text,
    Unused,
    Value,
    Why,
)
from argtrace.decode.tables.signals import SIGNALS
from argtrace.present import abbrev
from argtrace.present.escape import ASCII, IN_BRACKETS, Hex, plain, quote
from argtrace.value import frozen


class Style(Enum):
    PERF = "perf"
    STRACE = "strace"


class Constants(Enum):
    """Of what has a name: the number, the name, or both."""

    RAW = "raw"
    ABBREV = "abbrev"
    VERBOSE = "verbose"


@frozen
class Spelling:
    """`pretty`: a member a line. `verbose`: structures and arrays in full.

    `buffer_limit`: bytes of a buffer to show, where more were fetched for another purpose.
    """

    style: Style = Style.PERF
    constants: Constants = Constants.ABBREV
    hex: Hex = Hex.NONE
    pretty: bool = False
    verbose: bool = False
    buffer_limit: int | None = None


PERF = Spelling()
STRACE = Spelling(Style.STRACE)


def value(value: Value, how: Spelling) -> str:
    return _SPELL[type(value)](value, how)


def argument(call: str, name: str, value: Value, how: Spelling) -> str:
    """As `value`, but in short what is long in this call: execve's environment."""
    if isinstance(value, List) and not how.verbose and (call, name) in abbrev.COUNTED:
        return _counted(value, abbrev.COUNTED[call, name])
    return _SPELL[type(value)](value, how)


def structure(members: Iterable[tuple[str, Value]], how: Spelling) -> str:
    """Members in braces."""
    return _enclose("{", [_member(*member, how) for member in members if _shown(member)], "}", how)


def result(result: Result, how: Spelling, call: str = "") -> str:
    """What stands after the equals sign."""
    if result.raw is None:
        return "?"
    if result.error is not None:
        return f"{'?' if result.restarts else -1} {result.error} ({result.text})"
    value = result.value
    assert value is not None
    match value:
        case Flags(names=names) if names and how.constants is not Constants.RAW:
            # strace's word for F_GETFL and F_GETFD; personality's, say, have none.
            text = f"{_word(value)} ({'flags ' if call == 'fcntl' else ''}{_joined(value)})"
        case Flags():
            text = _word(value)
        case Named(value=number, name=name):
            text = str(number) if how.constants is Constants.RAW else f"{number} ({name})"
        case _:
            text = _SPELL[type(value)](value, how)
    return text if result.note is None else f"{text} ({result.note})"


def _hex(number: int) -> str:
    return f"{number:#x}" if number else "0"


def _octal(number: int) -> str:
    """As permissions are written: 000, 002, 022, 0644."""
    return f"0{number:02o}" if number >= 0 else str(number)


def _int(value: Int, _: Spelling) -> str:
    if value.base == 16:
        return _hex(value.value)
    if value.base == 8:
        return _octal(value.value)
    return str(value.value)


def _constant(number: str, name: str, how: Spelling) -> str:
    if how.constants is Constants.ABBREV or number == name:
        return name
    return number if how.constants is Constants.RAW else f"{number} /* {name} */"


_DECIMAL = re.compile("SIG[A-Z]")  # people know signals by their decimal numbers


def _named(value: Named, how: Spelling) -> str:
    if how.constants is Constants.ABBREV:
        return value.name
    decimal = value.value < 0 or _DECIMAL.match(value.name)
    return _constant(str(value.value) if decimal else _hex(value.value), value.name, how)


def _flags(value: Flags, how: Spelling) -> str:
    return _constant(_word(value), _joined(value), how) if value.names else _joined(value)


def _word(flags: Flags) -> str:
    return f"0{flags.value:o}" if flags.base == 8 and flags.value > 0 else _hex(flags.value)


def _joined(flags: Flags) -> str:
    if flags.base == 8:
        return "|".join((*flags.names, _octal(flags.rest)))
    if flags.rest or not flags.names:
        return "|".join((*flags.names, _hex(flags.rest)))
    return "|".join(flags.names)


def _fd(value: Fd, _: Spelling) -> str:
    return str(value.value) if value.file is None else f"{value.value}<{_file(value.file)}>"


@functools.lru_cache(maxsize=4096)
def _file(file: File) -> str:
    path = plain(file.path, IN_BRACKETS)
    if file.detail is None:
        return path
    # Words of ours, but with names in them that a program chose: quotes stay.
    detail = plain(file.detail.encode(errors="surrogateescape"), ASCII)
    # What has no place in a file system is told by its detail alone: TCP:[…] for socket:[8].
    return f"{path}<{detail}>" if file.path.startswith(b"/") else detail


def _pid(value: Pid, how: Spelling) -> str:
    if value.comm is None:
        return str(value.value)
    comm = value.comm.encode(errors="surrogateescape")
    if how.style is Style.PERF:
        return f"{value.value} ({plain(comm)})"
    return f"{value.value}<{plain(comm, IN_BRACKETS)}>"


def _device(value: Device, how: Spelling) -> str:
    return _constant(_hex(value.value), f"makedev({_hex(value.major)}, {_hex(value.minor)})", how)


def _ip(value: Ip, how: Spelling) -> str:
    text = ip_text(value.data)
    if how.style is Style.PERF:
        return text
    return f'inet_addr("{text}")' if len(value.data) == 4 else f'inet_pton(AF_INET6, "{text}")'


@functools.lru_cache(maxsize=1024)
def ip_text(data: bytes) -> str:
    """192.168.0.1, ::1, ::ffff:192.168.0.1."""
    import socket  # noqa: PLC0415 (start-up: seldom needed)

    return socket.inet_ntop(socket.AF_INET if len(data) == 4 else socket.AF_INET6, data)


def _unused(value: Unused, _: Spelling) -> str:
    # Only where its place must be filled.
    return _hex(value.raw)


def _address(value: Address, _: Spelling) -> str:
    return f"0x{value.raw:x}" if value.raw else "NULL"


def _text(value: Text, how: Spelling) -> str:
    text = quote(value.data, how.hex) + _rest(value.end, cut=value.cut)
    return text if value.absolute is None else f"{text}<{plain(value.absolute, IN_BRACKETS)}>"


def _bytes(value: Bytes, how: Spelling) -> str:
    data = value.data[: how.buffer_limit]
    return quote(data, how.hex) + _rest(value.end, cut=len(data) < value.length)


def _rest(end: Missing | None, *, cut: bool) -> str:
    """What stands behind bytes that are not all."""
    if end is not None:
        return f"<{end.why.value}: {end.reason}>"
    return "..." if cut else ""


_MOST_SIGNALS = 64 * 2 // 3


def _list(value: List, how: Spelling) -> str:
    if value.items and all(map(_is_signal, value.items)):
        return _signals(value, how)
    items = value.items
    # Strings are not cut: they are a program's arguments.
    if not how.verbose and len(items) > abbrev.LIMIT and not isinstance(items[0], Text):
        items = items[: abbrev.LIMIT]
    parts = [_SPELL[type(item)](item, how) for item in items]
    if len(items) < len(value.items):
        parts.append("...")
    elif value.end is not None:
        parts.append(_ending(value.end, how))
    elif value.length is not None and value.length > len(items):
        parts.append("...")
    one_line = all(type(item) in _NUMBERS for item in items)
    return f"[{', '.join(parts)}]" if one_line else _enclose("[", parts, "]", how)


def _counted(value: List, noun: tuple[str, str]) -> str:
    """A list as its address and length, as strace shows an environment."""
    more = "" if value.end is None or value.length is not None else "+"
    count = f"{len(value.items) if value.length is None else value.length}{more}"
    return f"0x{value.raw:x} /* {count} {noun[0] if count == '1' else noun[1]} */"


def _is_signal(value: Value) -> bool:
    return isinstance(value, Named) and value.value in SIGNALS and SIGNALS[value.value] == value.name


def _signals(value: List, how: Spelling) -> str:
    """A set of signals, by those that are missing if they are fewer: ~[KILL STOP] in strace."""
    signals = list(value.items)
    inverse = len(signals) > _MOST_SIGNALS
    if inverse:
        there = {item.name for item in signals if isinstance(item, Named)}
        signals = [Named(number, number, name) for number, name in SIGNALS.items() if name not in there]
    parts = [_SPELL[type(signal)](signal, how) for signal in signals]
    if how.style is Style.STRACE and how.constants is Constants.ABBREV:
        text = " ".join(part[3:] for part in parts)
    else:
        text = ", ".join(parts)
    if value.end is not None:
        text += f", {_ending(value.end, how)}"
    return f"{'~' if inverse else ''}[{text}]"


def _struct(value: Struct, how: Spelling) -> str:
    members, more = (value.members, False) if how.verbose else abbrev.members(value)
    parts = []
    for member in members:
        name, content = member
        noun = None if how.verbose else abbrev.COUNTED.get((value.name, name))
        if noun is not None and isinstance(content, List):
            parts.append(assigned(name, _counted(content, noun), how))
        elif _shown(member):
            parts.append(_member(name, content, how))
    if more:
        parts.append("...")
    elif value.end is not None:
        parts.append(_ending(value.end, how))
    return _enclose("{", parts, "}", how)


def _shown(member: tuple[str, Value]) -> bool:
    return type(member[1]) is not Unused


# strace says which members are in network order; their values here are not.
NETWORK = {"sin_port": "htons", "sin6_port": "htons", "sin6_flowinfo": "htonl", "sll_protocol": "htons"}


def _member(name: str, value: Value, how: Spelling) -> str:
    match value:
        case Changed(before=before, after=after):
            text = f"{_SPELL[type(before)](before, how)} => {_SPELL[type(after)](after, how)}"
            return assigned(name, text, how)
        case Ip(data=data) if how.style is Style.STRACE and len(data) == 16:
            return f'inet_pton(AF_INET6, "{ip_text(data)}", &{name})'
        case Int() | Named() if how.style is Style.STRACE and name in NETWORK:
            return assigned(name, f"{NETWORK[name]}({_SPELL[type(value)](value, how)})", how)
        case _:
            return assigned(name, _SPELL[type(value)](value, how), how)


def assigned(name: str, text: str, how: Spelling) -> str:
    return f"{name}: {text}" if how.style is Style.PERF else f"{name}={text}"


def _changed(value: Changed, how: Spelling) -> str:
    before, after = value.before, value.after
    # Brackets stand for the pointer; what is in brackets or braces needs no others.
    match before, after:
        case List(items=(one,), end=None), List(items=(other,), end=None):
            return f"[{_SPELL[type(one)](one, how)} => {_SPELL[type(other)](other, how)}]"
        case _:
            text = f"{_SPELL[type(before)](before, how)} => {_SPELL[type(after)](after, how)}"
            return f"[{text}]" if {type(before), type(after)} & _NUMBERS else text


def _missing(value: Missing, _: Spelling) -> str:
    address = f"0x{value.raw:x} " if value.raw else ""
    return f"{address}<{value.why.value}: {value.reason}>"


def _ending(end: Missing, how: Spelling) -> str:
    return "..." if end.why is Why.CUT else _missing(end, how)


def _enclose(opening: str, parts: list[str], closing: str, how: Spelling) -> str:
    if not how.pretty or not parts:
        return f"{opening}{', '.join(parts)}{closing}"
    body = ",\n".join(parts).replace("\n", "\n    ")
    return f"{opening}\n    {body}\n{closing}"


_NUMBERS = frozenset({Int, Named, Flags, Fd, Pid, Device, Ip, Unused})

_SPELL: dict[type[Value], Callable[..., str]] = {
    Int: _int,
    Named: _named,
    Flags: _flags,
    Fd: _fd,
    Pid: _pid,
    Device: _device,
    Ip: _ip,
    Unused: _unused,
    Address: _address,
    Text: _text,
    Bytes: _bytes,
    List: _list,
    Struct: _struct,
    Changed: _changed,
    Missing: _missing,
}
