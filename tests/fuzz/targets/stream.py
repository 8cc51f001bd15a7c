"""Any samples as a session has them with all names: events, and lines of one line of ASCII each.

Descriptors, processes, origins and settings are followed, as with -yy -Y --show all; the kernel's side
is what the samples say. Nobody is asked who is not in the samples.
"""

from __future__ import annotations

import functools
import json

from argtrace.decode.descriptors import Descriptors
from argtrace.decode.events import Event
from argtrace.decode.naming import FILES
from argtrace.decode.origin import Origins
from argtrace.decode.stream import Naming, Stream
from argtrace.errors import FormatError
from argtrace.fetch.filters import Filters
from argtrace.location import frames
from argtrace.location.frames import ORIGINS
from argtrace.present import jsonl
from argtrace.present.spell import Spelling
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


def _looks(kind: int) -> tuple[Perf, Strace]:
    """All there is of a value, or little of it."""
    spelling = Spelling(verbose=bool(kind & 1), buffer_limit=0 if kind & 2 else 32)
    options = Options(spelling=spelling, absolute=bool(kind & 4), to_file=bool(kind & 8))
    return Perf(options), Strace(options)


LOOKS = [_looks(kind) for kind in range(16)]


def check(data: bytes) -> None:
    kind, data = data[0] if data else 0, data[1:]
    stream = _stream(kind)
    for sample in samples.split(data):
        try:
            events = list(stream.feed(records.parse(sample)))
        except FormatError:
            continue
        for event in events:
            _written(event, kind)


def _stream(kind: int) -> Stream:
    descriptors = Descriptors(None, FILES, follow=not kind & 16) if kind & 32 else None
    filters = Filters(failed=True) if kind & 64 else Filters()
    naming = Naming(descriptors, pids=bool(kind & 128), origins=_origins(), filters=filters)
    stream = Stream(decoding.every_table(samples.LIMIT), decoding.unknown, naming)
    stream.lazy = bool(kind & 16)
    if kind & 8:
        stream.launch(100)
    return stream


def _written(event: Event, kind: int) -> None:
    lines = [json.dumps(jsonl.to_json(event), separators=(",", ":"))]
    lines += [line for style in LOOKS[kind & 15] if (line := style.line(event)) is not None]
    for line in lines:
        assert line.isascii(), line
        assert line.isprintable(), line


def seeds() -> list[bytes]:
    return [bytes([kind]) + each for kind in (0x20, 0xA1) for each in samples.seeds()]


TARGET = Target("samples to events to lines, with all names (decode/stream.py and below)", check, seeds)
