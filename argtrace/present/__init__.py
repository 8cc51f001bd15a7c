"""Stage 6: from values to a line, an object, a file.

`spell` writes values as text; `text` has the two line styles, `jsonl` the
objects, `output` the places they go to. A `Sink` is all a trace needs to know.
"""

from __future__ import annotations

from typing import Protocol

from argtrace.decode.events import Event
from argtrace.present.output import Output


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
