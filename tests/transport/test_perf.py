"""perf's buffers, over memory of ours that is written as the kernel writes it."""

from __future__ import annotations

import struct

import pytest

from argtrace.errors import FormatError
from argtrace.transport.perf import HEAD, LOST, SAMPLE, TAIL, PerfRing, Sample

SIZE = 256


class Cpu:
    """What one CPU has written."""

    def __init__(self, at: int = 0) -> None:
        self.control = bytearray(4096)
        self.data = bytearray(SIZE)
        self.head = at
        self._set(TAIL, at)
        self._set(HEAD, at)
        self.ring = PerfRing(memoryview(self.control), memoryview(self.data))

    def write(self, kind: int, body: bytes, *, size: int | None = None) -> None:
        record = struct.pack("<IHH", kind, 0, 8 + len(body) if size is None else size) + body
        for byte in record:
            self.data[self.head % SIZE] = byte
            self.head += 1
        self._set(HEAD, self.head)

    def sample(self, time: int, data: bytes, *, size: int | None = None) -> None:
        """With the bytes that fill it up, as perf leaves them: whatever was there."""
        padded = -(-(len(data) + 4) // 8) * 8 - 4
        body = struct.pack("<QI", time, padded if size is None else size) + data
        self.write(SAMPLE, body + b"\xee" * (padded - len(data)))

    @property
    def tail(self) -> int:
        return int.from_bytes(self.control[TAIL : TAIL + 8], "little")

    def _set(self, at: int, value: int) -> None:
        self.control[at : at + 8] = value.to_bytes(8, "little")


@pytest.mark.parametrize("at", range(0, SIZE, 8))
def test_samples_wherever_the_end_of_the_memory_is(at: int) -> None:
    cpu = Cpu(at)
    cpu.sample(5, b"exactly twelve b")
    cpu.sample(7, b"odd")

    found = list(cpu.ring.samples())

    assert [(sample.time, sample.data[:3]) for sample in found] == [(5, b"exa"), (7, b"odd")]
    assert found[1].data == b"odd" + b"\xee"
    assert cpu.tail == cpu.head
    assert cpu.ring.pending() == 0


def test_what_had_no_room_is_counted_and_is_no_sample() -> None:
    cpu = Cpu()
    cpu.sample(1, b"before..")
    cpu.write(LOST, struct.pack("<QQ", 99, 1234))
    cpu.sample(2, b"after...")

    assert len(list(cpu.ring.samples())) == 2
    assert cpu.ring.lost == 1234


def test_records_of_another_kind_are_passed_over() -> None:
    cpu = Cpu()
    cpu.write(5, bytes(8))  # PERF_RECORD_THROTTLE
    cpu.sample(2, b"after...")

    assert [sample.time for sample in cpu.ring.samples()] == [2]


@pytest.mark.parametrize("size", [0, 7, 4096])
def test_a_size_that_cannot_be_is_an_error(size: int) -> None:
    cpu = Cpu()
    cpu.write(SAMPLE, bytes(16), size=size)

    with pytest.raises(FormatError):
        list(cpu.ring.samples())


def test_data_that_is_longer_than_its_record_is_an_error() -> None:
    cpu = Cpu()
    cpu.sample(1, b"four", size=400)

    with pytest.raises(FormatError):
        list(cpu.ring.samples())


def test_a_sample_too_short_for_its_head_is_an_error() -> None:
    cpu = Cpu()
    cpu.write(SAMPLE, bytes(8))

    with pytest.raises(FormatError):
        list(cpu.ring.samples())


def test_what_is_given_is_a_copy() -> None:
    cpu = Cpu()
    cpu.sample(1, b"mine....")
    (found,) = cpu.ring.samples()
    cpu.data[:] = bytes(SIZE)

    assert found.data.startswith(b"mine....")
    assert isinstance(found, Sample)
