"""Values as text, the same in every line style.

A string is quoted as C would have it, in plain ASCII: whatever a traced program
passes, no control character and no escape sequence reaches the terminal.
"""

from __future__ import annotations

from collections.abc import Callable

from argtrace.decode.model import Address, Fd, Int, List, Missing, Named, Result, Text, Value, Why

_ESCAPES = {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\n"): "\\n",
    ord("\t"): "\\t",
    ord("\r"): "\\r",
    ord("\v"): "\\v",
    ord("\f"): "\\f",
}
_PLAIN = bytes(byte for byte in range(0x20, 0x7F) if byte not in b'"\\')
_OCTAL_DIGITS = b"01234567"


def quote(data: bytes) -> str:
    """A C string literal. Octal escapes are as short as what follows allows."""
    if not data.translate(None, _PLAIN):
        return f'"{data.decode("ascii")}"'
    return f'"{_escape(data)}"'


def plain(data: bytes) -> str:
    """The same without quotes: names of threads."""
    return _escape(data) if data.translate(None, _PLAIN) else data.decode("ascii")


def _escape(data: bytes) -> str:
    parts = []
    for at, byte in enumerate(data):
        if byte in _ESCAPES:
            parts.append(_ESCAPES[byte])
        elif 0x20 <= byte < 0x7F:
            parts.append(chr(byte))
        else:
            digit_follows = at + 1 < len(data) and data[at + 1] in _OCTAL_DIGITS
            parts.append(f"\\{byte:03o}" if digit_follows else f"\\{byte:o}")
    return "".join(parts)


def value(value: Value) -> str:
    return _SPELL[type(value)](value)


def abbreviated(value: Value) -> str:
    """A list as its address and length, as strace shows an environment."""
    if isinstance(value, List):
        count = f"{len(value.items)}{'+' if value.end else ''}"
        return f"0x{value.raw:x} /* {count} var{'' if count == '1' else 's'} */"
    return _SPELL[type(value)](value)


def result(result: Result) -> str:
    """What stands after the equals sign."""
    if result.raw is None:
        return "?"
    if result.error is None:
        assert result.value is not None
        return _SPELL[type(result.value)](result.value)
    return f"{'?' if result.restarts else -1} {result.error} ({result.text})"


def _int(value: Int) -> str:
    if value.base == 16:
        return f"0x{value.value:x}" if value.value else "0"
    if value.base == 8:
        return f"0{value.value:o}" if value.value else "0"
    return str(value.value)


def _address(value: Address) -> str:
    return f"0x{value.raw:x}" if value.raw else "NULL"


def _text(value: Text) -> str:
    return quote(value.data) + ("..." if value.cut else "")


def _list(value: List) -> str:
    items = [_SPELL[type(item)](item) for item in value.items]
    if value.end is not None:
        items.append("..." if value.end.why is Why.CUT else _missing(value.end))
    return f"[{', '.join(items)}]"


def _missing(value: Missing) -> str:
    address = f"0x{value.raw:x} " if value.raw else ""
    return f"{address}<{value.why.value}: {value.reason}>"


_SPELL: dict[type[Value], Callable[..., str]] = {
    Int: _int,
    Named: lambda value: value.name,
    Fd: lambda value: str(value.value),
    Address: _address,
    Text: _text,
    List: _list,
    Missing: _missing,
}
