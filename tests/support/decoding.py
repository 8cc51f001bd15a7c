"""Stages four and five put together as a session does it, from the committed tables alone.

args(call("openat", …))               one record's arguments by name
feed(*samples)                        the events of records, through a stream of their own
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from argtrace.decode import table as tables
from argtrace.decode.events import Event
from argtrace.decode.model import Value
from argtrace.decode.stream import Naming, Stream
from argtrace.decode.table import Table
from argtrace.fetch import record
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.fetch.record import Flag
from argtrace.signature import syscalls
from argtrace.signature.model import Signature
from argtrace.target import X86_64
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from tests.support.record_writer import LIMIT


@functools.cache
def signatures() -> Mapping[int, Signature]:
    return syscalls.signatures(syscalls.NAMES, None)


@functools.cache
def every_table(limit: int = LIMIT) -> Mapping[int, Table]:
    """A table for each call of x86-64, and for each 32-bit one."""
    limits = Limits(strings=limit, buffers=limit)
    known = {
        number: tables.table(signature, plans(number, signature, X86_64, limits), X86_64, limit)
        for number, signature in signatures().items()
    }
    return known | {
        record.COMPAT_BASE + number: tables.compat(syscalls.compat(number))
        for number in syscalls.COMPAT_NAMES
    }


def unknown(call: CallRecord) -> Table:
    if call.flags & Flag.COMPAT:
        return tables.compat(syscalls.compat(call.number))
    return tables.words(syscalls.unknown(call.number), X86_64)


def stream(limit: int = LIMIT, naming: Naming | None = None) -> Stream:
    return Stream(every_table(limit), unknown, naming)


def feed(*samples: bytes, to: Stream | None = None) -> list[Event]:
    to = to or stream()
    return [event for sample in samples for event in to.feed(records.parse(sample))]


def args(sample: bytes, limit: int = LIMIT) -> dict[str, Value]:
    """The arguments of a call, whose table is found by its number."""
    call = records.parse(sample)
    assert isinstance(call, CallRecord)
    return tables.arguments(every_table(limit)[call.number], call)[0]
