"""Any samples as columns: both fill them alike, and they give all samples back."""

from __future__ import annotations

from argtrace import native
from argtrace.transport import columns
from tests.fuzz import samples
from tests.fuzz.target import Target
from tests.support.ring_writer import RingWriter


def check(data: bytes) -> None:
    module = native.module("columns")
    assert module is not None, "the native executor was not built"
    given = samples.split(data, most=40)
    expected = columns.columns(given)
    assert list(expected.samples()) == given
    ring = RingWriter(1 << 14, at=(1 << 14) - 40)
    made = columns.Columns()
    walker = module.Columns(ring.consumer, ring.producer, ring.data)
    for sample in given:
        ring.write(sample)
    while walker.drain(made):
        pass
    walker.release()
    assert made == expected


TARGET = Target("samples to columns by both (transport/columns.py, native/columns.pyx)", check, samples.seeds)
