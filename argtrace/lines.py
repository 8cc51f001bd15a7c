"""From the ring straight to written lines, where the native executor is there.

Plain calls are written by it from their templates. All else goes the way it always goes, by the
Stream and the Sink, in between and in order: so nothing here knows what a line looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from argtrace.decode.events import Call, Event
from argtrace.decode.stream import Stream
from argtrace.errors import FormatError
from argtrace.native.dialects import Dialect
from argtrace.present import Sink
from argtrace.transport import records

if TYPE_CHECKING:
    from argtrace.native.lines import Executor

Pages = tuple[memoryview, memoryview, memoryview]
"""The consumer's page, the producer's, and the data."""


class Lines:
    """`decode`: a sample to events. `limit`: how many lines are wanted; `origin`: ns of
    CLOCK_MONOTONIC that times count from."""

    def __init__(
        self,
        executor: type[Executor],
        pages: Pages,
        stream: Stream,
        decode: Callable[[bytes], list[Event]],
        sink: Sink,
        dialect: Dialect,
        origin: int,
        limit: int | None,
    ) -> None:
        self._stream = stream
        self._decode = decode
        self._sink = sink
        self._dialect = dialect
        self._limit = (1 << 62) if limit is None else limit
        self._executor = executor(
            *pages,
            head=dialect.head(self._who),
            tail=dialect.tail(),
            whole=dialect.whole(),
            template=dialect.template,
            selector=dialect.selector,
            pieces=self._pieces,
            line=self._line,
            escapes=dialect.escapes,
            origin=origin,
        )
        self._executor.left = self._limit
        self._executor.direct = stream.direct

    @property
    def shown(self) -> int:
        """Lines written so far."""
        return self._limit - self._executor.left

    @property
    def full(self) -> bool:
        return self._executor.left <= 0

    def read(self) -> bool:
        """Write what the ring has, up to a batch; false if it had nothing."""
        taken, text = self._executor.drain()
        self._sink.output.write_bytes(text)
        return bool(taken)

    def close(self) -> None:
        """Let go of the ring."""
        self._executor.release()

    def event(self, event: Event) -> str:
        """One that came another way, if there is room for it."""
        text = "" if self.full else self._sink.written(event)
        self._executor.left -= bool(text)
        return text

    def _line(self, sample: bytes) -> bytes:
        text = "".join([self.event(event) for event in self._decode(sample)])
        self._executor.direct = self._stream.direct
        self._executor.lost = self._stream.lost & 0xFFFF_FFFF
        self._executor.forget()
        return text.encode()

    def _pieces(self, sample: bytes) -> tuple[bytes, bytes] | None:
        try:
            (event,) = self._stream.feed(records.parse(sample))
        except FormatError:
            return None  # and `_line` says so
        assert isinstance(event, Call)
        return self._dialect.pieces(event)

    def _who(self, word: int) -> bytes:
        text, others = self._dialect.who(self._stream.process(word & 0xFFFF_FFFF, word >> 32))
        if others:
            self._executor.forget()
        return text
