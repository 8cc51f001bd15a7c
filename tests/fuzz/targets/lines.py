"""Any samples: the native executor writes what Python writes, byte for byte."""

from __future__ import annotations

from argtrace.decode.stream import Stream
from tests.fuzz import samples
from tests.fuzz.target import Target
from tests.support import written
from tests.support.written import Trace

FORMS = ("perf", "json", "strace file")
"""Not the form whose lines say whether other threads had any: of a line that cannot be read, one
executor counts the thread and the other does not."""


def check(data: bytes) -> None:
    kind, data = data[0] if data else 0, data[1:]
    same(samples.split(data), kind)


def same(given: list[bytes], kind: int) -> None:
    form = written.FORMS[FORMS[kind % len(FORMS)]]

    def prepare(stream: Stream) -> None:
        stream.name(100, b"\x1b[2J" if kind & 64 else b"name")

    trace = Trace(given, samples.LIMIT, prepare)
    expected = written.by_python(trace, form)
    assert written.by_native(trace, form, at=4000) == expected
    for line in expected.splitlines():
        assert line.isascii(), line
        assert line.isprintable(), line


def seeds() -> list[bytes]:
    return [bytes([kind]) + each for kind in range(3) for each in samples.seeds()]


TARGET = Target("samples to lines by both executors (native/lines.pyx, memo, digits)", check, seeds)
