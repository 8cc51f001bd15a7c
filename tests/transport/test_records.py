"""Bytes to records: what each kind holds, and every way to be too short or to lie."""

from __future__ import annotations

import pytest

from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Flag, Kind
from argtrace.transport import records
from argtrace.transport.records import CallRecord, ChunkRecord, FileRecord, Record, TaskRecord
from tests.support import record_writer as write

HOSTS = write.string(b"/etc/hosts")


def parsed(sample: bytes) -> CallRecord:
    parsed = records.parse(sample)
    assert isinstance(parsed, CallRecord)
    return parsed


def test_a_call_has_its_header_its_registers_and_its_bytes() -> None:
    sample = write.call(
        257, [-100, 0x7000, 0x80000, 0o644], HOSTS,
        result=-2, tid=11, tgid=10, start=5, time=1 << 63, flags=Flag.LATE, lost=7,
    )  # fmt: skip

    # pt_regs from r10 on: r10 r9 r8 rax rcx rdx rsi rdi.
    image = (0o644, 0, 0, 0, 0, 0x80000, 0x7000, (1 << 64) - 100)
    assert parsed(sample) == CallRecord(Flag.LATE, 7, 11, 10, 1 << 63, 5, -2, 257, image, sample)


TASKS = [
    pytest.param(
        write.fork(12, 13, tid=11, lost=3),
        TaskRecord(Kind.FORK, 3, 11, 11, write.TIME, b"\x0c\0\0\0\x0d\0\0\0" + bytes(16)),
        id="a fork has the ids of the child",
    ),
    pytest.param(
        write.exec(b"ls", tid=10, former=12),
        TaskRecord(Kind.EXEC, 0, 10, 10, write.TIME, b"\x0c\0\0\0\0\0\0\0ls" + bytes(14)),
        id="an exec has the id of the thread that asked, and the new name",
    ),
    pytest.param(
        write.rename(b"sixteen bytes lo"),
        TaskRecord(Kind.RENAME, 0, 100, 100, write.TIME, b"sixteen bytes lo"),
        id="a rename has the new name",
    ),
    pytest.param(
        write.signal(17, write.siginfo(17, 1, b"\x0c\0\0\0")),
        TaskRecord(
            Kind.SIGNAL, 0, 100, 100, write.TIME,
            b"\x11\0\0\0\1\0\0\0" b"\x11\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\x0c" + bytes(31),
        ),
        id="a signal has its number and siginfo",
    ),
    pytest.param(
        write.exit(3 << 8, time=9),
        TaskRecord(Kind.EXIT, 0, 100, 100, 9, b"\0\3\0\0\0\0\0\0"),
        id="an exit has the exit code",
    ),
    pytest.param(
        write.chosen(b"sh", 70_000_000, time=9),
        TaskRecord(Kind.CHOSEN, 0, 100, 100, 9, b"sh" + bytes(14) + (70_000_000).to_bytes(8, "little")),
        id="one who is chosen has a name, and when it began",
    ),
    pytest.param(
        write.taking(33, 5, 6, time=9),
        TaskRecord(Kind.TAKING, 0, 100, 100, 9, b"\x21" + bytes(7) + b"\5" + bytes(7) + b"\6" + bytes(7)),
        id="a call that takes descriptors has its number and two words",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sample", "expected"), TASKS)
def test_a_task_record_of_each_kind(sample: bytes, expected: Record) -> None:
    assert records.parse(sample) == expected
    assert records.parse(sample + b"rest") == expected


def test_the_cases_have_every_kind_but_calls() -> None:
    others = {Kind.CALL, Kind.FILE, Kind.CHUNK, Kind.SETTING}
    assert {case.values[1].kind for case in TASKS} == set(Kind) - others  # type: ignore[union-attr]


WHOLE = [
    *TASKS,
    pytest.param(write.call(39), None, id="a call without arguments"),
    pytest.param(write.call(257, [-100, 0x7000], HOSTS), None, id="a call with a string"),
]


@pytest.mark.parametrize(("sample", "expected"), WHOLE)
def test_no_beginning_of_a_record_is_a_record(sample: bytes, expected: Record | None) -> None:
    for length in range(len(sample)):
        with pytest.raises(FormatError):
            records.parse(sample[:length])


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(write.call(39, size=record.ITEMS - 1), id="a size that ends in the registers"),
        pytest.param(write.call(39, size=0), id="a size of nothing"),
        pytest.param(write.call(39, size=record.ITEMS + 1), id="a size beyond the sample"),
        pytest.param(write.call(39, size=0xFFFF_FFFF), id="the largest size there is"),
        pytest.param(write.common(0) + bytes(200), id="no kind"),
        pytest.param(write.common(max(Kind) + 1) + bytes(200), id="the kind after the last"),
        pytest.param(write.common(0xFFFF) + bytes(8), id="an unknown kind in a short record"),
    ],
)
def test_a_record_that_contradicts_itself(sample: bytes) -> None:
    with pytest.raises(FormatError):
        records.parse(sample)


