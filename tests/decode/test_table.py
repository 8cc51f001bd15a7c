"""A call's table run over a record: what was fetched, what was not and why, and lies."""

from __future__ import annotations

import errno

import pytest

from argtrace.decode import table as tables
from argtrace.decode.model import Address, Int, List, Missing, Text, Value, Why
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Flag
from argtrace.signature import syscalls
from argtrace.target import X86_64
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from tests.support import record_writer as write
from tests.support.decoding import args
from tests.support.record_writer import Fetched, blob, item, string, strings, unread, unread_list

ADDRESS = 0x7000
NO_ROOM = Missing(0, Why.CUT, "no room for the rest")


def filename(fetched: Fetched, *, address: int = ADDRESS, flags: int = 0, limit: int = 8) -> Value:
    return args(write.call("open", [address], fetched, flags=flags), limit)["filename"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", Text(ADDRESS, b""), id="an empty string"),
        pytest.param(b"1234567", Text(ADDRESS, b"1234567"), id="one shorter than the limit"),
        pytest.param(b"12345678", Text(ADDRESS, b"12345678"), id="as long as the limit: whole"),
        pytest.param(b"123456789", Text(ADDRESS, b"12345678", cut=True), id="one longer: cut"),
        pytest.param(b"1234567890", Text(ADDRESS, b"12345678", cut=True), id="much longer: cut there too"),
        pytest.param(b"\xff\n\x1b[m", Text(ADDRESS, b"\xff\n\x1b[m"), id="any bytes at all"),
    ],
)
def test_a_string(data: bytes, expected: Text) -> None:
    assert filename(string(data, 8)) == expected


def test_each_string_of_a_list_keeps_its_address() -> None:
    elements = record.ELEMENT.pack(2, 0x7010) + b"x\0" + record.ELEMENT.pack(-errno.EFAULT, 8)
    listed = Fetched(((0, len(elements)), (2, record.ENDED), (0, 0)), elements)
    sample = write.call("execve", [ADDRESS] * 3, string(b"/bin/ls"), listed, strings())

    assert args(sample)["argv"] == List(ADDRESS, (Text(0x7010, b"x"), Missing(8, Why.UNREADABLE, "EFAULT")))


def test_an_empty_string_of_an_older_kernel_has_no_bytes_at_all() -> None:
    assert filename(item(record.payload_offset(1), 0)) == Text(ADDRESS, b"")


@pytest.mark.parametrize(
    ("fetched", "address", "flags", "expected"),
    [
        pytest.param(unread(errno.EFAULT), 0, 0, Address(0), id="NULL points to nothing that is missing"),
        pytest.param(
            unread(errno.EFAULT), 1, 0, Missing(1, Why.UNREADABLE, "EFAULT"), id="no page at its address"
        ),
        pytest.param(
            unread(errno.EFAULT), ADDRESS, Flag.LATE,
            Missing(ADDRESS, Why.UNREADABLE, "EFAULT, entry not seen"),
            id="a page that was not there at the exit, and nobody saw the entry",
        ),
        pytest.param(
            string(b"late"), ADDRESS, Flag.LATE, Text(ADDRESS, b"late"), id="read at the exit all the same"
        ),
        pytest.param(
            unread(errno.ENOBUFS), ADDRESS, 0, Missing(ADDRESS, Why.NOT_CAPTURED, "too many execs at once"),
            id="nobody tried",
        ),
        pytest.param(
            unread(4000), ADDRESS, 0, Missing(ADDRESS, Why.UNREADABLE, "4000"), id="an error with no name"
        ),
    ],
)  # fmt: skip
def test_a_string_that_is_not_there(fetched: Fetched, address: int, flags: int, expected: Value) -> None:
    assert filename(fetched, address=address, flags=flags) == expected


def test_strings_belong_to_their_pointers_wherever_they_lie() -> None:
    # The second was read at entry, the first only at exit: it lies behind it.
    begin = record.payload_offset(2)
    sample = write.call(
        "rename", [0x7000, 0x8000], item(begin + 4, 6), item(begin, 4), payload=b"new\0older\0"
    )

    assert args(sample) == {"oldname": Text(0x7000, b"older"), "newname": Text(0x8000, b"new")}


def texts(*data: bytes) -> tuple[Text, ...]:
    return tuple(Text(0, each) for each in data)


