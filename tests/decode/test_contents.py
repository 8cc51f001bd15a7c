"""Memory to values: structures by their layout, arrays, lengths, choices; and both halves of a call as one.

What needs more than memory is run on a machine of our own, from the declaration to the values.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from typing import Any

import pytest

from argtrace.decode import table as tables
from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Fd,
    File,
    Flags,
    Int,
    List,
    Missing,
    Struct,
    Text,
    Unused,
    Value,
    Why,
)
from argtrace.decode.table import changed
from argtrace.fetch.functions import PAGE
from argtrace.fetch.limits import Limits
from argtrace.signature.meaning import (
    FD,
    HEX,
    INT,
    RESULT,
    SIZE,
    UNUSED,
    Array,
    At,
    Before,
    Cell,
    Choice,
    Content,
    Declaration,
    In,
    InOut,
    Least,
    Meaning,
    On,
    Out,
    Path,
    Raw,
    Share,
    To,
    When,
    call,
    flags,
    struct,
)
from argtrace.signature.meaning import Bytes as Buffer
from argtrace.target import X86_64
from tests.support.generated import of_plans
from tests.support.machine import Machine
from tests.support.scope import Given, plain
from tests.support.steps import planned, signature

AT, ONE, TWO, THREE = 0x1000, 0x10000, 0x20000, 0x30000
END = ONE + PAGE
LETTERS = b"abcdefghijklmnopqrstuvwxyz"


def word(*numbers: int, size: int = 8) -> bytes:
    return b"".join((number % (1 << 8 * size)).to_bytes(size, "little") for number in numbers)


def value(content: Content, data: bytes, **numbers: int) -> Value:
    return Given(numbers).content(content, data, AT)


def decoded(content: Content, data: bytes, **numbers: int) -> Any:
    return plain(value(content, data, **numbers))


# Structures by their layout.


@pytest.mark.parametrize(
    ("content", "data", "expected"),
    [
        pytest.param(
            struct("pollfd"),
            word(-1, size=4) + word(5, 3, size=2),
            {"fd": -1, "events": 5, "revents": 3},
            id="each member as its type has it",
        ),
        pytest.param(
            struct("iovec"),
            word(0x7000, 1 << 63),
            {"iov_base": "0x7000", "iov_len": 1 << 63},
            id="an address, and a number without sign",
        ),
        pytest.param(
            struct("itimerspec"),
            word(1, 2, 3, 4),
            {"it_interval": {"tv_sec": 1, "tv_nsec": 2}, "it_value": {"tv_sec": 3, "tv_nsec": 4}},
            id="structures in it",
        ),
        pytest.param(
            struct("sysinfo", only_=("procs", "loads")),
            word(-1, 1, 2, 3, *range(10)),
            {"procs": 6, "loads": [1, 2, 3]},
            id="an array in it, and some members in an order of their own",
        ),
        pytest.param(
            struct("bpf_attr", only_=("map_type", "map_name")),
            bytes(28) + b"a name\0rubbish!!" + bytes(124),
            {"map_type": 0, "map_name": b"a name"},
            id="characters up to their NUL",
        ),
        pytest.param(
            struct("termios", only_=("c_line", "c_cc")),
            bytes(16) + bytes(range(20)),
            {"c_line": 0, "c_cc": bytes(range(1, 20))},
            id="bytes that are no characters",
        ),
        pytest.param(
            struct("perf_event_attr", only_=("disabled", "inherit", "pinned", "precise_ip")),
            bytes(40) + word(0b101 | 2 << 15) + bytes(96),
            {"disabled": 1, "inherit": 0, "pinned": 1, "precise_ip": 2},
            id="bits",
        ),
        pytest.param(
            struct("perf_event_attr", only_=("sample_period", "sample_freq")),
            bytes(16) + word(7) + bytes(120),
            {"sample_period": 7, "sample_freq": 7},
            id="all of a union",
        ),
        pytest.param(
            struct("stat@aarch64", only_=("st_nlink",)),
            bytes(20) + word(3, size=4) + bytes(104),
            {"st_nlink": 3},
            id="that of another machine",
        ),
    ],
)
def test_a_structure(content: Content, data: bytes, expected: dict[str, Any]) -> None:
    assert decoded(content, data) == expected
    assert decoded(content, data + b"more") == expected


@pytest.mark.parametrize("name", ["stat", "stat@aarch64"])
def test_a_structure_has_its_name_and_its_address(name: str) -> None:
    found = value(struct(name), bytes(144))

    assert isinstance(found, Struct)
    assert (found.name, found.raw, found.end) == ("stat", AT, None)


def test_what_is_there_to_be_zero_is_not_shown_where_it_is() -> None:
    where = struct("sysinfo", only_=("procs", "pad"))

    assert value(where, bytes(112)) == Struct(AT, "sysinfo", (("procs", Int(0, 0)), ("pad", Unused(0))))
    assert decoded(where, b"\xff" * 112) == {"procs": 0xFFFF, "pad": 0xFFFF}


@pytest.mark.parametrize(
    ("content", "data", "ns"),
    [
        pytest.param(struct("timespec"), word(1, 5), 1_000_000_005, id="timespec"),
        pytest.param(struct("timeval"), word(1, 5), 1_000_005_000, id="timeval, in µs"),
        pytest.param(struct("statx_timestamp"), word(1) + word(5, 0, size=4), 1_000_000_005, id="statx"),
        pytest.param(struct("timespec"), word(-2, 5), -1_999_999_995, id="before 1970"),
        pytest.param(struct("timespec"), word(1, 999_999_999), 1_999_999_999, id="the last ns of a second"),
        pytest.param(struct("timespec"), word(1, 1_000_000_000), None, id="one more is no time"),
        pytest.param(struct("timespec"), word(1, -1), None, id="less than none is none"),
        pytest.param(struct("timespec"), word(1), None, id="half of it is none"),
        pytest.param(struct("iovec"), word(1, 5), None, id="another structure is none"),
    ],
)
def test_a_time_in_ns(content: Content, data: bytes, ns: int | None) -> None:
    found = value(content, data)

    assert isinstance(found, Struct)
    assert found.ns == ns


# Of which not all is there.


@pytest.mark.parametrize(
    ("content", "data", "expected"),
    [
        pytest.param(
            struct("timespec"), word(1), {"tv_sec": 1, "…": "<cut: 8 bytes of 16>"}, id="half of it"
        ),
        pytest.param(
            struct("timespec"), word(1, 2)[:15], {"tv_sec": 1, "…": "<cut: 15 bytes of 16>"}, id="a byte less"
        ),
        pytest.param(struct("timespec"), b"", {"…": "<cut: 0 bytes of 16>"}, id="none of it"),
        pytest.param(
            struct("itimerspec"),
            word(1, 2, 3),
            {"it_interval": {"tv_sec": 1, "tv_nsec": 2}, "…": "<cut: 24 bytes of 32>"},
            id="a structure in it is whole or not there",
        ),
        pytest.param(
            struct("clone_args", size_="n", only_=("flags", "tls")),
            word(0xFF, *[0] * 6),
            {"flags": 0xFF},
            id="what the caller has is whole",
        ),
        pytest.param(
            struct("clone_args", size_="more", only_=("flags",)),
            word(*[1] * 11),
            {"flags": 1, "…": "<cut: 88 bytes of 96>"},
            id="the caller has more than we know of",
        ),
        pytest.param(
            struct("clone_args", size_="nosuch", only_=("flags",)),
            word(1),
            {"flags": 1, "…": "<cut: 8 bytes of 88>"},
            id="nobody knows what the caller has",
        ),
    ],
)
def test_a_structure_that_is_cut(content: Content, data: bytes, expected: dict[str, Any]) -> None:
    assert decoded(content, data, n=56, more=96) == expected


def test_of_a_union_the_members_that_are_there() -> None:
    shorter = struct("bpf_attr", only_=("map_type", "map_name", "insns", "map_fd"))

    assert decoded(shorter, word(5, size=4)) == {"map_type": 5, "map_fd": 5, "…": "<cut: 4 bytes of 168>"}


# Members whose meaning is declared.


def test_members_that_mean_something() -> None:
    content = struct("pollfd", fd=FD, events=flags("poll"), revents=UNUSED)

    assert value(content, word(3, size=4) + word(1 | 1 << 14, 9, size=2)) == Struct(
        AT,
        "pollfd",
        (
            ("fd", Fd(3, 3)),
            ("events", Flags(1 | 1 << 14, 1 | 1 << 14, ("POLLIN",), 1 << 14)),
            ("revents", Unused(9)),
        ),
    )


BY_KIND = struct("iovec", iov_base=Choice("kind", "", {"1": INT, "2": FD}, default=HEX))


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        pytest.param({"kind": 1}, Int(255, 255), id="a case"),
        pytest.param({"kind": 3}, Int(255, 255, 16), id="none of them"),
        pytest.param({"kind": 1 << 32 | 1}, Int(255, 255), id="under its mask"),
        pytest.param({}, Int(255, 255, 16), id="nobody knows"),
    ],
)
def test_a_choice_by_what_is_outside(numbers: dict[str, int], expected: Value) -> None:
    found = value(BY_KIND, word(255, 0), **numbers)

    assert isinstance(found, Struct)
    assert found["iov_base"] == expected


def test_a_member_is_nearer_than_an_argument() -> None:
    content = struct("iovec", iov_base=Choice("iov_len", "", {"7": INT}, default=HEX))
    found = value(content, word(255, 7), iov_len=8)

    assert isinstance(found, Struct)
    assert found["iov_base"] == Int(255, 255)


def test_a_choice_among_choices() -> None:
    inner = Choice("b", "", {"1": INT}, default=FD)
    content = struct("iovec", iov_base=Choice("a", "", {"1": inner}, default=HEX))
    found = [value(content, word(9, 0), a=a, b=b) for a, b in ((1, 1), (1, 2), (2, 1))]

    bases = [each["iov_base"] for each in found if isinstance(each, Struct)]
    assert bases == [Int(9, 9), Fd(9, 9), Int(9, 9, 16)]


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        pytest.param({"flags": 8}, True, id="with the flag"),
        pytest.param({"flags": 7}, False, id="without it"),
        pytest.param({}, True, id="nobody knows"),
    ],
)
def test_a_number_that_is_looked_at_with_a_flag(numbers: dict[str, int], *, shown: bool) -> None:
    content = struct("iovec", iov_base=When("flags", 8, INT))

    assert decoded(content, word(9, 0), **numbers) == {"iov_len": 0} | ({"iov_base": 9} if shown else {})


# Arrays and numbers in memory.


@pytest.mark.parametrize(
    ("content", "data", "numbers", "expected"),
    [
        pytest.param(Array(Cell("s16"), "n"), word(1, -2, size=2), {"n": 2}, [1, -2], id="numbers"),
        pytest.param(Array(Cell("int"), "n"), b"", {"n": 0}, [], id="none"),
        pytest.param(
            Array(Cell("int"), "n"),
            word(1, 2, size=4),
            {"n": 9},
            [1, 2, "<cut: not fetched>"],
            id="more than came",
        ),
        pytest.param(
            Array(Cell("int"), "n"),
            word(1, 2, size=4)[:7],
            {"n": 2},
            [1, "<cut: not fetched>"],
            id="half an element",
        ),
        pytest.param(Array(Cell("int"), "n"), word(1, size=4), {}, [1], id="nobody knows how many"),
        pytest.param(
            Array(Raw("ip", 4), 2), bytes([127, 0, 0, 1, 1, 1, 1, 1]), {}, ["127.0.0.1", "1.1.1.1"], id="raw"
        ),
        pytest.param(
            Array(struct("iovec"), 1), word(1, 2), {}, [{"iov_base": "0x1", "iov_len": 2}], id="structures"
        ),
    ],
)
def test_an_array(content: Content, data: bytes, numbers: dict[str, int], expected: list[Any]) -> None:
    assert decoded(content, data, **numbers) == expected


def test_elements_have_their_addresses_and_a_cut_array_its_length() -> None:
    found = value(Array(struct("timespec"), "n"), word(1, 2, 3, 4), n=1 << 60)

    assert isinstance(found, List)
    assert [item.raw for item in found.items] == [AT, AT + 16]
    assert (found.end, found.length) == (Missing(0, Why.CUT, "not fetched"), 1 << 60)


def test_a_number_that_is_cut() -> None:
    assert value(Cell("u64"), bytes(7)) == Missing(AT, Why.CUT, "7 bytes of 8")


# Buffers.


@pytest.mark.parametrize(
    ("content", "numbers", "expected"),
    [
        pytest.param(Buffer("n"), {"n": 26}, Bytes(AT, LETTERS, 26), id="all of it"),
        pytest.param(Buffer("n"), {"n": 30}, Bytes(AT, LETTERS, 30), id="more than came"),
        pytest.param(Buffer("n"), {"n": 3}, Bytes(AT, b"abc", 3), id="less than came"),
        pytest.param(Buffer("n"), {}, Bytes(AT, LETTERS, 26), id="nobody knows how much"),
        pytest.param(Buffer(Least(RESULT, "n")), {"n": 5}, Bytes(AT, b"abcd", 4), id="the result's"),
        pytest.param(Buffer(At("p")), {"*p": 2}, Bytes(AT, b"ab", 2), id="a number in memory"),
        pytest.param(
            Buffer(Before(At("p"))), {"*p": 2, "^p": 3}, Bytes(AT, b"abc", 3), id="as it was before"
        ),
    ],
)
def test_a_buffer(content: Content, numbers: dict[str, int], expected: Bytes) -> None:
    assert Given(numbers, result=4).content(content, LETTERS, AT) == expected


def test_what_goes_through_a_descriptor_has_a_form() -> None:
    event = Buffer("n", "fd")
    known = Given({"fd": (1 << 32) + 3, "n": 8}, {3: File(b"anon_inode:[eventfd]")})

    assert plain(known.content(event, word(7), AT)) == [7]
    assert value(event, word(7), fd=3, n=8) == Bytes(AT, word(7), 8)
    assert value(event, word(7), n=8) == Bytes(AT, word(7), 8)


# From the declaration to the values.

LIMITS = Limits(strings=16, buffers=16, elements=4, tables=16, followed=2)


def ran(
    declaration: Declaration,
    *arguments: int,
    memory: Mapping[int, bytes],
    later: Mapping[int, bytes] | None = None,
    result: int = 0,
) -> dict[str, Value]:
    """The arguments of a call. `later`: what is in memory when it returns."""
    plans = planned(declaration, limits=LIMITS)
    machine = Machine(of_plans(plans))
    machine.track(10)
    for address, data in memory.items():
        machine.user.place(data, at=address)
    regs = machine.enter(0, *arguments)
    for address, data in (later or {}).items():
        machine.user.forget(address)
        machine.user.place(data, at=address)
    machine.leave(regs, result)
    (found,) = machine.calls()
    table = tables.table(signature(declaration), plans, X86_64, LIMITS.strings)
    return tables.arguments(table, found)[0]


def shown(declaration: Declaration, *arguments: int, **how: Any) -> dict[str, Any]:
    return {name: plain(each) for name, each in ran(declaration, *arguments, **how).items()}


GETSOCKNAME = call(p=Out(Buffer(Least(Before(At("n")), At("n")))), n=InOut(Cell("int")))


@pytest.mark.parametrize(
    ("before", "after", "result", "expected"),
    [
        pytest.param(9, 4, 0, {"p": b"abcd", "n": ([9], [4])}, id="a length that changes"),
        pytest.param(4, 4, 0, {"p": b"abcd", "n": [4]}, id="one that does not"),
        pytest.param(9, 9, -errno.EBADF, {"p": "0x10000", "n": [9]}, id="a call that failed gives nothing"),
        pytest.param(4, 9, 0, {"p": b"abcd", "n": ([4], [9])}, id="more than there was room for"),
    ],
)
def test_a_length_in_memory(before: int, after: int, result: int, expected: dict[str, Any]) -> None:
    memory, later = {ONE: LETTERS, TWO: word(before, size=4)}, {TWO: word(after, size=4)}

    assert shown(GETSOCKNAME, ONE, TWO, memory=memory, later=later, result=result) == expected


def test_a_structure_of_which_members_change() -> None:
    declaration = call(p=InOut(struct("pollfd", revents=UNUSED), after=struct("pollfd", only_=("revents",))))
    memory, later = {ONE: word(3, size=4) + word(1, 77, size=2)}, {ONE: word(3, size=4) + word(1, 4, size=2)}

    assert shown(declaration, ONE, memory=memory, later=later) == {"p": {"fd": 3, "events": 1, "revents": 4}}


def test_elements_of_which_members_change() -> None:
    declaration = call(p=InOut(Array(struct("iovec"), "n")), n=SIZE)
    memory, later = {ONE: word(1, 2, 3, 4)}, {ONE: word(1, 2, 3, 5)}

    assert shown(declaration, ONE, 2, memory=memory, later=later) == {
        "p": [{"iov_base": "0x1", "iov_len": 2}, {"iov_base": "0x3", "iov_len": (4, 5)}],
        "n": 2,
    }


def test_pointers_are_followed_as_deep_as_they_are_declared() -> None:
    buffers = Array(struct("iovec", iov_base=To(Buffer("iov_len"))), "msg_iovlen")
    inside = struct("msghdr", msg_iov=To(buffers))
    memory = {
        ONE: word(0, 0, TWO, 2, 0, 0, 0),
        TWO: word(THREE, 3, THREE + 3, 50),
        THREE: LETTERS,
    }
    found = ran(call(p=In(inside)), ONE, memory=memory)["p"]

    assert isinstance(found, Struct)
    assert plain(found["msg_iov"]) == [
        {"iov_base": b"abc", "iov_len": 3},
        {"iov_base": LETTERS[3:19], "iov_len": 50},
    ]


def test_more_elements_than_are_followed() -> None:
    declaration = call(p=In(Array(struct("iovec", iov_base=To(Buffer("iov_len"))), "n")), n=SIZE)
    found = ran(declaration, ONE, 3, memory={ONE: word(TWO, 1, 0, 0, TWO, 2), TWO: LETTERS})["p"]

    assert isinstance(found, List)
    assert plain(found) == [
        {"iov_base": b"a", "iov_len": 1},
        {"iov_base": "0x0", "iov_len": 0},
        "<cut: not fetched>",
    ]
    assert found.length == 3


def test_a_pointer_that_a_choice_takes_for_a_number() -> None:
    inside = struct("iovec", iov_base=Choice("iov_len", "", {"1": To(Path())}, default=HEX))
    memory = {TWO: b"name\0"}
    found = [shown(call(p=In(inside)), ONE, memory=memory | {ONE: word(TWO, kind)})["p"] for kind in (1, 2)]

    assert [each["iov_base"] for each in found] == [b"name", TWO]


def test_buffers_that_share_a_result() -> None:
    buffer = struct("iovec", iov_base=To(Buffer(Share("iov_len", RESULT))))
    declaration = call(p=Out(Array(buffer, "n")), n=SIZE)
    memory = {ONE: word(TWO, 3, THREE, 4), TWO: LETTERS, THREE: LETTERS}
    found = shown(declaration, ONE, 2, memory=memory, result=5)["p"]

    assert [each["iov_base"] for each in found] == [b"abc", b"ab"]


FAULT = Missing(0, Why.UNREADABLE, "EFAULT")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(Buffer("n"), Bytes(END - 4, b"abcd", 12, FAULT), id="a buffer"),
        pytest.param(Path(), Text(END - 4, b"abcd", cut=True, end=FAULT), id="a path"),
        pytest.param(
            Array(Cell("u16"), "n"),
            List(END - 4, (Int(0x6261, 0x6261), Int(0x6463, 0x6463)), FAULT, 12),
            id="an array",
        ),
    ],
)
def test_what_could_be_read_in_part(content: Content, expected: Value) -> None:
    found = ran(call(p=In(content), n=SIZE), END - 4, 12, memory={END - 4: b"abcd"})

    assert found["p"] == expected


@pytest.mark.parametrize(
    "content",
    [Buffer("n"), Path(), Cell("int"), struct("timespec"), Array(Cell("int"), "n")],
    ids=["a buffer", "a path", "a number", "a structure", "an array"],
)
def test_what_could_not_be_read(content: Content) -> None:
    declaration = call(p=In(content), q=Out(content), n=SIZE)

    found = ran(declaration, ONE, 0, 4, memory={})
    assert (found["p"], found["q"]) == (Missing(ONE, Why.UNREADABLE, "EFAULT"), Address(0))
    assert ran(declaration, 0, ONE, 4, memory={}, result=-errno.EPERM)["q"] == Address(ONE)


def test_what_is_there_only_after_some_results() -> None:
    declaration = call(p=Out(Cell("int"), on=On.INTERRUPTED))

    assert shown(declaration, ONE, memory={ONE: word(7, size=4)}, result=-errno.EINTR) == {"p": [7]}
    assert shown(declaration, ONE, memory={ONE: word(7, size=4)}, result=0) == {"p": "0x10000"}


CASES: dict[str | tuple[str, ...], Meaning] = {"1": In(Cell("int")), "2": Out(Path()), "3": FD}
BY_COMMAND = call(cmd=INT, p=Choice("cmd", "", CASES, default=HEX))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(1, [0x62610A61], id="a number in memory"),
        pytest.param(2, b"a\nab", id="a string that comes back"),
        pytest.param(3, ONE, id="a number"),
        pytest.param(4, ONE, id="none of them"),
    ],
)
def test_an_argument_by_another(command: int, expected: object) -> None:
    assert shown(BY_COMMAND, command, ONE, memory={ONE: b"a\nab\0"})["p"] == expected


# Two halves as one value.

NUMBER, OTHER = Int(1, 1), Int(2, 2)
PAIR = Struct(1, "pair", (("a", NUMBER), ("b", NUMBER)))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(NUMBER, NUMBER, NUMBER, id="the same"),
        pytest.param(NUMBER, OTHER, Changed(2, NUMBER, OTHER), id="numbers that differ"),
        pytest.param(NUMBER, Int(1, 1, 16), Int(1, 1, 16), id="the same number, declared as another kind"),
        pytest.param(Address(1), NUMBER, NUMBER, id="an address was not read before"),
        pytest.param(Unused(1), OTHER, OTHER, id="nobody looked at it before"),
        pytest.param(PAIR, Address(1), PAIR, id="nothing came back there"),
        pytest.param(Text(1, b"a"), Text(1, b"b"), Changed(1, Text(1, b"a"), Text(1, b"b")), id="texts"),
        pytest.param(
            PAIR,
            Struct(1, "pair", (("a", NUMBER), ("b", OTHER))),
            Struct(1, "pair", (("a", NUMBER), ("b", Changed(2, NUMBER, OTHER)))),
            id="a member",
        ),
        pytest.param(
            PAIR,
            Struct(1, "pair", (("b", OTHER),)),
            Struct(1, "pair", (("a", NUMBER), ("b", Changed(2, NUMBER, OTHER)))),
            id="a half that shows fewer members",
        ),
        pytest.param(Struct(1, "pair", (("b", NUMBER),)), PAIR, PAIR, id="or the other half does"),
        pytest.param(
            PAIR, Struct(1, "other", ()), Changed(1, PAIR, Struct(1, "other", ())), id="another structure"
        ),
        pytest.param(
            List(1, (NUMBER,)),
            List(1, (OTHER,)),
            Changed(1, List(1, (NUMBER,)), List(1, (OTHER,))),
            id="lists of numbers change as a whole",
        ),
        pytest.param(
            List(1, (PAIR, PAIR)),
            List(1, (Struct(1, "pair", (("a", OTHER),)),)),
            List(1, (Struct(1, "pair", (("a", Changed(2, NUMBER, OTHER)), ("b", NUMBER))), PAIR)),
            id="lists of structures one by one, and the longer one goes on",
        ),
    ],
)
def test_before_and_after(before: Value, after: Value, expected: Value) -> None:
    assert changed(before, after) == expected
