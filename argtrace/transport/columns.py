"""Calls as columns of numbers: for what is kept, or looked at as a table.

A column is bytes, an element a call, little-endian; `FIELDS` says of each its `struct` character. What
was fetched for a call, its items and payload, lies in `memory` from the element of `begin` on,
`length` bytes. All else that came is in `others`, a whole sample with the number of calls before
it. So nothing is lost: `samples` gives back what was put in.

This is the reference; `native/columns.pyx` does the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from argtrace.fetch import record
from argtrace.fetch.record import Kind
from argtrace.location.frames import IMAGE_SIZE, WORD

Form = Literal["H", "I", "Q", "q"]
WORDS = tuple(f"word{at}" for at in range(IMAGE_SIZE // WORD))

# In the order they have in a record, from its beginning.
HEAD: dict[str, Form] = {
    "flags": "H", "lost": "I", "tid": "I", "tgid": "I", "time": "Q", "start": "Q", "result": "q",
    "number": "I",
}  # fmt: skip
HEAD.update((word, "Q") for word in WORDS)
FIELDS: dict[str, Form] = {**HEAD, "begin": "Q", "length": "I"}

_HEAD = struct.Struct("<2xHIIIQQqI4x" + "Q" * len(WORDS))
assert _HEAD.size == record.ITEMS


@dataclass(slots=True)
class Columns:
    columns: dict[str, bytearray] = field(default_factory=lambda: {name: bytearray() for name in FIELDS})
    memory: bytearray = field(default_factory=bytearray)
    others: list[tuple[int, bytes]] = field(default_factory=list)

    def __len__(self) -> int:
        """Calls."""
        return len(self.columns["number"]) // struct.calcsize(FIELDS["number"])

    def add(self, sample: bytes) -> None:
        if not is_call(sample):
            self.others.append((len(self), sample))
            return
        rest = sample[record.ITEMS :]
        values = (*_HEAD.unpack_from(sample), len(self.memory), len(rest))
        for (name, form), value in zip(FIELDS.items(), values, strict=True):
            self.columns[name] += struct.pack("<" + form, value)
        self.memory += rest

    def column(self, name: str) -> memoryview[int]:
        """By name, as numbers. Raises KeyError."""
        return memoryview(self.columns[name]).cast(FIELDS[name])

    def samples(self) -> Iterator[bytes]:
        """What was put in, in its order."""
        heads = [self.column(name) for name in HEAD]
        begin, length = self.column("begin"), self.column("length")
        others = iter([*self.others, (len(self) + 1, b"")])
        before, other = next(others)
        for call in range(len(self) + 1):
            while before == call:
                yield other
                before, other = next(others)
            if call < len(self):
                flags, *rest, words = *(head[call] for head in heads[:8]), [head[call] for head in heads[8:]]
                size = record.ITEMS + length[call]
                head = struct.pack("<HHIIIQQqII", Kind.CALL, flags, *rest, size)
                image = struct.pack(f"<{len(words)}Q", *words)
                yield head + image + self.memory[begin[call] : begin[call] + length[call]]


def is_call(sample: bytes) -> bool:
    """Whether this is the record of a call, of the size that it says."""
    if len(sample) < record.ITEMS or int.from_bytes(sample[:2], "little") != Kind.CALL:
        return False
    return int.from_bytes(sample[record.SIZE : record.SIZE + 4], "little") == len(sample)


def columns(samples: Iterable[bytes]) -> Columns:
    made = Columns()
    for sample in samples:
        made.add(sample)
    return made
