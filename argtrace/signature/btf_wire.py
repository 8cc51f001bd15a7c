r"""BTF as bytes: where does each record begin, and what words does it hold?

Source: Documentation/bpf/btf.rst and include/uapi/linux/btf.h (Linux v6.1).

All words are 32 bits, in the byte order the magic is written in. Both section
offsets count from the end of the header.

      0       2         3       4         8          12         16        20        24
      ┌───────┬─────────┬───────┬─────────┬──────────┬──────────┬─────────┬─────────┐
      │ magic │ version │ flags │ hdr_len │ type_off │ type_len │ str_off │ str_len │
      │ eB9F  │ 1       │ 0     │         │          │          │         │         │
      └───────┴─────────┴───────┴─────────┴──────────┴──────────┴─────────┴─────────┘

      types: records end to end, numbered from 1      strings: NUL-terminated, the first empty
      ┌──────────┬──────┬──────────────┬─────────┐    ┌────┬───────────────┬─────────┬────
      │ name_off │ info │ size or type │ rows …  │    │ \0 │ task_struct\0 │ state\0 │ …
      └──────────┴──────┴──────────────┴─────────┘    └────┴───────────────┴─────────┴────

      info   31          30-29    28-24   23-16    15-0       rows: one, or vlen of them
            ┌───────────┬────────┬───────┬────────┬──────┐   ┌──────────────────────────────┐
            │ kind_flag │ unused │ kind  │ unused │ vlen │   │ 0 to 3 words, by kind: _ROWS │
            └───────────┴────────┴───────┴────────┴──────┘   └──────────────────────────────┘

Knows offsets and counts, not what they mean: a name is a number here. Opening
checks the header and the length of every record; string offsets and type ids
are checked when they are followed. Either way: a value, or FormatError.

The walk over all records is the price of opening, so it looks at each only
enough to find the next: vmlinux has 126,585 records but 297 different `info`
words, and the length follows from `info` alone.

Not here: names, links and lookup are `btf.py`; which file to read, the caller's.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from argtrace.errors import FormatError
from argtrace.value import frozen

MAGIC = 0xEB9F
HEADER = "HBBIIIII"
HEADER_LENGTH = 24

NAME_LIMIT = 511
"""Bytes in a name, at most: KSYM_NAME_LEN without its NUL. Each of a million records
may point into the same megabyte of string; a limit keeps that from costing terabytes."""

_UNUSED_INFO = 0x60FF0000  # bits 16-23, 29, 30


class Kind(IntEnum):
    """BTF_KIND_*. A new kind also needs a row in `_ROWS` and a case in `btf.py`."""

    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    FWD = 7
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    RESTRICT = 11
    FUNC = 12
    FUNC_PROTO = 13
    VAR = 14
    DATASEC = 15
    FLOAT = 16
    DECL_TAG = 17
    TYPE_TAG = 18
    ENUM64 = 19


# Words in one row, and whether vlen counts the rows. FUNC keeps its linkage in
# vlen: a number, and no rows.
_ROWS = {
    Kind.INT: (1, False),  # encoding, offset, bits
    Kind.PTR: (0, False),
    Kind.ARRAY: (3, False),  # type, index_type, nelems
    Kind.STRUCT: (3, True),  # name_off, type, offset
    Kind.UNION: (3, True),
    Kind.ENUM: (2, True),  # name_off, val
    Kind.FWD: (0, False),
    Kind.TYPEDEF: (0, False),
    Kind.VOLATILE: (0, False),
    Kind.CONST: (0, False),
    Kind.RESTRICT: (0, False),
    Kind.FUNC: (0, False),
    Kind.FUNC_PROTO: (2, True),  # name_off, type
    Kind.VAR: (1, False),  # linkage
    Kind.DATASEC: (3, True),  # type, offset, size
    Kind.FLOAT: (0, False),
    Kind.DECL_TAG: (1, False),  # component_idx
    Kind.TYPE_TAG: (0, False),
    Kind.ENUM64: (3, True),  # name_off, val_lo32, val_hi32
}


@frozen
class Header:
    """Where the sections are, in bytes from the start of the data."""

    order: Literal["little", "big"]
    types_at: int
    types_length: int
    strings_at: int
    strings_length: int


@frozen
class Record:
    """One type as written. `size` is a type id where the kind says so; `at` is its byte."""

    kind: Kind
    flag: bool
    vlen: int
    name: int
    size: int
    rows: tuple[tuple[int, ...], ...]
    at: int


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """The records of one BTF, found. Split BTF counts on from its base: see `read`."""

    source: str
    header: Header
    words: array[int]
    strings: bytes
    positions: array[int]
    """The first word of each record; the record of id `first_id` comes first."""
    names: array[int]
    """The name_off of each record, in the same order."""
    first_id: int
    first_string: int

    @property
    def end_id(self) -> int:
        return self.first_id + len(self.positions)

    @property
    def end_string(self) -> int:
        return self.first_string + len(self.strings)

    def kind(self, id: int) -> int:
        """The kind of one type, without reading the rest of it."""
        return self.words[self._position(id) + 1] >> 24 & 0x1F

    def record(self, id: int) -> Record:
        """All words of one type."""
        at = self._position(id)
        name, info, size = self.words[at : at + 3]
        kind, vlen = Kind(info >> 24 & 0x1F), info & 0xFFFF
        width, counted = _ROWS[kind]
        body = iter(self.words[at + 3 : at + 3 + width * (vlen if counted else 1)])
        rows = tuple(zip(*[body] * width, strict=True))
        return Record(kind, bool(info >> 31), vlen, name, size, rows, self.header.types_at + 4 * at)

    def text(self, offset: int, limit: int = NAME_LIMIT) -> bytes:
        """The string at an offset, without its NUL."""
        start = offset - self.first_string
        if not 0 <= start < len(self.strings):
            last = self.end_string - 1
            raise self._lie(0, f"a string offset from {self.first_string} to {last}, not {offset}")
        end = self.strings.find(b"\0", start, start + limit + 1)
        if end < 0:
            raise self._lie(start, f"a name of at most {limit} bytes")
        return self.strings[start:end]

    def offsets_of(self, text: bytes) -> Iterator[int]:
        """Every offset that reads as this string.

        More than one: nothing forbids a writer to store `struct` as the tail of `task_struct`.
        """
        wanted = text + b"\0"
        at = self.strings.find(wanted)
        while at >= 0:
            yield self.first_string + at
            at = self.strings.find(wanted, at + 1)

    def ids_named(self, offsets: set[int]) -> list[int]:
        """Every type whose name is at one of these offsets."""
        if len(offsets) > 1:
            offsets = offsets.intersection(self.names)
        if len(offsets) > 1:
            return [id for id, name in enumerate(self.names, self.first_id) if name in offsets]
        ids: list[int] = []
        for offset in offsets:
            names, wanted = self.names.tobytes(), struct.pack("=I", offset)
            at = names.find(wanted)
            while at >= 0:
                if at % 4 == 0:
                    ids.append(self.first_id + at // 4)
                at = names.find(wanted, at + 1)
        return ids

    def ids_of(self, kind: int) -> list[int]:
        """Every type of one kind."""
        words = self.words
        return [
            id for id, at in enumerate(self.positions, self.first_id) if words[at + 1] >> 24 & 0x1F == kind
        ]

    def _position(self, id: int) -> int:
        if not self.first_id <= id < self.end_id:
            expected = f"a type id from {self.first_id} to {self.end_id - 1}, not {id}"
            raise FormatError(self.source, self.header.types_at, expected)
        return self.positions[id - self.first_id]

    def _lie(self, in_strings: int, expected: str) -> FormatError:
        return FormatError(self.source, self.header.strings_at + in_strings, expected)


def read(data: bytes, source: str = "BTF", *, base: Wire | None = None) -> Wire:
    """Find every record of a BTF blob.

    Split BTF (a module's) goes on where its base ends: its first type has the id
    after the base's last, its first string the offset after the base's last byte.
    """
    header = _header(data, source)
    if base and base.header.order != header.order:
        raise FormatError(source, 0, f"the byte order of the base, {base.header.order}")
    words = array("I")
    words.frombytes(data[header.types_at : header.types_at + header.types_length])
    if header.order != sys.byteorder:
        words.byteswap()
    strings = data[header.strings_at : header.strings_at + header.strings_length]
    # Only the base owns offset 0, the empty name of everything anonymous.
    if strings[-1:] not in (b"", b"\0") or (base is None and strings[:1] != b"\0"):
        raise FormatError(source, header.strings_at, "a string section that begins and ends with NUL")
    positions, names = _walk(words, source, header.types_at)
    first_id, first_string = (base.end_id, base.end_string) if base else (1, 0)
    return Wire(source, header, words, strings, positions, names, first_id, first_string)


def _header(data: bytes, source: str) -> Header:
    if len(data) < HEADER_LENGTH:
        raise FormatError(source, len(data), f"a header of {HEADER_LENGTH} bytes")
    order: Literal["little", "big"] = "little" if data[:2] == MAGIC.to_bytes(2, "little") else "big"
    prefix = "<" if order == "little" else ">"
    magic, version, flags, length, type_off, type_len, str_off, str_len = struct.unpack_from(
        prefix + HEADER, data
    )
    if magic != MAGIC:
        raise FormatError(source, 0, f"the magic {MAGIC:#06x}")
    if (version, flags) != (1, 0):
        raise FormatError(source, 2, f"version 1 without flags, not version {version}, flags {flags:#x}")
    # A longer header is a newer one: what follows the fields we know is skipped.
    if not HEADER_LENGTH <= length <= len(data):
        raise FormatError(source, 4, f"a header of {HEADER_LENGTH} to {len(data)} bytes, not {length}")
    if (type_off | type_len) % 4:
        raise FormatError(source, 8, "types on a boundary of 4 bytes")
    for field, start, size in ((8, type_off, type_len), (16, str_off, str_len)):
        if length + start + size > len(data):
            raise FormatError(source, field, f"a section within the {len(data)} bytes there are")
    return Header(order, length + type_off, type_len, length + str_off, str_len)


def _walk(words: array[int], source: str, types_at: int) -> tuple[array[int], array[int]]:
    """The first word and the name of every record."""
    positions, names = array("I"), array("I")
    add_position, add_name = positions.append, names.append
    lengths: dict[int, int] = {}  # of a record, by its info word
    at, end = 0, len(words)
    while at < end:
        try:
            while at < end:
                length = lengths[words[at + 1]]
                add_position(at)
                add_name(words[at])
                at += length
        except KeyError:
            info = words[at + 1]
            if (info >> 24 & 0x1F) not in _ROWS or info & _UNUSED_INFO:
                expected = f"a kind from 1 to {max(_ROWS)} and no unused bit, not {info:#010x}"
                raise FormatError(source, types_at + 4 * at + 4, expected) from None
            width, counted = _ROWS[Kind(info >> 24 & 0x1F)]
            lengths[info] = 3 + width * (info & 0xFFFF if counted else 1)
        except IndexError:
            at = end + 1
    if at > end:
        raise FormatError(source, types_at + 4 * end, "the rest of the last record")
    return positions, names
