"""Stage 6: from values to a line, an object, a file.

`spell` writes values as text; `text` has the two line styles, `jsonl` the
objects, `output` the places they go to. A `Sink` is all a trace needs to know.
"""

from __future__ import annotations

from typing import Protocol

from argtrace.decode.events import Event


class Sink(Protocol):
    """Where events go. Each method may raise OutputFailed."""

    def event(self, event: Event) -> bool:
        """Take an event. Whether it is shown: a style may have no line for it."""

    def flush(self) -> None:
        """Whoever reads may now see all events so far."""

    def close(self) -> None: ...
