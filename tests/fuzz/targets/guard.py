"""Any packet as a guard's answer: a reason and a remedy, as text that can be shown."""

from __future__ import annotations

from argtrace import backpressure, guard_protocol
from argtrace.decode.events import Note
from argtrace.present.text import Options, Perf
from tests.fuzz.target import Target

STYLE = Perf(Options())


def check(data: bytes) -> None:
    refused = backpressure._reason(data)
    assert refused.why or data.startswith(guard_protocol.REFUSED)
    assert refused.remedy
    line = STYLE.line(Note(0, f"{refused}; {refused.remedy}"))
    assert line is not None
    assert line.isascii()
    assert line.isprintable()


def seeds() -> list[bytes]:
    refused = guard_protocol.REFUSED
    return [refused + b"why\0remedy", refused, guard_protocol.READY, b"", refused + "é\x1b[2J".encode()]


TARGET = Target(
    "answers of the guard (backpressure.py)", check, seeds, (guard_protocol.REFUSED, b"\0"), most=600
)
