"""Inputs from other inputs, without looking at what they do: for machines without atheris, for the native
modules, and half of what atheris tries.

    mutator = Mutator(Random(7), seeds, words, most=4096)
    mutator.next()                 an input

Changes are those that parsers of binary records trip over: numbers near the end of their range where
a number may be, a length one too small or too large, a part that is missing or there twice, a part of
another input, the end cut off. Everything follows from the Random, so a run can be had again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

NUMBERS = (
    *(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257),
    *(511, 512, 1023, 1024, 4095, 4096, 4097, 16384, 32767, 32768, 65535, 65536, (1 << 30) - 1, 1 << 30),
    *((1 << 31) - 1, 1 << 31, (1 << 32) - 16, (1 << 32) - 14, (1 << 32) - 1, 1 << 32, 1 << 40, 1 << 62),
    *((1 << 63) - 1, 1 << 63, (1 << 64) - 4096, (1 << 64) - 14, (1 << 64) - 1),
)


class Mutator:
    def __init__(self, random: Random, seeds: Sequence[bytes], words: Sequence[bytes], most: int) -> None:
        self._random = random
        self._seeds = list(seeds) or [b""]
        self._words = list(words)
        self._most = most
        self._changes: list[Callable[[bytearray], None]] = [
            self._bit,
            self._byte,
            self._number,
            self._number,
            self._add,
            self._add,
            self._remove,
            self._repeat,
            self._insert,
            self._splice,
            self._move,
            self._cut,
        ]
        if self._words:
            self._changes += [self._word] * 4

    def next(self) -> bytes:
        return self.change(self._random.choice(self._seeds))

    def change(self, data: bytes) -> bytes:
        random = self._random
        made = bytearray(data)
        for _ in range(1 + int(random.expovariate(0.6))):
            random.choice(self._changes)(made)
        return bytes(made[: self._most])

    def _place(self, data: bytearray, align: int = 1) -> int:
        return self._random.randrange(len(data) // align + 1) * align

    def _bit(self, data: bytearray) -> None:
        if data:
            data[self._random.randrange(len(data))] ^= 1 << self._random.randrange(8)

    def _byte(self, data: bytearray) -> None:
        if data:
            data[self._random.randrange(len(data))] = self._random.randrange(256)

    def _number(self, data: bytearray) -> None:
        """A number of 2, 4 or 8 bytes, mostly where one may be."""
        size = self._random.choice((2, 4, 4, 8))
        at = self._place(data, self._random.choice((1, 4, 4)))
        if at + size <= len(data):
            number = self._random.choice(NUMBERS) & (1 << 8 * size) - 1
            data[at : at + size] = number.to_bytes(size, "little")

    def _add(self, data: bytearray) -> None:
        size = self._random.choice((1, 2, 4, 8))
        at = self._place(data, self._random.choice((1, 4)))
        if at + size <= len(data):
            number = int.from_bytes(data[at : at + size], "little") + self._random.randint(-9, 9)
            data[at : at + size] = (number & (1 << 8 * size) - 1).to_bytes(size, "little")

    def _part(self, data: Sequence[int]) -> tuple[int, int]:
        """Begin and end: some bytes, or a few."""
        at = self._random.randrange(len(data) + 1)
        return at, min(len(data), at + 1 + int(self._random.expovariate(self._random.choice((0.08, 1)))))

    def _remove(self, data: bytearray) -> None:
        begin, end = self._part(data)
        del data[begin:end]

    def _repeat(self, data: bytearray) -> None:
        begin, end = self._part(data)
        data[begin:begin] = data[begin:end] * self._random.choice((1, 1, 1, 2, 3, 40))
        del data[2 * self._most :]

    def _insert(self, data: bytearray) -> None:
        at = self._place(data)
        data[at:at] = self._random.randbytes(1 + int(self._random.expovariate(0.2)))

    def _splice(self, data: bytearray) -> None:
        """A part of another input, in place of a part or beside it."""
        other = self._random.choice(self._seeds)
        begin, end = self._part(other)
        at, until = self._part(data)
        data[at : until if self._random.random() < 0.5 else at] = other[begin:end]

    def _move(self, data: bytearray) -> None:
        begin, end = self._part(data)
        part = data[begin:end]
        del data[begin:end]
        at = self._place(data)
        data[at:at] = part

    def _cut(self, data: bytearray) -> None:
        if self._random.random() < 0.3:
            del data[self._place(data) :]

    def _word(self, data: bytearray) -> None:
        word = self._random.choice(self._words)
        at = self._place(data)
        data[at : at + len(word) if self._random.random() < 0.5 else at] = word
