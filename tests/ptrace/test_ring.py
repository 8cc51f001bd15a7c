"""Records go in and come out in order, whoever reads, and none is lost where there is no room."""

from __future__ import annotations

import mmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace import native
from argtrace.ptrace.ring import Records
from argtrace.transport.ring import Ring


@given(st.lists(st.one_of(st.binary(max_size=2000), st.none()), max_size=40))
def test_in_order_through_a_small_ring(script: list[bytes | None]) -> None:
    """None: somebody reads."""
    ring = Records(mmap.PAGESIZE)
    reader = Ring(*ring.pages)
    read: list[bytes] = []
    for sample in script:
        if sample is not None:
            ring.put(sample)
        else:
            read += reader.samples(3)
            ring.refill()
    while samples := list(reader.samples(100)):
        read += samples
        ring.refill()
    assert read == [sample for sample in script if sample is not None]
    reader.release()
    ring.close()


def test_the_native_walker_reads_it() -> None:
    walker = native.module("ring")
    if walker is None:
        pytest.skip("The native executor was not built.")
    ring = Records(mmap.PAGESIZE)
    samples = walker.Samples(*ring.pages)
    sent = [bytes([n]) * (n * 7) for n in range(1, 90)]
    read = []
    for sample in sent:
        ring.put(sample)
        if ring.half_full:
            read += samples.drain()
            ring.refill()
    read += samples.drain()
    assert read == sent
    samples.release()
    ring.close()


def test_one_that_can_never_fit_is_an_error() -> None:
    ring = Records(mmap.PAGESIZE)
    with pytest.raises(ValueError, match="in a ring of"):
        ring.put(bytes(mmap.PAGESIZE))
    ring.close()


def test_what_is_not_wanted_is_thrown_away() -> None:
    ring = Records(mmap.PAGESIZE)
    for _ in range(4):
        ring.put(bytes(1500))
    assert (ring.waiting, ring.half_full) == (True, True)
    ring.discard()
    assert (ring.waiting, ring.half_full) == (False, False)
    ring.put(b"next")
    reader = Ring(*ring.pages)
    assert list(reader.samples(10)) == [b"next"]
    reader.release()
    ring.close()
