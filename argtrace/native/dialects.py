"""How calls are written, as data for the native executor: of each sink its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from argtrace.decode.events import Call, Process
from argtrace.decode.origin import Origins
from argtrace.decode.table import Table
from argtrace.native.template import Template
from argtrace.present import Sink
from argtrace.present.text import TextSink


class Dialect(Protocol):
    """Templates (`template.py`), and what is made where they give up.

    `escapes`: texts of each byte of a string, then of each before an octal digit; b"" is Python's.
    """

    escapes: tuple[bytes, ...]

    def head(self, who: Callable[[int], bytes]) -> Template:
        """What is before a call's own part. `who`: by thread and process id in one number."""

    def tail(self) -> Template:
        """What is behind it."""

    def whole(self) -> Template:
        """A call's own part, made of its pieces."""

    def who(self, process: Process) -> tuple[bytes, bool]:
        """What a line says of a thread; and whether all others must be asked for again."""

    def pieces(self, call: Call) -> tuple[bytes, bytes]:
        """The call's own part and its result: what is the same whoever makes it, and when."""

    def selector(self, index: int) -> tuple[int, int] | None:
        """Of the argument that decides what the others are: its offset in the record, and mask."""

    def template(self, index: int, sample: bytes) -> Template | None:
        """A call's own part, as in this record; None where all of it is Python's."""


def dialect(sink: Sink, tables: Mapping[int, Table], origins: Origins | None = None) -> Dialect | None:
    """That of the sink's lines; None where they are not alone, a line a call. `origins`: what each line
    says of where its call came from."""
    if isinstance(sink, TextSink):
        if sink.dump or sink.style.how.pretty:
            return None
        from argtrace.native.text_templates import TextTemplates  # noqa: PLC0415 (start-up, as the other)

        return TextTemplates(tables, sink.style, origins)
    if sink.json:
        from argtrace.native.json_templates import JsonTemplates  # noqa: PLC0415

        return JsonTemplates(tables, origins)
    return None