def test_items_are_found_by_number() -> None:
    call = parsed(write.call("rename", [0x7000, 0x7100], HOSTS, write.unread(14)))

    begin = record.payload_offset(2)
    assert call.item(0) == (begin, 11)
    assert call.raw[begin : begin + 11] == b"/etc/hosts\0"
    assert call.item(1) == (0, -14)


@pytest.mark.parametrize(
    ("at", "size", "partial"),
    [
        pytest.param(record.PARTIAL, 4, True, id="the beginning alone could be read"),
        pytest.param(record.PARTIAL, 0, True, id="not even its first byte"),
        pytest.param(0, 4, False, id="all of it"),
        pytest.param(record.PARTIAL, -14, False, id="nothing of it"),
    ],
)
def test_what_was_read_in_part(at: int, size: int, *, partial: bool) -> None:
    begin = record.payload_offset(1)
    call = parsed(write.call("open", [0x7000], write.item(at | begin, size), payload=b"four"))

    assert call.item(0) == (begin, size)
    assert call.partial(0) == partial


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        pytest.param(
            write.chunk(3, 1 << 40, b"more", lost=2),
            ChunkRecord(2, 100, write.START, 3, 1 << 40, b"more"),
            id="bytes from an offset on",
        ),
        pytest.param(
            write.chunk(0, 32, b"more, and what the ring had there before", size=4),
            ChunkRecord(0, 100, write.START, 0, 32, b"more"),
            id="its size counts, not that of the sample",
        ),
        pytest.param(
            write.chunk(0, 32, b"", size=-14),
            ChunkRecord(0, 100, write.START, 0, 32, b""),
            id="bytes that could not be read",
        ),
        pytest.param(
            write.file("openat", 5, b"hosts\0etc\0"),
            FileRecord(0, 100, write.TIME - 1, 257, 5, write.file("openat", 5, b"hosts\0etc\0")),
            id="what a descriptor is",
        ),
    ],
)
def test_records_beside_those_of_calls(sample: bytes, expected: Record) -> None:
    assert records.parse(sample) == expected


@pytest.mark.parametrize(
    "sample",
    [
        pytest.param(write.chunk(0, 0, b"four", size=5), id="a byte more than there is"),
        pytest.param(write.chunk(0, 0, b"four", size=0x7FFF_FFFF), id="the longest size"),
        pytest.param(write.chunk(0, 0, b"")[:-1], id="no whole head of a chunk"),
        pytest.param(write.file("openat", 5)[: record.FILE_NAMES - 1], id="no whole head of a file"),
    ],
)
def test_records_that_are_too_short(sample: bytes) -> None:
    with pytest.raises(FormatError):
        records.parse(sample)


OUTSIDE = [
    pytest.param([write.item(record.payload_offset(1), 5)], 0, id="one byte more than there is"),
    pytest.param([write.item(0xFFFF_FFFF, 1)], 0, id="the last byte of 4 GiB"),
    pytest.param([write.item(0, 0x7FFF_FFFF)], 0, id="the longest size there is"),
    pytest.param([], 1, id="an item that would be behind the end"),
    pytest.param([], 0, id="an item that is half there"),
]


@pytest.mark.parametrize(("items", "number"), OUTSIDE)
def test_an_item_that_points_outside(items: list[write.Fetched], number: int) -> None:
    call = parsed(write.call("open", [0x7000], *items, payload=b"four", bare=True))

    with pytest.raises(FormatError):
        call.item(number)


def test_an_item_may_reach_the_very_end() -> None:
    begin = record.payload_offset(1)
    call = parsed(write.call("open", [0x7000], write.item(begin, 4), payload=b"four"))

    assert call.item(0) == (begin, 4)


def test_a_slot_that_is_longer_than_its_record_is_read() -> None:
    # At the end of a trace, what a pending call has is read from its task's slot.
    sample = write.call("open", [0x7000], HOSTS)

    assert parsed(sample + bytes(4096)).item(0) == parsed(sample).item(0)


def test_a_list_that_says_it_went_before_and_has_no_room_to_say_how_much_is_none() -> None:
    sample = write.call("getppid", [], write.item(112 | record.PARTIAL, 3), bare=True)

    with pytest.raises(FormatError, match="sent before"):
        parsed(sample).sent_before(0)


def test_an_item_that_is_not_there_is_not_partial_either() -> None:
    with pytest.raises(FormatError, match="item 3"):
        parsed(write.call("getppid", [], bare=True)).partial(3)
