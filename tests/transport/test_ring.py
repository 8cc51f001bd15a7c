"""The ring's algebra: one case a rule, each at every offset the data can be wrapped at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from argtrace import native
from argtrace.errors import FormatError
from argtrace.transport.ring import Ring, fence_of_locks
from tests.support.ring_writer import RingWriter

SIZE = 256
HEADER = 8
ALL = 1000

# From the very first sample, over the end of the data, to where 32 bits do not hold the position.
OFFSETS = (*range(0, SIZE, 8), (1 << 32) - 16, (1 << 40) + SIZE - 8)


def everywhere() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("at", OFFSETS)


def rounded(sample: bytes) -> int:
    """The room a sample takes."""
    return HEADER + -(-len(sample) // 8) * 8


SAMPLES = [
    pytest.param([b""], id="a sample of no bytes"),
    pytest.param([b"1234567", b"12345678", b"123456789"], id="samples are padded to eight bytes"),
    pytest.param([bytes(range(SIZE - HEADER))], id="one sample fills the ring"),
    pytest.param([bytes([n]) * 20 for n in range(8)], id="eight samples fill the ring"),
]


@everywhere()
@pytest.mark.parametrize("samples", SAMPLES)
def test_samples_come_back_whole_and_in_order(samples: list[bytes], at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    for sample in samples:
        writer.write(sample)
    ring = writer.ring()

    assert list(ring.samples(ALL)) == samples
    assert (writer.consumed, ring.pending()) == (writer.produced, 0)


@everywhere()
def test_a_batch_ends_where_it_was_asked_to(at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    for sample in (b"one", b"two", b"three"):
        writer.write(sample)
    ring = writer.ring()

    assert list(ring.samples(2)) == [b"one", b"two"]
    assert ring.pending() == rounded(b"three")
    assert list(ring.samples(2)) == [b"three"]
    assert list(ring.samples(2)) == []


@everywhere()
def test_nothing_is_read_past_a_busy_sample_until_it_is_committed(at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    writer.write(b"before")
    busy = writer.produced
    writer.write(b"busy", busy=True)
    writer.write(b"after")
    ring = writer.ring()

    assert list(ring.samples(ALL)) == [b"before"]
    assert writer.consumed == busy
    assert list(ring.samples(ALL)) == []
    writer.commit(busy)
    assert list(ring.samples(ALL)) == [b"busy", b"after"]


@everywhere()
def test_a_discarded_sample_is_skipped_and_its_room_given_back(at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    for sample, discard in ((b"unwanted", True), (b"wanted", False), (b"unwanted too", True)):
        writer.write(sample, discard=discard)
    ring = writer.ring()

    assert list(ring.samples(ALL)) == [b"wanted"]
    assert ring.pending() == 0


@everywhere()
def test_a_discarded_sample_counts_in_a_batch(at: int) -> None:
    # Or a ring full of discarded samples would keep one call busy for long.
    writer = RingWriter(SIZE, at=at)
    writer.write(b"unwanted", discard=True)
    writer.write(b"wanted")

    assert list(writer.ring().samples(1)) == []
    assert writer.consumed == at + rounded(b"unwanted")


LIES = [
    pytest.param(lambda writer: writer.write(b"", length=1), id="longer than what was written"),
    pytest.param(lambda writer: writer.write(b"x" * 8, length=9), id="one byte more than its room"),
    pytest.param(lambda writer: writer.write(b"", length=SIZE - HEADER), id="as long as all of the data"),
    pytest.param(lambda writer: writer.write(b"", length=SIZE), id="longer than the data"),
    pytest.param(lambda writer: writer.write(b"", length=(1 << 30) - 1), id="the longest there is"),
    pytest.param(lambda writer: writer.write(b"", length=SIZE, discard=True), id="discarded, and too long"),
]


@everywhere()
@pytest.mark.parametrize("lie", LIES)
def test_a_length_that_does_not_fit(lie: Callable[[RingWriter], None], at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    writer.write(b"honest")
    liar = writer.produced
    lie(writer)
    ring = writer.ring()

    assert list(ring.samples(ALL)) == [b"honest"]  # which is not lost with it
    with pytest.raises(FormatError) as caught:
        list(ring.samples(ALL))
    assert (caught.value.source, caught.value.offset) == ("ring buffer", liar)
    assert writer.consumed == liar  # what was read is given back, the lie is not


def test_a_sample_longer_than_the_data_is_a_lie_though_the_producer_says_so_too() -> None:
    writer = RingWriter(SIZE)
    writer.write(b"x" * SIZE)

    with pytest.raises(FormatError):
        list(writer.ring().samples(ALL))


@everywhere()
def test_a_consumer_that_stops_early_has_given_back_what_it_took(at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    for sample in (b"one", b"two", b"three"):
        writer.write(sample)
    ring = writer.ring()

    for sample in ring.samples(ALL):
        if sample == b"two":
            break

    assert writer.consumed == at + rounded(b"one") + rounded(b"two")
    assert list(ring.samples(ALL)) == [b"three"]


def consume(ring: Ring) -> None:
    for sample in ring.samples(ALL):
        assert len(sample) // 0


def test_a_consumer_that_raises_has_given_back_what_it_took() -> None:
    writer = RingWriter(SIZE)
    writer.write(b"one")
    writer.write(b"two")
    ring = writer.ring()

    with pytest.raises(ZeroDivisionError):
        consume(ring)

    assert list(ring.samples(ALL)) == [b"two"]


def test_a_sample_is_a_copy() -> None:
    writer = RingWriter(SIZE)
    writer.write(b"sample")

    (sample,) = writer.ring().samples(ALL)
    writer.data[:] = bytes(SIZE)

    assert sample == b"sample"


def test_what_is_written_meanwhile_waits_for_the_next_batch() -> None:
    writer = RingWriter(SIZE)
    writer.write(b"one")
    ring = writer.ring()
    samples = ring.samples(ALL)

    assert next(samples) == b"one"
    writer.write(b"two")
    assert list(samples) == []
    assert list(ring.samples(ALL)) == [b"two"]


def test_a_released_ring_holds_no_memory() -> None:
    memory = bytearray(SIZE)
    writer = RingWriter(SIZE)
    writer.data.release()
    writer.data = memoryview(memory)
    ring = writer.ring()

    ring.release()
    writer.data.release()

    memory.append(0)  # BufferError while anybody looks at it


def test_where_loads_may_overtake_each_other_a_fence_stands_between_them() -> None:
    """Behind the positions, behind each header, and before the room is given back."""
    writer = RingWriter()
    for sample in (b"one", b"two"):
        writer.write(sample)
    given_back: list[int] = []
    ring = Ring(
        writer.consumer, writer.producer, writer.data, fence=lambda: given_back.append(writer.consumed)
    )

    assert list(ring.samples(10)) == [b"one", b"two"]
    assert given_back == [0, 0, 0, 0]
    assert writer.consumed == writer.produced


def test_the_fence_that_is_made_of_locks_can_be_passed_again_and_again() -> None:
    made = fence_of_locks()
    for _ in range(3):
        made()


@everywhere()
def test_what_comes_before_a_length_that_lies_is_given_first(at: int) -> None:
    writer = RingWriter(SIZE, at=at)
    writer.write(b"true")
    lie = writer.produced
    writer.write(b"false", length=1 << 20)
    module = native.module("ring")
    assert module is not None
    walkers: list[Callable[[], list[bytes]]] = [lambda: list(writer.ring().samples(ALL))]
    walkers.append(module.Samples(writer.consumer, writer.producer, writer.data).drain)

    for drain in walkers:
        writer.consumer[:] = at.to_bytes(8, "little")
        assert drain() == [b"true"]
        assert writer.consumed == lie
        with pytest.raises(FormatError):
            drain()