@pytest.mark.parametrize(
    ("fetched", "address", "expected"),
    [
        pytest.param(strings(), ADDRESS, List(ADDRESS, ()), id="an empty list"),
        pytest.param(strings(b"ls", b""), ADDRESS, List(ADDRESS, texts(b"ls", b"")), id="a list"),
        pytest.param(
            strings(b"123456789", limit=8), ADDRESS, List(ADDRESS, (Text(0, b"12345678", cut=True),)),
            id="a string of it is cut, the list is whole",
        ),
        pytest.param(
            strings(b"ls", end=record.CUT), ADDRESS, List(ADDRESS, texts(b"ls"), NO_ROOM), id="a list cut"
        ),
        pytest.param(
            strings(b"ls", end=-errno.EFAULT), ADDRESS,
            List(ADDRESS, texts(b"ls"), Missing(0, Why.UNREADABLE, "EFAULT")),
            id="its next pointer could not be read",
        ),
        pytest.param(
            strings(b"ls", errno.EFAULT, b"-l"), ADDRESS,
            List(ADDRESS, (Text(0, b"ls"), Missing(0, Why.UNREADABLE, "EFAULT"), Text(0, b"-l"))),
            id="one of its strings could not be read",
        ),
        pytest.param(strings(end=-errno.EFAULT), 0, Address(0), id="a null pointer"),
        pytest.param(strings(b"ls"), 0, List(0, texts(b"ls")), id="a list that root mapped at address 0"),
        pytest.param(
            strings(end=-errno.EFAULT), ADDRESS, List(ADDRESS, (), Missing(0, Why.UNREADABLE, "EFAULT")),
            id="no page where it should begin",
        ),
        pytest.param(
            unread_list(errno.ENOBUFS), ADDRESS, Missing(ADDRESS, Why.NOT_CAPTURED, "too many execs at once"),
            id="nobody tried",
        ),
        pytest.param(unread_list(errno.EFAULT), 0, Address(0), id="a null pointer that nobody followed"),
        pytest.param(blob(b"ls\0-l\0\0"), ADDRESS, List(ADDRESS, texts(b"ls", b"-l", b"")), id="a blob"),
        pytest.param(blob(b""), ADDRESS, List(ADDRESS, ()), id="an empty blob"),
        pytest.param(blob(b"\0"), 0, Address(0), id="the empty name that the kernel gives for no argv"),
        pytest.param(
            blob(b"ls\0-l", cut=True), ADDRESS,
            List(ADDRESS, (Text(0, b"ls"), Text(0, b"-l", cut=True)), NO_ROOM),
            id="a blob that is cut in a string",
        ),
        pytest.param(
            blob(b"ls\0-l\0", cut=True), ADDRESS, List(ADDRESS, texts(b"ls", b"-l"), NO_ROOM),
            id="a blob that is cut between strings",
        ),
        pytest.param(
            blob(b"ls\0-l"), ADDRESS, List(ADDRESS, (Text(0, b"ls"), Text(0, b"-l", cut=True))),
            id="a blob that somebody wrote into loses nothing",
        ),
    ],
)  # fmt: skip
def test_a_list(fetched: Fetched, address: int, expected: Value) -> None:
    sample = write.call("execve", [ADDRESS, address, ADDRESS], string(b"/bin/ls"), fetched, strings())

    assert args(sample, 8)["argv"] == expected


LIES = [
    pytest.param(item(record.payload_offset(7), 3), id="a string over the end of the record"),
    pytest.param(item(0xFFFF_FFFF, 4), id="a string far away"),
]


@pytest.mark.parametrize("lie", LIES)
def test_a_string_that_lies(lie: Fetched) -> None:
    with pytest.raises(FormatError):
        args(write.call("execve", [ADDRESS] * 3, lie, strings(), strings()))


def liar(count: int, end: int, data: bytes, size: int | None = None) -> Fetched:
    return Fetched(((0, len(data) if size is None else size), (count, end), (0, 0)), data)


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(liar(1, record.ENDED, b""), id="a string, and no bytes"),
        pytest.param(liar(2, record.CUT, b"\2\0\0\0x\0"), id="two strings, and bytes of one"),
        pytest.param(liar(1, record.ENDED, b"\2\0\0"), id="half a length"),
        pytest.param(liar(1, record.ENDED, b"\3\0\0\0x\0"), id="a string that is longer than the list"),
        pytest.param(liar(1, -errno.EFAULT, b"\xff\xff\xff\x7fx\0"), id="a string of 2 GiB"),
        pytest.param(liar(0xFFFF_FFFF, record.ENDED, b"\1\0\0\0\0"), id="four thousand million strings"),
        pytest.param(liar(0, record.BLOB_CUT + 1, b""), id="an end that is none we know"),
        pytest.param(liar(0, record.ENDED, b"", size=100), id="a list over the end of the record"),
    ],
)
def test_a_list_that_lies(lie: Fetched) -> None:
    with pytest.raises(FormatError):
        args(write.call("execve", [ADDRESS] * 3, string(b"ls"), strings(), lie))


def test_items_that_are_not_there() -> None:
    with pytest.raises(FormatError):
        args(write.call("execve", [ADDRESS] * 3, bare=True))
    with pytest.raises(FormatError):
        args(write.call("rename", [ADDRESS] * 2, string(b"only one"), bare=True))


def test_arguments_come_from_their_registers_in_order() -> None:
    got = args(write.call("preadv2", [1, 2, 3, 4, 5, 6]))

    assert [value.raw for value in got.values()] == [1, 2, 3, 4, 5, 6]


def words(table: tables.Table, sample: bytes) -> dict[str, Value]:
    call = records.parse(sample)
    assert isinstance(call, CallRecord)
    return tables.arguments(table, call)[0]


SIX = [1, 2, 3, 4, 5, (1 << 64) - 1]
AS_WORDS = {f"arg{n}": Int(word, word, 16) for n, word in enumerate(SIX, 1)}


def test_a_call_nobody_knows_shows_its_six_words() -> None:
    table = tables.words(syscalls.unknown(0xBAD), X86_64)

    assert words(table, write.call(0xBAD, SIX)) == AS_WORDS


def test_a_32_bit_call_shows_the_half_that_counts_of_its_six_words() -> None:
    table = tables.compat(syscalls.compat(5))

    assert words(table, write.call(5, SIX, flags=Flag.COMPAT)) == AS_WORDS | {
        "arg6": Int((1 << 64) - 1, 0xFFFF_FFFF, 16)
    }
