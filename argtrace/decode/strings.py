"""Strings of a record to values, and what is not there instead of them.

Source: the records of `fetch/record.py`.
"""

from __future__ import annotations

from argtrace.decode.model import Address, List, Missing, Text, Value, Why
from argtrace.decode.tables.errno import ERRNO
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Flag
from argtrace.transport.records import CallRecord


def text(address: int, data: bytes) -> Text:
    """Up to its NUL, or all of an array that has none."""
    return Text(address, data.split(b"\0", 1)[0])


def missing(address: int, code: int, flags: int = 0) -> Missing:
    name, _ = ERRNO.get(-code, (str(-code), ""))
    if name == "ENOBUFS":
        return Missing(address, Why.NOT_CAPTURED, "too many execs at once")
    if flags & Flag.LATE and name == "EFAULT":
        return Missing(address, Why.UNREADABLE, f"{name}, entry not seen")
    return Missing(address, Why.UNREADABLE, name)


def string(address: int, data: bytes, limit: int) -> Text:
    if len(data) > limit + 1:
        return Text(address, data[:limit], cut=True)
    # An empty string is its NUL alone; the helper of older kernels (seen on 6.1) says 0 bytes.
    return Text(address, data[:-1])


def strings(address: int, item: int, call: CallRecord, limit: int) -> Value:
    at, size = call.item(item)
    if size == record.SKIPPED or (address == 0 and size <= 0):
        return Address(address)
    if size < 0:
        return missing(address, size, call.flags)
    count, end = call.ending(item)
    before, _ = call.sent_before(item)
    payload = call.chunks.get(item, b"")
    hole = len(payload) != before
    if not hole:
        payload += call.raw[at : at + size]
    if address == 0 and end == record.BLOB and payload == b"\0":
        return Address(0)  # the kernel gives an empty name where there is no argv (Linux 5.18)
    if end in (record.BLOB, record.BLOB_CUT):
        *whole, rest = payload.split(b"\0")
        items: list[Value] = [Text(0, string) for string in whole]
        if rest:  # after the last NUL: a string that was cut
            items.append(Text(0, rest, cut=True))
    else:
        items = _walked(payload, at, 0 if hole else count, limit, call.flags)
    if hole:
        lost = max(before + size - len(payload), 0)
        why = Missing(0, Why.NOT_CAPTURED, f"{lost} bytes were lost or could not be read")
        return List(address, tuple(items), why, missing=lost)
    if end in (record.CUT, record.BLOB_CUT):
        return List(address, tuple(items), Missing(0, Why.CUT, "no room for the rest"))
    if end < 0:
        return List(address, tuple(items), missing(0, end, call.flags))
    if end not in (record.ENDED, record.BLOB):
        raise FormatError("record", at, f"a list with an end we know, not {end}")
    return List(address, tuple(items))


def _walked(payload: bytes, at: int, count: int, limit: int, flags: int) -> list[Value]:
    """The elements of a list, of which there are at least `count`; the pieces of one joined."""
    items: list[Value] = []
    pieces: list[bytes] = []
    first = position = 0
    head, size = record.ELEMENT.size, len(payload)
    while position < size or len(items) < count:
        if position + head > size:
            raise FormatError("record", at + position, f"string {len(items) + 1} of {count}")
        length, element = record.ELEMENT.unpack_from(payload, position)
        position += head
        if 0 < length <= limit + 1 and not pieces:  # most are like this
            items.append(Text(element, payload[position : position + length - 1]))
            position += length
            continue
        if length < 0:
            unread = missing(element, length, flags)
            items.append(Text(first, b"".join(pieces), cut=True, end=unread) if pieces else unread)
            pieces = []
            continue
        goes_on, length = length & record.GOES_ON, length & ~record.GOES_ON
        if position + length > size:
            raise FormatError("record", at + position, f"{length} bytes of string {len(items) + 1}")
        data = payload[position : position + length]
        position += length
        if goes_on:
            first = element if not pieces else first
            pieces.append(data[:-1])
        elif pieces:
            items.append(Text(first, b"".join([*pieces, data[:-1]])))
            pieces = []
        else:
            items.append(string(element, data, limit))
    if position > size:
        raise FormatError("record", at + size, f"the bytes of string {len(items)}")
    if pieces:
        items.append(Text(first, b"".join(pieces), cut=True))
    return items
