"""Words as a shell reads them, in plain ASCII: what is shown can be pasted and run.

    ls -l 'two words' $'a newline\\n' $'\\xc3\\xa9' ''

Source: POSIX.1-2024, Shell Command Language, 2.2 Quoting (dollar-single-quotes among it). Hexadecimal
escapes have two digits, so no digit that follows is taken for one more.

No byte of a traced program gets to the terminal but printable ASCII.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable

# What is left of a word when these are taken out is empty, if it has no others: for words of 128 KiB the
# fastest way to ask.
_BARE = (string.ascii_letters + string.digits + "_@%+=:,./-").encode()
_PRINTABLE = bytes(range(0x20, 0x7F))
_ESCAPES = {0x27: "\\'", 0x5C: "\\\\", 0x0A: "\\n", 0x09: "\\t", 0x0D: "\\r"}
_ASSIGNMENT = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*=")


def word(data: bytes) -> str:
    """One word, quoted if need be."""
    if data and not data.translate(None, _BARE) and not data.startswith(b"="):
        return data.decode("ascii")
    if not data.translate(None, _PRINTABLE):
        return "'" + data.decode("ascii").replace("'", "'\\''") + "'"
    return "$'" + "".join([_character(byte) for byte in data]) + "'"


def words(argv: Iterable[bytes]) -> list[str]:
    """A command: its first word is no assignment, even if it looks like one."""
    found = [word(data) for data in argv]
    if found and _ASSIGNMENT.match(found[0].encode()):
        found[0] = f"'{found[0]}'"
    return found


def is_assignment(entry: bytes) -> bool:
    """Whether a shell takes it for one, before a command."""
    return _ASSIGNMENT.match(entry) is not None


def assignment(entry: bytes) -> str:
    """`NAME=value` of an environment: as an assignment where it can be one, else as a word for env(1)."""
    name, _, value = entry.partition(b"=")
    if is_assignment(entry):
        return f"{name.decode('ascii')}={word(value) if value else ''}"
    return word(entry)


def _character(byte: int) -> str:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}"
