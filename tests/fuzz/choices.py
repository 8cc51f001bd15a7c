"""Bytes as a string of decisions: how an input of a fuzzer becomes something with a structure.

Whoever changes a byte changes a decision. Where there are no bytes left all decisions are 0.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

SPECIAL = (
    0,
    1,
    2,
    3,
    4,
    8,
    16,
    64,
    127,
    128,
    255,
    256,
    4095,
    4096,
    65535,
    1 << 31,
    1 << 32,
    1 << 62,
    1 << 63,
)


class Choices:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int) -> bytes:
        """As many as there are, up to `size`."""
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found

    def byte(self) -> int:
        return self.take(1)[0] if self.left else 0

    def short(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def pick(self, of: Sequence[T]) -> T:
        return of[(self.short() if len(of) > 256 else self.byte()) % len(of)]

    def word(self) -> int:
        """64 bits: small, near the end of some range, or any."""
        kind = self.byte()
        match kind % 4:
            case 0:
                return self.byte()
            case 1:
                return self.pick(SPECIAL)
            case 2:
                return self.pick(SPECIAL) - 1 - kind // 64 & (1 << 64) - 1
            case _:
                return int.from_bytes(self.take(8), "little")

    def signed(self) -> int:
        (found,) = struct.unpack("<q", self.word().to_bytes(8, "little"))
        return int(found)

    def block(self, most: int = 255) -> bytes:
        """So many bytes as the next one says; repeated where it says so."""
        size, times = self.byte(), 1
        if size >= 0xF0:
            size, times = size & 7, self.byte()
        return (self.take(size) * times)[:most]

    def rest(self) -> bytes:
        return self.take(self.left)
