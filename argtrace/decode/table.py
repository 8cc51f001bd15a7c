"""A call's decode table, and the executor that runs it.

The table says for each argument where its word is, where what was fetched for it
is, and what is to be made of both: data throughout, so that a native executor
can run the same table. This one is the reference.

A table is made once a call from its Signature, Plan and the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from argtrace.decode import files, generic, memory, process, registry  # noqa: F401 (they register)
from argtrace.decode.model import Address, List, Missing, Text, Value, Why
from argtrace.decode.registry import Arg, Beautifier
from argtrace.decode.tables.errno import ERRNO
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.plan import CopyString, CopyStrings, Plan
from argtrace.fetch.record import Flag
from argtrace.location import syscall
from argtrace.location.frames import COMPAT_IMAGE, WORD, frame
from argtrace.signature.model import Signature, Type
from argtrace.target import Target
from argtrace.transport.records import CallRecord


class Kind(Enum):
    WORD = "word"
    TEXT = "text"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True)
class Row:
    """One argument. `word`: index in the image; `item`: of what was fetched; `limit`: bytes asked for."""

    name: str
    word: int
    type: Type
    kind: Kind
    item: int = 0
    limit: int = 0
    beautifier: Beautifier = generic.generic


@dataclass(frozen=True, slots=True)
class Table:
    signature: Signature
    rows: tuple[Row, ...]


def table(signature: Signature, plan: Plan, target: Target) -> Table:
    offsets = frame(target).offsets
    steps = {step.word: step for step in plan.steps}
    rows = []
    for param, register in zip(signature.params, syscall.registers(target), strict=False):
        offset = offsets[register]
        match steps.get(offset):
            case CopyString(item, _, limit):
                row = Row(param.name, offset // WORD, param.type, Kind.TEXT, item, limit)
            case CopyStrings(item, _, limit):
                row = Row(param.name, offset // WORD, param.type, Kind.TEXTS, item, limit)
            case None:
                beautifier = registry.find(signature.name, param) or generic.generic
                row = Row(param.name, offset // WORD, param.type, Kind.WORD, beautifier=beautifier)
        rows.append(row)
    return Table(signature, tuple(rows))


def words(
    signature: Signature, offsets: dict[str, int], registers: tuple[str, ...], beautifier: Beautifier
) -> Table:
    """The table of a call nobody knows: its words, not decoded."""
    return Table(
        signature,
        tuple(
            Row(param.name, offsets[register] // WORD, param.type, Kind.WORD, beautifier=beautifier)
            for param, register in zip(signature.params, registers, strict=True)
        ),
    )


def unknown(signature: Signature, target: Target) -> Table:
    return words(signature, frame(target).offsets, syscall.registers(target), generic.word)


def compat(signature: Signature) -> Table:
    return words(signature, COMPAT_IMAGE, syscall.I386_REGISTERS, generic.half)


def arguments(table: Table, call: CallRecord) -> dict[str, Value]:
    """Every argument by name. Raises FormatError if the record contradicts the table."""
    return {row.name: _EXECUTE[row.kind](row, call) for row in table.rows}


def _word(row: Row, call: CallRecord) -> Value:
    return row.beautifier(Arg(call.image[row.word], row.type))


def _text(row: Row, call: CallRecord) -> Value:
    address = call.image[row.word]
    at, size = call.item(row.item)
    return _string(address, call.raw[at : at + max(size, 0)], size, row.limit, call.flags)


def _texts(row: Row, call: CallRecord) -> Value:
    address = call.image[row.word]
    at, size = call.item(row.item)
    count, end = call.item(row.item + 1) if size >= 0 else (0, size)
    if address == 0 and count == 0:
        return Address(0)
    if size < 0:
        return _missing(address, size, call.flags)
    payload = call.raw[at : at + size]
    if end in (record.BLOB, record.BLOB_CUT):
        *strings, rest = payload.split(b"\0")
        items: list[Value] = [Text(0, string) for string in strings]
        if rest:  # after the last NUL: a string that was cut
            items.append(Text(0, rest, cut=True))
        if end == record.BLOB_CUT:
            return List(address, tuple(items), Missing(0, Why.CUT, "no room for the rest"))
        return List(address, tuple(items))
    items = []
    position = 0
    for _ in range(count):
        if position + record.ELEMENT.size > len(payload):
            raise FormatError("record", at + position, f"string {len(items) + 1} of {count}")
        length, element = record.ELEMENT.unpack_from(payload, position)
        position += record.ELEMENT.size
        if length < 0:
            items.append(_missing(element, length, call.flags))
            continue
        if position + length > len(payload):
            raise FormatError("record", at + position, f"{length} bytes of string {len(items) + 1}")
        items.append(_string(element, payload[position : position + length], length, row.limit, call.flags))
        position += length
    if end == record.CUT:
        return List(address, tuple(items), Missing(0, Why.CUT, "no room for the rest"))
    if end < 0:
        return List(address, tuple(items), _missing(0, end, call.flags))
    if end != record.ENDED:
        raise FormatError("record", at, f"a list with an end we know, not {end}")
    return List(address, tuple(items))


def _string(address: int, data: bytes, size: int, limit: int, flags: int) -> Value:
    if size < 0:
        return Address(0) if address == 0 else _missing(address, size, flags)
    if size > limit + 1:
        return Text(address, data[:limit], cut=True)
    # An empty string is its NUL alone; the helper of older kernels (seen on 6.1) says 0 bytes.
    return Text(address, data[:-1])


def _missing(address: int, code: int, flags: int) -> Missing:
    name, _ = ERRNO.get(-code, (str(-code), ""))
    if name == "ENOBUFS":
        return Missing(address, Why.NOT_CAPTURED, "too many execs at once")
    if flags & Flag.LATE and name == "EFAULT":
        return Missing(address, Why.UNREADABLE, f"{name}, entry not seen")
    return Missing(address, Why.UNREADABLE, name)


_EXECUTE: dict[Kind, Callable[[Row, CallRecord], Value]] = {
    Kind.WORD: _word,
    Kind.TEXT: _text,
    Kind.TEXTS: _texts,
}
