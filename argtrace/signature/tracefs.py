"""An event's format text to its fields.

Source: kernel/trace/trace_events.c, f_show(); a line of it:

    <tab>field:const char * filename;<tab>offset:24;<tab>size:8;<tab>signed:0;

A blank line parts the fields all events have from the event's own, and another
these from `print fmt:`; without that the text is not all of it.

Pure: text in, values out. Parsers' law: a value or FormatError.
"""

from __future__ import annotations

import re

from argtrace.errors import FormatError
from argtrace.value import frozen

_FIELD = re.compile(
    r"\tfield:(?P<declaration>[^;]+);\toffset:(?P<offset>[0-9]{1,9});\tsize:(?P<size>[0-9]{1,9});"
    r"\tsigned:(?P<signed>[01]);"
)
_DECLARATION = re.compile(r"\s*(?P<type>[^\s*].*?[\s*])(?P<name>\w+)(?P<array>\[[^\]]*\])?", re.DOTALL)


@frozen
class Field:
    """`type` is C text without the name; offset and size in bytes, in the event's record."""

    type: str
    name: str
    offset: int
    size: int
    signed: bool


@frozen
class Format:
    name: str
    id: int
    fields: tuple[Field, ...]


def parse(text: str) -> Format:
    """Raises FormatError for text that is not an event's format."""
    name = re.match(r"name: (\S+)\n", text)
    id = re.search(r"^ID: ([0-9]{1,9})$", text, re.MULTILINE)
    begin = text.find("\n\n", text.find("format:"))
    if name is None or id is None or begin < 0:
        raise FormatError("event format", 0, "'name:', 'ID:' and 'format:' with a blank line")
    fields = []
    at = begin + 2
    for line in text[at:].split("\n"):
        if not line.startswith("\tfield:"):
            break
        fields.append(_field(line, at))
        at += len(line) + 1
    if not text.startswith("\nprint fmt:", at):
        raise FormatError("event format", at, "a field, or a blank line and 'print fmt:'")
    return Format(name[1], int(id[1]), tuple(fields))


def _field(line: str, at: int) -> Field:
    match = _FIELD.match(line)
    declaration = match and _DECLARATION.fullmatch(match["declaration"])
    if not match or not declaration:
        raise FormatError("event format", at, "'field:TYPE NAME; offset:N; size:N; signed:N;'")
    type = " ".join(declaration["type"].split()) + (declaration["array"] or "")
    return Field(type, declaration["name"], int(match["offset"]), int(match["size"]), match["signed"] == "1")
