"""Samples to written lines, by each executor: they must not differ.

by_python(samples, Form.PERF)  ==  by_native(samples, Form.PERF)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Self

from argtrace import native
from argtrace.decode.events import Event, Note
from argtrace.decode.origin import Origins
from argtrace.decode.stream import Naming, Stream
from argtrace.decode.table import Table
from argtrace.errors import FormatError
from argtrace.lines import Lines
from argtrace.native import dialects
from argtrace.present import Sink, jsonl, output
from argtrace.present.text import Options, Perf, Strace, TextSink
from argtrace.transport import records
from tests.support import decoding
from tests.support.ring_writer import RingWriter

Form = Callable[[output.Output], Sink]

PERF = Options(origin=0)


def perf(options: Options = PERF) -> Form:
    return lambda out: TextSink(out, Perf(options))


def strace(options: Options = PERF) -> Form:
    return lambda out: TextSink(out, Strace(options))


FORMS: dict[str, Form] = {
    "perf": perf(),
    "strace": strace(),
    "strace file": strace(Options(to_file=True, absolute=True, realtime=10**18 + 7)),
    "json": jsonl.JsonSink,
}


class Trace(NamedTuple):
    """`prepare`: what the stream is told before the first sample. `origins`: what calls are to say of
    where they came from."""

    samples: Sequence[bytes]
    limit: int = 4096
    prepare: Callable[[Stream], None] | None = None
    tables: Mapping[int, Table] | None = None
    origins: Origins | None = None

    def stream(self) -> Stream:
        naming = Naming(origins=self.origins)
        stream = Stream(self.tables or decoding.every_table(self.limit), decoding.unknown, naming)
        if self.prepare is not None:
            self.prepare(stream)
        return stream


def events(stream: Stream, sample: bytes) -> list[Event]:
    """As a session has them, but for the time of a note."""
    try:
        return list(stream.feed(records.parse(sample)))
    except FormatError as error:
        return [Note(0, f"a record cannot be read: {error}")]


def by_python(trace: Trace, form: Form) -> str:
    stream = trace.stream()
    with _Written(form) as written:
        for sample in trace.samples:
            for event in events(stream, sample):
                written.sink.event(event)
    return written.text


def by_native(trace: Trace, form: Form, *, at: int = 0, limit: int | None = None) -> str:
    """`at`: where the ring begins, so that samples may go over its end."""
    module = native.module("lines")
    assert module is not None, "the native executor was not built"
    size = 1 << max(sum(len(sample) + 16 for sample in trace.samples) - 1, 4095).bit_length()
    ring = RingWriter(size, at=at)
    for sample in trace.samples:
        ring.write(sample)
    stream = trace.stream()
    with _Written(form) as written:
        tables = trace.tables or decoding.every_table(trace.limit)
        dialect = dialects.dialect(written.sink, tables, trace.origins)
        assert dialect is not None
        lines = Lines(
            module.Executor,
            (ring.consumer, ring.producer, ring.data),
            stream,
            lambda sample: events(stream, sample),
            written.sink,
            dialect,
            0,
            limit,
        )
        while lines.read():
            pass
        lines.close()
    assert limit is not None or ring.consumed == ring.produced
    return written.text


class _Written:
    def __init__(self, form: Form) -> None:
        self._fd = os.memfd_create("written")
        self.sink = form(output.Output(self._fd, "memory", keep=True))
        self.text = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sink.flush()
        size = os.lseek(self._fd, 0, os.SEEK_END)
        self.text = os.pread(self._fd, size, 0).decode()
        os.close(self._fd)
