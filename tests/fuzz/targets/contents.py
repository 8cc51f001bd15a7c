"""Any memory of any argument by its declaration, any word of any number: a value, that can be written."""

from __future__ import annotations

from random import Random

from argtrace.signature.model import Int
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.fuzz.targets.decoders import scope
from tests.laws import test_decoders_law as laws


def check(data: bytes) -> None:
    given = Choices(data)
    around = scope(given)
    declared, leaf = given.pick(laws.DECLARED), given.pick(laws.LEAVES)
    size = given.pick((1, 2, 4, 8))
    word = given.word()
    value = around.leaf(leaf[1], word, Int("", size, signed=bool(given.byte() & 1)))
    laws.check(value)
    laws.holds_for_each([declared], given.rest(), around)


def seeds() -> list[bytes]:
    random = Random(1)
    return [random.randbytes(20) + bytes(range(at % 7, 80)) for at in range(300)]


TARGET = Target("memory and words of every argument (decode/contents.py, numbers.py)", check, seeds)
