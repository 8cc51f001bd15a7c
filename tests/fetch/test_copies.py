"""What the copies of a plan put into the record: never more than there is room, never what was not there.

The generated programs are run on a machine of our own.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

import pytest

from argtrace.fetch import record
from argtrace.fetch.derive import CHUNKS
from argtrace.fetch.functions import PAGE
from argtrace.fetch.limits import Limits
from argtrace.signature.meaning import (
    INT,
    RESULT,
    SIZE,
    Array,
    At,
    Before,
    Bytes,
    Cell,
    Choice,
    Declaration,
    Encoded,
    In,
    InOut,
    Least,
    On,
    Out,
    Path,
    Raw,
    Scaled,
    Share,
    String,
    To,
    call,
    struct,
)
from argtrace.signature.meaning import Size as Amount
from argtrace.transport.records import CallRecord
from tests.support.generated import of_plans
from tests.support.machine import Machine
from tests.support.steps import planned

NUMBER = 0
LIMIT = 16
LIMITS = Limits(strings=LIMIT, buffers=LIMIT, elements=4, tables=LIMIT, followed=2)
WHOLE = Limits(strings=LIMIT, buffers=LIMIT, followed=2, whole=True)
ONE, TWO, THREE = 0x10000, 0x20000, 0x30000
LETTERS = b"abcdefghijklmnopqrstuvwxyz"
END = ONE + PAGE  # of the page: nothing is there

SKIPPED, EFAULT = record.SKIPPED, -errno.EFAULT


def machine(declaration: Declaration, limits: Limits = LIMITS) -> Machine:
    made = Machine(of_plans(planned(declaration, limits=limits)))
    made.track(10)
    return made


def traced(
    declaration: Declaration,
    *arguments: int,
    memory: Mapping[int, bytes],
    later: Mapping[int, bytes] | None = None,
    result: int = 0,
    limits: Limits = LIMITS,
) -> CallRecord:
    """The record of a call. `later`: memory that is there when it returns."""
    made = machine(declaration, limits)
    for address, data in memory.items():
        made.user.place(data, at=address)
    regs = made.enter(NUMBER, *arguments)
    for address, data in (later or {}).items():
        made.user.place(data, at=address)
    made.leave(regs, result)
    (found,) = made.calls()
    return found


def item(found: CallRecord, number: int) -> bytes | int:
    """Its bytes, or why there are none."""
    at, size = found.item(number)
    return size if size < 0 else found.raw[at : at + size]


def word(*numbers: int, size: int = 8) -> bytes:
    return b"".join(number.to_bytes(size, "little") for number in numbers)


# How much.


@pytest.mark.parametrize(
    ("size", "n", "result", "copied"),
    [
        pytest.param("n", 0, 0, 0, id="nothing"),
        pytest.param("n", 3, 0, 3, id="less than there is room"),
        pytest.param("n", LIMIT, 0, LIMIT, id="as much"),
        pytest.param("n", LIMIT + 1, 0, LIMIT, id="more"),
        pytest.param("n", (1 << 64) - 1, 0, LIMIT, id="the largest number"),
        pytest.param("n", -1, 0, LIMIT, id="one below zero, which is no less"),
        pytest.param(RESULT, 0, 5, 5, id="the result"),
        pytest.param(RESULT, 0, (1 << 63) - 1, LIMIT, id="the largest result"),
        pytest.param(Least(RESULT, "n"), 9, 5, 5, id="less came than there was room"),
        pytest.param(Least(RESULT, "n"), 5, 9, 5, id="the result says more than there was room"),
        pytest.param(Least(RESULT, "n", 7), 9, 9, 7, id="a constant is the least"),
        pytest.param(Scaled("n", by=4), 3, 0, 12, id="words"),
        pytest.param(Scaled("n", by=4), 5, 0, LIMIT, id="more words"),
        pytest.param(Scaled("n", by=4), 1 << 62, 0, LIMIT, id="words that would come round to none"),
        pytest.param(Scaled("n", by=4), (1 << 62) + 1, 0, LIMIT, id="words that would come round to one"),
        pytest.param(Scaled("n", add=63, shift=6, by=8), 65, 0, 16, id="bits, rounded up"),
        pytest.param(Scaled("n", add=63, shift=6, by=8), 0, 0, 0, id="no bits"),
        pytest.param(Encoded("n", reads=True), 2 << 30 | 5 << 16 | 0x1234, 0, 5, id="a command that reads"),
        pytest.param(Encoded("n", reads=True), 1 << 30 | 5 << 16, 0, 0, id="one that writes only"),
        pytest.param(Encoded("n", reads=False), 1 << 30 | 5 << 16, 0, 5, id="of which that is asked"),
        pytest.param(Encoded("n", reads=True), 3 << 30 | 0x3FFF << 16, 0, LIMIT, id="the most it can say"),
    ],
)
def test_sizes(size: Amount, n: int, result: int, copied: int) -> None:
    found = traced(call(p=Out(Bytes(size)), n=SIZE), ONE, n, memory={ONE: LETTERS}, result=result)

    assert item(found, 0) == LETTERS[:copied]
    assert len(found.raw) == record.payload_offset(1) + copied


@pytest.mark.parametrize("size", [1, 8, 512, 520])
def test_a_constant_size(size: int) -> None:
    data = bytes(range(256)) * 3
    declaration = call(a=InOut(Raw("x", size, limit=4096)))
    found = traced(declaration, ONE, memory={ONE: data}, limits=Limits())

    assert [item(found, 0), item(found, 1)] == [data[:size]] * 2


def test_the_size_that_a_choice_brings() -> None:
    declaration = call(
        cmd=INT, p=Choice("cmd", "", {"1": In(Raw("x", 3)), "2": In(Raw("x", 5)), "3": In(Path())})
    )

    for command, copied in ((1, b"abc"), (2, b"abcde"), (3, LETTERS[:LIMIT] + b"q\0")):
        found = traced(declaration, command, ONE, memory={ONE: LETTERS + b"\0"})
        assert item(found, 0) == copied
    assert len(traced(declaration, 4, ONE, memory={ONE: LETTERS}).raw) == record.ITEMS


# What is not there.


@pytest.mark.parametrize(
    ("content", "arguments"),
    [
        pytest.param(Bytes("n"), 3, id="a buffer"),
        pytest.param(Path(), 0, id="a path"),
        pytest.param(Cell("int"), 0, id="a number"),
    ],
)
@pytest.mark.parametrize(("address", "why"), [(0, SKIPPED), (ONE, EFAULT)], ids=["null", "unreadable"])
def test_nothing_is_there(content: Bytes | Path | Cell, arguments: int, address: int, why: int) -> None:
    found = traced(call(p=In(content), n=SIZE), address, arguments, memory={})

    assert item(found, 0) == why


def test_what_was_not_there_at_entry_is_read_when_the_call_returns() -> None:
    declaration = call(p=In(Bytes("n")), n=SIZE, q=In(Bytes("n")))
    found = traced(declaration, ONE, 3, TWO, memory={TWO: b"two"}, later={ONE: b"one"})

    assert [item(found, 0), item(found, 1)] == [b"one", b"two"]


@pytest.mark.parametrize(
    "there",
    [
        pytest.param({}, id="nothing at entry"),
        pytest.param({ONE: b"one"}, id="the first"),
        pytest.param({TWO: b"two"}, id="the second"),
        pytest.param({THREE: b"3rd"}, id="the last"),
    ],
)
def test_a_block_is_read_again_where_there_was_room_for_it(there: dict[int, bytes]) -> None:
    declaration = call(p=In(Bytes("n")), n=SIZE, q=In(Bytes("n")), r=In(Bytes("n")))
    later = {ONE: b"one", TWO: b"two", THREE: b"3rd"}
    found = traced(declaration, ONE, 3, TWO, THREE, memory=there, later=later)

    assert [item(found, at) for at in range(3)] == [b"one", b"two", b"3rd"]
    assert len(found.raw) == record.payload_offset(3) + 9


def test_a_copy_that_failed_leaves_nothing_of_another_call() -> None:
    made = machine(call(p=In(Bytes("n")), n=SIZE))
    made.user.place(LETTERS, at=ONE)
    made.call(NUMBER, ONE, 16)
    made.call(NUMBER, TWO, 16)

    first, second = made.calls()
    assert (item(first, 0), item(second, 0)) == (LETTERS[:16], EFAULT)
    assert LETTERS[:16] not in second.raw


@pytest.mark.parametrize(
    ("on", "result", "there"),
    [
        pytest.param(On.SUCCESS, 0, True, id="0 is a success"),
        pytest.param(On.SUCCESS, -1, False, id="-1 is none"),
        pytest.param(On.POSITIVE, 0, False, id="0 is not positive"),
        pytest.param(On.POSITIVE, 1, True, id="1 is"),
        pytest.param(On.ALWAYS, -errno.ENOENT, True, id="whatever it is"),
        pytest.param(On.INTERRUPTED, -errno.EINTR, True, id="by a signal"),
        pytest.param(On.INTERRUPTED, -516, True, id="and called again"),
        pytest.param(On.INTERRUPTED, -515, False, id="by something else"),
        pytest.param(On.INTERRUPTED, 0, False, id="not at all"),
    ],
)
def test_after_which_results(on: On, result: int, *, there: bool) -> None:
    found = traced(call(p=Out(Cell("int"), on=on)), ONE, memory={ONE: LETTERS}, result=result)

    assert item(found, 0) == (LETTERS[:4] if there else SKIPPED)


# What is there in part: as far as its page goes, and marked.

PARTLY = [
    pytest.param(call(p=In(Bytes("n")), n=SIZE), id="a buffer"),
    pytest.param(call(p=Out(Bytes("n")), n=SIZE), id="a buffer that comes back"),
    pytest.param(call(p=In(struct("timespec")), n=SIZE), id="a structure"),
    pytest.param(call(p=In(struct("iovec", iov_base=To(Path()))), n=SIZE), id="a structure that is followed"),
    pytest.param(call(p=In(Array(Cell("int"), "n")), n=SIZE), id="an array"),
    pytest.param(call(p=In(Path()), n=SIZE), id="a path"),
    pytest.param(call(p=Out(String()), n=SIZE), id="a string that comes back"),
]


@pytest.mark.parametrize("declaration", PARTLY)
def test_what_is_there_up_to_the_end_of_its_page(declaration: Declaration) -> None:
    found = traced(declaration, END - 4, 12, memory={END - 4: b"abcd"})

    assert item(found, 0) == b"abcd"
    assert found.partial(0)


@pytest.mark.parametrize("declaration", PARTLY)
def test_what_ends_with_its_page_is_whole(declaration: Declaration) -> None:
    found = traced(declaration, END - 16, 4, memory={END - 16: LETTERS[:15] + b"\0"})

    assert item(found, 0) in (LETTERS[:4], LETTERS[:15] + b"\0")
    assert not found.partial(0)


def test_what_begins_with_a_page_that_is_not_there_is_not_there() -> None:
    assert item(traced(call(p=In(Bytes("n")), n=SIZE), END, 12, memory={END - 4: b"abcd"}), 0) == EFAULT


def test_a_copy_behind_one_in_part_follows_it() -> None:
    declaration = call(p=In(Bytes("n")), n=SIZE, q=In(Path()), r=Out(Bytes("n")))
    memory = {END - 4: b"abcd", TWO: b"name\0", THREE: LETTERS}
    found = traced(declaration, END - 4, 6, TWO, THREE, memory=memory)

    assert [item(found, at) for at in range(3)] == [b"abcd", b"name\0", b"abcdef"]
    assert [found.partial(at) for at in range(3)] == [True, False, False]


# Numbers in memory.

GETSOCKNAME = call(p=Out(Raw("x", Least(Before(At("len")), At("len")), LIMIT)), len=InOut(Cell("int")))


@pytest.mark.parametrize(
    ("before", "after", "copied"),
    [
        pytest.param(12, 5, 5, id="less than there was room"),
        pytest.param(5, 12, 5, id="more than there was room"),
        pytest.param(0, 12, 0, id="no room"),
        pytest.param((1 << 32) - 1, (1 << 32) - 1, LIMIT, id="the largest number"),
    ],
)
def test_a_length_that_the_call_changes(before: int, after: int, copied: int) -> None:
    made = machine(GETSOCKNAME)
    made.user.place(LETTERS, at=ONE)
    made.user.place(word(before, size=4), at=TWO)
    regs = made.enter(NUMBER, ONE, TWO)
    made.user.forget(TWO)
    made.user.place(word(after, size=4), at=TWO)
    made.leave(regs, 0)
    (found,) = made.calls()

    lengths = [word(before, size=4), word(after, size=4)]
    assert [item(found, at) for at in range(3)] == [*lengths, LETTERS[:copied]]


def test_a_length_that_is_not_there() -> None:
    found = traced(GETSOCKNAME, ONE, TWO, memory={ONE: LETTERS})

    assert [item(found, at) for at in range(3)] == [EFAULT, EFAULT, SKIPPED]


# Pointers inside.

IOVEC = struct("iovec", iov_base=To(Bytes("iov_len")))
WRITEV = call(p=In(Array(IOVEC, "n")), n=SIZE)


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [
        pytest.param(0, 0, [SKIPPED, SKIPPED], id="none"),
        pytest.param(1, 16, [b"abc", SKIPPED], id="one"),
        pytest.param(2, 32, [b"abc", b"ab"], id="two"),
        pytest.param(3, 32, [b"abc", b"ab"], id="more than are followed"),
        pytest.param(1 << 60, 32, [b"abc", b"ab"], id="as many as would come round to none"),
    ],
)
def test_elements(count: int, size: int, expected: list[bytes | int]) -> None:
    array = word(TWO, 3, THREE, 2, TWO, 9)
    found = traced(WRITEV, ONE, count, memory={ONE: array, TWO: LETTERS, THREE: LETTERS})

    assert item(found, 0) == array[:size]
    assert [item(found, 1), item(found, 2)] == expected


@pytest.mark.parametrize(
    ("address", "length", "expected"),
    [
        pytest.param(0, 3, SKIPPED, id="null"),
        pytest.param(0xDEAD_0000, 3, EFAULT, id="unreadable"),
        pytest.param(TWO, 0, b"", id="empty"),
        pytest.param(TWO, 1 << 63, LETTERS[:LIMIT], id="longer than memory"),
    ],
)
def test_a_pointer_inside(address: int, length: int, expected: bytes | int) -> None:
    found = traced(call(p=In(IOVEC)), ONE, memory={ONE: word(address, length), TWO: LETTERS})

    assert item(found, 1) == expected


def test_a_structure_that_is_not_there_is_not_followed() -> None:
    made = machine(call(p=In(IOVEC)))
    made.user.place(word(TWO, 3), at=ONE)
    made.user.place(LETTERS, at=TWO)
    made.call(NUMBER, ONE)
    made.call(NUMBER, THREE)

    first, second = made.calls()
    assert [item(first, 0), item(first, 1)] == [word(TWO, 3), b"abc"]
    assert [item(second, 0), item(second, 1)] == [EFAULT, SKIPPED]


def test_of_a_structure_in_part_what_is_there_is_followed() -> None:
    inside = struct("clone_args", size_="n", pidfd=To(Cell("int")), set_tid=To(Cell("int")))
    arguments = word(0, TWO, *[THREE] * 9)
    memory = {ONE: arguments, TWO: LETTERS, THREE: LETTERS}
    found = traced(call(p=In(inside), n=SIZE), ONE, 16, memory=memory)

    assert [item(found, at) for at in range(3)] == [arguments[:16], b"abcd", SKIPPED]


READV = call(p=Out(Array(struct("iovec", iov_base=To(Bytes(Share("iov_len", RESULT)))), "n")), n=SIZE)


@pytest.mark.parametrize(
    ("result", "shares"),
    [
        pytest.param(0, [b"", b""], id="nothing"),
        pytest.param(2, [b"ab", b""], id="not even the first"),
        pytest.param(3, [b"abc", b""], id="the first"),
        pytest.param(5, [b"abc", b"ab"], id="the first, and some of the second"),
        pytest.param(99, [b"abc", b"abcd"], id="more than they hold"),
        pytest.param(-errno.EAGAIN, [SKIPPED, SKIPPED], id="an error"),
    ],
)
def test_buffers_that_are_filled_in_order(result: int, shares: list[bytes | int]) -> None:
    memory = {ONE: word(TWO, 3, THREE, 4), TWO: LETTERS, THREE: LETTERS}
    found = traced(READV, ONE, 2, memory=memory, result=result)

    assert [item(found, 1), item(found, 2)] == shares


def test_a_buffer_that_cannot_be_read_has_its_share_all_the_same() -> None:
    memory = {ONE: word(0xDEAD_0000, 3, THREE, 4), THREE: LETTERS}
    found = traced(READV, ONE, 2, memory=memory, result=5)

    assert [item(found, 1), item(found, 2)] == [EFAULT, b"ab"]


# Buffers that are wanted whole.

WRITE = call(p=In(Bytes("n")), n=SIZE)
READ = call(p=Out(Bytes(Least(RESULT, "n"))), n=SIZE)


def data_of(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


@pytest.mark.parametrize(
    "length",
    [
        pytest.param(LIMIT, id="no more than fits the record"),
        pytest.param(LIMIT + 1, id="a byte more"),
        pytest.param(LIMIT + record.CHUNK, id="a chunk more"),
        pytest.param(LIMIT + record.CHUNK + 1, id="a chunk and a byte"),
        pytest.param(LIMIT + record.CHUNK * 3 + 7, id="four chunks"),
    ],
)
@pytest.mark.parametrize("declaration", [WRITE, READ], ids=["write", "read"])
def test_a_buffer_comes_whole(declaration: Declaration, length: int) -> None:
    data = data_of(length)
    made = machine(declaration, WHOLE)
    made.user.place(data, at=ONE)
    regs = made.enter(NUMBER, ONE, length)
    made.now += 1000
    made.leave(regs, length)
    (found,) = made.calls()
    chunks = made.chunks()

    assert item(found, 0) == data[:LIMIT]
    assert b"".join(chunk.data for chunk in chunks) == data[LIMIT:]
    assert [chunk.offset for chunk in chunks] == [*range(LIMIT, length, record.CHUNK)]
    assert {(chunk.item, chunk.tid, chunk.time) for chunk in chunks} <= {(0, 10, found.start)}


@pytest.mark.newest
def test_there_is_an_end_to_chunks() -> None:
    made = machine(WRITE, WHOLE)
    length = LIMIT + record.CHUNK * (CHUNKS + 2)
    made.user.place(bytes(length), at=ONE)
    made.call(NUMBER, ONE, length)

    assert len(made.chunks()) == CHUNKS
    assert all(len(chunk.data) == record.CHUNK for chunk in made.chunks())


def test_a_chunk_that_cannot_be_read_says_so() -> None:
    made = machine(WRITE, WHOLE)
    made.user.place(data_of(LIMIT + record.CHUNK), at=ONE)
    made.call(NUMBER, ONE, LIMIT + record.CHUNK + 5)

    assert [(chunk.offset, len(chunk.data)) for chunk in made.chunks()] == [
        (LIMIT, record.CHUNK),
        (LIMIT + record.CHUNK, 0),
    ]


def test_of_a_buffer_that_is_not_there_no_chunk_is_tried() -> None:
    made = machine(WRITE, WHOLE)
    made.call(NUMBER, ONE, 99999)

    assert made.chunks() == []
    assert item(made.calls()[0], 0) == EFAULT


@pytest.mark.newest
def test_a_chunk_that_finds_no_room_is_a_loss() -> None:
    made = machine(WRITE, WHOLE)
    made.user.place(data_of(3 * record.CHUNK), at=ONE)
    made.room = 1
    regs = made.enter(NUMBER, ONE, 3 * record.CHUNK)
    made.room = None
    made.leave(regs, 0)
    (found,) = made.calls()

    assert len(made.chunks()) == 1
    assert found.lost == 1
