"""True records of any call, and some that lie: both executors write the same of them.

An input is a list of decisions (`choices.py`): which call, its words, what was fetched, what of that is
a lie. So nearly every input gets past the checks of lengths, which those of `lines` seldom do.
"""

from __future__ import annotations

import functools
import itertools
from random import Random

from tests.fuzz import samples
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.fuzz.targets.lines import same
from tests.laws import test_decode_law as laws
from tests.support import record_writer as write

every_plan = functools.cache(laws.every_plan)


def check(data: bytes) -> None:
    given = Choices(data)
    kind = given.byte()
    made: list[bytes] = []
    while given.left and len(made) < 6:
        made.append(_sample(given))
    same(made, kind)


def _sample(given: Choices) -> bytes:
    number, count, chosen = given.pick(every_plan())
    words = [given.word() for _ in range(given.byte() % 7)]
    fetched = list(itertools.islice(_fetched(given), min(count, 16)))
    marks = given.byte()
    start = 1_000_000 + given.short()
    return write.call(
        number,
        chosen + words[len(chosen) :],
        *fetched,
        result=given.signed() if marks & 1 else given.byte() - (marks & 2) * 64,
        start=start if marks & 4 else 0 if marks & 8 else start,
        time=start + given.short() if marks & 16 else given.word(),
        flags=given.byte() % 8 if marks & 32 else 0,
        lost=given.byte() % 3 if marks & 64 else 0,
        payload=given.block() if marks & 128 else b"",
        tid=100 + given.byte() % 3,
    )


def _fetched(given: Choices) -> itertools.chain[write.Fetched]:
    def one() -> write.Fetched:
        match given.byte() % 12:
            case 0:
                return write.SKIPPED
            case 1:
                return write.unread(14)
            case 2:
                return write.item(given.short(), given.signed() % (1 << 31) - given.byte())
            case 3:
                return write.item(112 + given.short() % 700, given.byte())
            case 4 | 5 | 6:
                return write.string(given.block(), samples.LIMIT)
            case _:
                data = given.block(2048)
                return write.Fetched(((0, len(data)),), data)

    return itertools.chain.from_iterable([one()] for _ in itertools.count())


def seeds() -> list[bytes]:
    random = Random(1)
    return [bytes([kind % 3]) + random.randbytes(20 + kind) for kind in range(200)]


TARGET = Target("records of any call, true and false, by both executors (native/lines.pyx)", check, seeds)
