"""Stage 6: from values to a line, an object, a file.

`spell` writes values as text; `text` has the two line styles, `jsonl` the
objects, `output` the places they go to. A `Sink` is all a trace needs to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from argtrace.decode.events import Event
    from argtrace.present.output import Output


class Sink(Protocol):
    """Where events go, as lines of `output`, of JSON or text. Each method may raise OutputFailed."""

    output: Output
    json: bool

    def event(self, event: Event) -> bool:
        """Take an event. Whether it is shown: a style may have no line for it."""

    def written(self, event: Event) -> str:
        """Its lines, for who writes them."""

    def flush(self) -> None:
        """Whoever reads may now see all events so far."""

    def close(self) -> None: ...
