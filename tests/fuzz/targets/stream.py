"""Any samples as a session has them with all names: events, and lines of one line of ASCII each.

Descriptors, processes, origins and settings are followed, as with -yy -Y --show all; the kernel's side
is what the samples say. Nobody is asked who is not in the samples.
"""

from __future__ import annotations

import functools
import json

from argtrace.decode.descriptors import Descriptors
from argtrace.decode.events import Call, Event
from argtrace.decode.naming import FILES
from argtrace.decode.origin import Origins
from argtrace.decode.stream import Naming, Stream
from argtrace.errors import FormatError
from argtrace.fetch.filters import Filters
from argtrace.location import frames
from argtrace.location.frames import ORIGINS
from argtrace.present import hexdump, jsonl
from argtrace.present.escape import Hex
from argtrace.present.spell import Constants, Spelling
from argtrace.present.text import Options, Perf, Strace
from argtrace.target import X86_64
from argtrace.transport import records
from tests.fuzz import samples
from tests.fuzz.target import Target
from tests.support import decoding

PATHS = {0: "/", 1: "/docker/" + "4f1c" * 16, 2: "/lxc.payload.\x1b]0;x\x07\udcfe"}


@functools.cache
def _origins() -> Origins:
    return Origins(frames.noting(X86_64, frozenset(ORIGINS)), PATHS.get)


@functools.cache
def _looks(kind: int, more: int) -> tuple[Perf, Strace]:
    """All there is of a value, or little of it; every way to spell it."""
    spelling = Spelling(
        verbose=bool(kind & 1),
        buffer_limit=0 if kind & 2 else 32,
        pretty=bool(more & 1),
        hex=(*Hex,)[more >> 1 & 3],
        constants=(*Constants,)[(more >> 3 & 3) % len(Constants)],
    )
    options = Options(spelling=spelling, absolute=bool(kind & 4), to_file=bool(kind & 8))
    return Perf(options), Strace(options)


def check(data: bytes) -> None:
    kind, more, *_ = (*data[:2], 0, 0)
    stream = _stream(kind)
    for sample in samples.split(data[2:]):
        try:
            events = list(stream.feed(records.parse(sample)))
        except FormatError:
            continue
        for event in events:
            try:
                _written(event, kind, more)
            except FormatError:
                assert stream.lazy  # whose arguments are looked at here, and no sooner


def _stream(kind: int) -> Stream:
    descriptors = Descriptors(None, FILES, follow=not kind & 16) if kind & 32 else None
    filters = Filters(failed=True) if kind & 64 else Filters()
    naming = Naming(descriptors, pids=bool(kind & 128), origins=_origins(), filters=filters)
    stream = Stream(decoding.every_table(samples.LIMIT), decoding.unknown, naming)
    stream.lazy = bool(kind & 16)
    if kind & 8:
        stream.launch(100)
    return stream


def _written(event: Event, kind: int, more: int) -> None:
    lines = [json.dumps(jsonl.to_json(event), separators=(",", ":"))]
    for style in _looks(kind & 15, more & 31):
        lines += (style.line(event) or "").split("\n" if more & 1 else "\0")
    if isinstance(event, Call) and more & 32:
        lines += hexdump.of_call(event, range(1 << 31))
    for line in lines:
        assert line.isascii(), line
        assert line.isprintable(), line


def seeds() -> list[bytes]:
    return [kinds + each for kinds in (b"\x20\0", b"\xa1\x3f", b"\x02\x34") for each in samples.seeds()]


TARGET = Target(
    "samples to events to lines, all names, all spellings (decode/stream.py, present/)", check, seeds
)
