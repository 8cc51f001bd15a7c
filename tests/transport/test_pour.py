"""Samples of several CPUs in one ring, in the order of time."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from argtrace.transport.perf import Sample
from argtrace.transport.pour import Poured

SIZE = 4096


@pytest.fixture
def poured() -> Iterator[Poured]:
    ring = Poured(SIZE)
    yield ring
    ring.close()


def read(poured: Poured) -> list[bytes]:
    return list(poured.ring.samples(1 << 20))


def test_the_order_is_that_of_time(poured: Poured) -> None:
    poured.pour([Sample(1, b"a"), Sample(4, b"d"), Sample(2, b"b"), Sample(3, b"c")], now=10)
    poured.pour([], now=11)

    assert read(poured) == [b"a", b"b", b"c", b"d"]


def test_what_may_have_something_before_it_waits(poured: Poured) -> None:
    """A CPU that was looked at before it had written is late by one look."""
    poured.pour([Sample(5, b"late"), Sample(1, b"first")], now=2)
    assert read(poured) == []
    poured.pour([Sample(3, b"second")], now=6)
    assert read(poured) == [b"first"]
    poured.pour([], now=7)
    assert read(poured) == [b"second", b"late"]
    assert poured.waiting == 0


def test_what_has_no_room_waits_for_it(poured: Poured) -> None:
    samples = [Sample(at, bytes([at]) * 1000) for at in range(10)]
    poured.pour(samples, now=100)
    poured.pour([], now=101)
    first = read(poured)
    assert 0 < len(first) < 10
    found = [*first]
    for now in range(102, 110):
        poured.pour([], now=now)
        found += read(poured)

    assert found == [sample.data for sample in samples]


def test_many_of_any_length_over_the_end_of_the_memory(poured: Poured) -> None:
    chance = random.Random(1)
    given, found = [], []
    for now in range(1, 400):
        samples = [Sample(now, chance.randbytes(chance.randrange(1, 300))) for _ in range(3)]
        given += [sample.data for sample in samples]
        poured.pour(samples, now=now)
        found += read(poured)
    for now in (500, 501):
        poured.pour([], now=now)
        found += read(poured)

    assert found == given
