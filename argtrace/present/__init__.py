"""Stage 6: from values to a line, an object, a file.

`spell` writes values as text; `text` has the two line styles, `jsonl` the
objects, `output` the places they go to; `templates` is the same as data, for the
native executor. A `Sink` is all a trace needs to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from argtrace.decode.events import Call, Event, Process
    from argtrace.decode.table import Table
    from argtrace.present.output import Output
    from argtrace.present.template import Template


class Sink(Protocol):
    """Where events go, as lines of `output`. Each method may raise OutputFailed."""

    output: Output

    def event(self, event: Event) -> bool:
        """Take an event. Whether it is shown: a style may have no line for it."""

    def written(self, event: Event) -> str:
        """Its lines, for who writes them."""

    def dialect(self, tables: Mapping[int, Table]) -> Dialect | None:
        """How calls look, as data for the native executor; None where that cannot be said."""

    def flush(self) -> None:
        """Whoever reads may now see all events so far."""

    def close(self) -> None: ...


class Dialect(Protocol):
    """How calls are written, as data: templates (`template.py`), and what is made where they give up.

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
