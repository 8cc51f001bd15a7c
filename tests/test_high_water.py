"""When a guard looks, and when a ring is too full."""

from __future__ import annotations

import pytest

from argtrace.guard_protocol import LEAST_RING
from argtrace.high_water import Marks, Pace

MIB = 1 << 20


@pytest.mark.parametrize("size", [LEAST_RING, 4 * MIB, 64 * MIB, 1 << 30])
def test_half_of_a_ring_is_kept_free_at_least(size: int) -> None:
    marks = Marks.of(size)

    assert 0 < marks.low < marks.high <= size // 2


def test_nobody_sleeps_longer_than_the_fastest_writers_take() -> None:
    marks = Marks.of(64 * MIB)
    pace = Pace(marks)

    assert pace.next(0, MIB, frozen=False).seconds <= (marks.high - MIB) / 1e9
    assert pace.next(0, marks.high - 1, frozen=False).seconds == marks.step


def test_while_nobody_writes_looks_become_rare() -> None:
    pace = Pace(Marks.of(64 * MIB))
    naps = [pace.next(100, 100, frozen=False).seconds for _ in range(10)]

    assert naps == sorted(naps)
    assert naps[-1] == 0.25
    assert pace.next(100, 101, frozen=False).seconds < 0.05, "somebody writes again"


def test_a_ring_that_is_nearly_full_does_not_wake_us_with_each_record() -> None:
    pace = Pace(Marks.of(64 * MIB))

    assert pace.next(0, 15 * MIB, frozen=False).listening
    assert not pace.next(0, 17 * MIB, frozen=False).listening
    assert Pace(Marks.of(LEAST_RING)).next(0, LEAST_RING // 8 - 1, frozen=False).listening, "a small one must"


def test_a_reader_that_stands_still_is_looked_at_less_often() -> None:
    marks = Marks.of(64 * MIB)
    pace = Pace(marks)
    naps = [pace.next(5, 40 * MIB, frozen=True).seconds for _ in range(2000)]

    assert naps[0] == marks.step
    assert naps[-1] == 0.02
    assert pace.next(6, 40 * MIB, frozen=True).seconds == marks.step
