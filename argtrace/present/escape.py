"""Bytes as text that is safe to show: C string literals in plain ASCII.

Whatever a traced program passes, no control character and no escape sequence gets through.
"""

from __future__ import annotations

from enum import Enum


class Hex(Enum):
    """What is written in hexadecimal: no string, odd characters, strings that have such, all."""

    NONE = "none"
    CHARS = "non-ascii-chars"
    STRINGS = "non-ascii"
    ALL = "all"


_ESCAPES = {
    ord('"'): '\\"',
    ord("\\"): "\\\\",
    ord("\n"): "\\n",
    ord("\t"): "\\t",
    ord("\r"): "\\r",
    ord("\v"): "\\v",
    ord("\f"): "\\f",
}
ASCII = bytes(range(0x20, 0x7F))
_SPACES = b"\n\t\r\v\f"
_PLAIN = ASCII.translate(None, b'"\\')
IN_BRACKETS = _PLAIN.translate(None, b"<>")
_OCTAL_DIGITS = b"01234567"


def quote(data: bytes, how: Hex = Hex.NONE) -> str:
    """A C string literal. Octal escapes are as short as what follows allows."""
    if how is Hex.ALL or (how is Hex.STRINGS and is_odd(data)):
        return '"' + "".join([f"\\x{byte:02x}" for byte in data]) + '"'
    if not data.translate(None, _PLAIN):
        return f'"{data.decode("ascii")}"'
    return f'"{_escape(data, _PLAIN, in_hex=how is Hex.CHARS)}"'


def is_odd(data: bytes) -> bool:
    """Whether there is a byte that is neither printable nor white space."""
    return bool(data.translate(None, ASCII + _SPACES))


def plain(data: bytes, keep: bytes = _PLAIN) -> str:
    """The same without quotes: names of threads. `keep`: characters to leave as they are."""
    return _escape(data, keep) if data.translate(None, keep) else data.decode("ascii")


def _escape(data: bytes, keep: bytes, *, in_hex: bool = False) -> str:
    parts = []
    for at, byte in enumerate(data):
        if byte in keep:
            parts.append(chr(byte))
        elif byte in _ESCAPES:
            parts.append(_ESCAPES[byte])
        elif in_hex:
            parts.append(f"\\x{byte:02x}")
        else:
            digit_follows = at + 1 < len(data) and data[at + 1] in _OCTAL_DIGITS
            parts.append(f"\\{byte:03o}" if digit_follows else f"\\{byte:o}")
    return "".join(parts)
