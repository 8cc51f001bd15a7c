"""Columns lose nothing, and both executors fill them alike."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace import native
from argtrace.fetch import record
from argtrace.transport import columns
from tests.native import test_laws as laws
from tests.support import record_writer as write
from tests.support.ring_writer import RingWriter


def filled(samples: list[bytes], *, batch: int = 10**9) -> columns.Columns:
    """By the native executor, from rings of so many samples."""
    module = native.module("columns")
    assert module is not None
    made = columns.Columns()
    for begin in range(0, len(samples), batch):
        ring = RingWriter(1 << 16, at=(1 << 16) - 40)
        for sample in samples[begin : begin + batch]:
            ring.write(sample)
        walker = module.Columns(ring.consumer, ring.producer, ring.data)
        while walker.drain(made):
            pass
        walker.release()
    return made


@given(st.lists(st.one_of(laws.HONEST, laws.LYING, st.binary(max_size=150)), max_size=8), st.integers(1, 8))
def test_both_fill_them_alike_and_give_all_back(samples: list[bytes], batch: int) -> None:
    expected = columns.columns(samples)

    assert filled(samples, batch=batch) == expected
    assert list(expected.samples()) == samples


def test_a_column_is_numbers() -> None:
    samples = [write.call("getppid", [], result=value, tid=7) for value in (3, -4)] + [write.fork(8, tid=7)]

    made = filled(samples)

    assert len(made) == 2
    assert list(made.column("result")) == [3, -4]
    assert list(made.column("tid")) == [7, 7]
    assert list(made.column("number")) == [110, 110]
    assert made.others == [(2, samples[2])]


def test_a_call_of_another_size_than_it_says_is_kept_whole() -> None:
    sample = write.call("getppid", []) + b"more"

    assert filled([sample]).others == [(0, sample)]
    assert len(sample) > record.ITEMS


def test_no_such_column() -> None:
    with pytest.raises(KeyError):
        columns.Columns().column("comm")
