"""Any sample: a record or FormatError, and what it says of its items is within it."""

from __future__ import annotations

import contextlib

from argtrace.errors import FormatError
from argtrace.transport import records
from argtrace.transport.records import CallRecord, ChunkRecord
from tests.fuzz import samples
from tests.fuzz.target import Target


def check(data: bytes) -> None:
    for sample in samples.split(data):
        with contextlib.suppress(FormatError):
            _look(records.parse(sample), sample)


def _look(found: records.Record, sample: bytes) -> None:
    if isinstance(found, ChunkRecord):
        assert len(found.data) <= len(sample)
    if not isinstance(found, CallRecord):
        return
    for number in range(8):
        with contextlib.suppress(FormatError):
            at, size = found.item(number)
            assert size <= 0 or len(sample[at : at + size]) == size
            assert found.partial(number) in (True, False)
            found.sent_before(number)
        with contextlib.suppress(FormatError):
            found.ending(number)


TARGET = Target("samples to records (transport/records.py)", check, samples.seeds)
