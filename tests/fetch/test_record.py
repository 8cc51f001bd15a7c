"""The layout of a record contradicts neither itself nor the kernel whose structures it holds."""

from __future__ import annotations

import struct

import pytest

from argtrace.fetch import record
from argtrace.fetch.layout import KEEP, LATE, SYS_EXIT
from argtrace.fetch.record import Flag, Kind, Phase
from argtrace.location import frames
from argtrace.transport import records
from tests.support.vmlinux import vmlinux


def _offsets(struct_: struct.Struct, begin: int) -> list[int]:
    """Where each value of a structure without padding begins."""
    offsets = []
    for code in struct_.format.lstrip("<"):
        offsets.append(begin)
        begin += struct.calcsize(f"<{code}")
    return offsets


def test_what_all_records_begin_with() -> None:
    names = [record.KIND, record.FLAGS, record.LOST, record.TID, record.TGID, record.TIME]

    assert _offsets(record.COMMON, 0) == names


def test_how_a_call_goes_on() -> None:
    names = [record.START, record.RESULT, record.NUMBER, record.SIZE]

    assert _offsets(record.CALL, record.COMMON.size) == names
    assert record.COMMON.size + record.CALL.size == record.IMAGE
    assert record.ITEMS == record.IMAGE + frames.IMAGE_SIZE
    assert record.payload_offset(3) == record.ITEMS + 3 * record.ITEM.size


def test_the_reader_takes_a_call_to_pieces_in_the_same_places() -> None:
    assert records._CALL.size == record.ITEMS
    sample = bytearray(record.ITEMS)
    numbers = {
        "H": {record.KIND: Kind.CALL, record.FLAGS: 2},
        "I": {record.LOST: 3, record.TID: 4, record.TGID: 5, record.NUMBER: 8, record.SIZE: record.ITEMS},
        "q": {record.TIME: 6, record.START: 7, record.RESULT: -9},
        "Q": {record.IMAGE + 8 * n: 100 + n for n in range(8)},
    }
    for code, values in numbers.items():
        for offset, value in values.items():
            struct.pack_into(f"<{code}", sample, offset, value)

    assert records.parse(bytes(sample)) == records.CallRecord(
        flags=2,
        lost=3,
        tid=4,
        tgid=5,
        time=6,
        start=7,
        result=-9,
        number=8,
        image=tuple(range(100, 108)),
        raw=bytes(sample),
    )


@pytest.mark.parametrize(
    ("kind", "size", "body"),
    [
        pytest.param(Kind.FORK, record.FORK_SIZE, record.FORK.size, id="fork"),
        pytest.param(Kind.EXEC, record.EXEC_SIZE, record.EXEC.size, id="exec"),
        pytest.param(Kind.RENAME, record.RENAME_SIZE, record.COMM_SIZE, id="rename"),
        pytest.param(Kind.SIGNAL, record.SIGNAL_SIZE, record.SIGNAL.size + record.SIGINFO_SIZE, id="signal"),
        pytest.param(Kind.EXIT, record.EXIT_SIZE, record.EXIT.size, id="exit"),
    ],
)
def test_the_size_of_an_event_is_that_of_its_parts(kind: Kind, size: int, body: int) -> None:
    assert size == record.COMMON.size + body
    assert records._BODY_SIZES[kind] == body


def test_each_event_has_a_size() -> None:
    with_a_layout_of_their_own = {Kind.CALL, Kind.FILE, Kind.CHUNK, Kind.SETTING}
    assert records._BODY_SIZES.keys() == set(Kind) - with_a_layout_of_their_own


def test_a_chunk_is_its_head_and_its_bytes() -> None:
    offsets = [record.CHUNK_ITEM, record.CHUNK_BYTES, record.CHUNK_OFFSET]

    assert record.COMMON.size == record.CHUNK_ITEM
    assert record.CHUNK_HEAD.size == record.CHUNK_DATA - record.CHUNK_ITEM
    assert [at - record.CHUNK_ITEM for at in offsets] == [0, struct.calcsize("<I"), struct.calcsize("<Ii")]


def test_programs_write_words_that_are_aligned() -> None:
    """The verifier does not ask it of map values, an atomic addition does, and it is cheaper."""
    words = [record.RECORD, record.START, record.RESULT, record.TIME, record.IMAGE, record.payload_offset(1)]

    assert [at % 8 for at in words] == [0] * len(words)


def test_what_stands_before_a_record_in_its_slot() -> None:
    numbers = [(record.PHASE, 2), (record.REST, 2), (record.INDEX, 4), (record.NEXT, 4), (record.HALF, 4)]
    places = [*numbers, (record.SIZES, 8)]

    ends = [begin + size for begin, size in places]
    assert all(end <= begin for end, (begin, _) in zip(ends, places[1:], strict=False))
    assert ends[-1] <= record.RECORD


def test_a_slot_of_zeros_is_idle() -> None:
    assert Phase(0) is Phase.IDLE


def test_flags_are_bits_of_their_own_in_sixteen() -> None:
    assert [flag.bit_count() for flag in Flag] == [1] * len(Flag)
    assert len({int(flag) for flag in Flag}) == len(Flag)
    assert max(Flag) < 1 << 16


def test_indexes_do_not_meet() -> None:
    ranges = [
        range(record.CALLS),
        range(record.COMPAT_BASE, record.COMPAT_BASE + record.CALLS),
        *([index] for index in (record.UNKNOWN, record.UNKNOWN_COMPAT, record.TASK_EVENTS)),
    ]
    indexes = [index for part in ranges for index in part]

    assert sorted(indexes) == list(range(record.INDEXES))


def test_the_places_in_exit_calls_that_are_no_calls() -> None:
    places = {LATE, KEEP, SYS_EXIT}

    assert len(places) == 3
    assert places <= set(range(2 * record.CALLS, record.INDEXES))


def test_this_kernels_siginfo_has_the_size_we_copy() -> None:
    types = vmlinux()
    (siginfo,) = types.ids_named("kernel_siginfo")

    assert types.size_of(siginfo) == record.SIGINFO_SIZE


def test_this_kernels_names_of_tasks_have_the_size_we_copy() -> None:
    comm = vmlinux().field("task_struct", "comm")

    assert vmlinux().size_of(comm.type) == record.COMM_SIZE
