"""Where each record of BTF begins and what words it holds: one case a kind, one a lie."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from argtrace.errors import FormatError
from argtrace.signature import btf_wire
from argtrace.signature.btf_wire import Kind
from tests.support.btf_writer import BtfWriter, Order, header

Rows = tuple[tuple[int, ...], ...]

# What is written, then kind, flag, vlen, size (or type) and rows of what is read.
# Names of one letter take two bytes; those of members are written first, at 1.
KINDS = [
    pytest.param(
        lambda w: w.integer("i", 4, signed=True),
        (Kind.INT, False, 0, 4, ((0x01000020,),)),
        id="an int has one word of encoding, offset and bits",
    ),
    pytest.param(lambda w: w.pointer(7), (Kind.PTR, False, 0, 7, ()), id="a pointer has its target for size"),
    pytest.param(
        lambda w: w.array(7, 3, index=8),
        (Kind.ARRAY, False, 0, 0, ((7, 8, 3),)),
        id="an array has element, index and count",
    ),
    pytest.param(
        lambda w: w.struct("s", 8, [("a", 7, 0), ("b", 8, 32)]),
        (Kind.STRUCT, False, 2, 8, ((1, 7, 0), (3, 8, 32))),
        id="a struct has a row a member",
    ),
    pytest.param(
        lambda w: w.struct("s", 4, [("a", 7, 5, 3)]),
        (Kind.STRUCT, True, 1, 4, ((1, 7, 0x03000005),)),
        id="a struct with bit fields has its flag set and the width above the offset",
    ),
    pytest.param(lambda w: w.struct("", 0, []), (Kind.STRUCT, False, 0, 0, ()), id="a struct may be empty"),
    pytest.param(
        lambda w: w.union("u", 4, [("a", 7, 0)]),
        (Kind.UNION, False, 1, 4, ((1, 7, 0),)),
        id="a union is written like a struct",
    ),
    pytest.param(
        lambda w: w.enum("e", {"A": 1, "B": -1}, signed=True),
        (Kind.ENUM, True, 2, 4, ((1, 1), (3, 0xFFFFFFFF))),
        id="an enum has a name and a word a value",
    ),
    pytest.param(
        lambda w: w.forward("f", union=True),
        (Kind.FWD, True, 0, 0, ()),
        id="a forward declaration has nothing but its flag",
    ),
    pytest.param(
        lambda w: w.typedef("t", 7), (Kind.TYPEDEF, False, 0, 7, ()), id="a typedef has its target for size"
    ),
    pytest.param(
        lambda w: w.volatile(7), (Kind.VOLATILE, False, 0, 7, ()), id="a volatile has its target for size"
    ),
    pytest.param(lambda w: w.const(7), (Kind.CONST, False, 0, 7, ()), id="a const has its target for size"),
    pytest.param(
        lambda w: w.restrict(7), (Kind.RESTRICT, False, 0, 7, ()), id="a restrict has its target for size"
    ),
    pytest.param(
        lambda w: w.func("f", 7, linkage=2),
        (Kind.FUNC, False, 2, 7, ()),
        id="a function has its linkage for vlen and no rows",
    ),
    pytest.param(
        lambda w: w.proto(7, [("a", 8)], variadic=True),
        (Kind.FUNC_PROTO, False, 2, 7, ((1, 8), (0, 0))),
        id="a prototype has a row a parameter",
    ),
    pytest.param(
        lambda w: w.var("v", 7, linkage=1),
        (Kind.VAR, False, 0, 7, ((1,),)),
        id="a variable has a word of linkage",
    ),
    pytest.param(
        lambda w: w.datasec(".d", 16, [(7, 0, 8), (8, 8, 8)]),
        (Kind.DATASEC, False, 2, 16, ((7, 0, 8), (8, 8, 8))),
        id="a section has type, offset and size of each variable",
    ),
    pytest.param(lambda w: w.floating("d", 8), (Kind.FLOAT, False, 0, 8, ()), id="a float has its size"),
    pytest.param(
        lambda w: w.decl_tag("t", 7),
        (Kind.DECL_TAG, False, 0, 7, ((0xFFFFFFFF,),)),
        id="a declaration tag has a word of component",
    ),
    pytest.param(
        lambda w: w.type_tag("user", 7, attribute=True),
        (Kind.TYPE_TAG, True, 0, 7, ()),
        id="a type tag has its target for size",
    ),
    pytest.param(
        lambda w: w.enum64("e", {"A": 1 << 40 | 2}),
        (Kind.ENUM64, False, 1, 8, ((1, 2, 256),)),
        id="a 64-bit enum has two words a value, low before high",
    ),
]


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize(("write", "expected"), KINDS)
def test_a_record_of_each_kind(
    write: Callable[[BtfWriter], int], expected: tuple[Kind, bool, int, int, Rows], order: Order
) -> None:
    writer = BtfWriter(order)
    id = write(writer)
    after = writer.volatile(id)  # found only if the record before it was measured right

    wire = btf_wire.read(writer.build())
    record = wire.record(id)

    assert (record.kind, record.flag, record.vlen, record.size, record.rows) == expected
    assert (wire.kind(id), wire.record(after).size, wire.end_id) == (expected[0], id, after + 1)


def test_the_cases_have_every_kind() -> None:
    assert {case.values[1][0] for case in KINDS} == set(Kind)  # type: ignore[index]


def test_a_record_knows_its_byte() -> None:
    writer = BtfWriter()
    writer.integer("int", 4)
    second = writer.pointer(1)

    assert btf_wire.read(writer.build()).record(second).at == 24 + 16


def types_of(writer: BtfWriter) -> bytes:
    return writer.build()[24 : -len(writer.strings)]


POINTER = BtfWriter()
POINTER.pointer(0)
WORDS = types_of(POINTER)


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        pytest.param(header(str_len=1) + b"\0", 1, id="no type at all"),
        pytest.param(POINTER.build() + b"rest", 2, id="bytes after the last section"),
        pytest.param(
            header(length=32, type_len=12, str_len=1) + b"tomorrow" + WORDS + b"\0",
            2,
            id="a longer header, of a newer kernel",
        ),
        pytest.param(
            header(type_off=4, type_len=12, str_off=0, str_len=1) + b"\0pad" + WORDS,
            2,
            id="the strings in front of the types",
        ),
    ],
)
def test_opens(data: bytes, ids: int) -> None:
    assert btf_wire.read(data).end_id == ids


def _record(info: int, *more: int) -> bytes:
    writer = BtfWriter(sys.byteorder)
    writer.words += [0, info, 0, *more]
    return writer.build()


@pytest.mark.parametrize(
    ("data", "offset", "expected"),
    [
        pytest.param(b"", 0, "a header of 24 bytes", id="nothing"),
        pytest.param(header()[:23], 23, "a header of 24 bytes", id="a header cut short"),
        pytest.param(header(magic=0xEB9E), 0, "the magic 0xeb9f", id="a wrong magic"),
        pytest.param(b"\x7fELF" + bytes(60), 0, "the magic 0xeb9f", id="an ELF file, not its .BTF section"),
        pytest.param(header(version=2), 2, "version 1 without flags", id="a version of tomorrow"),
        pytest.param(header(flags=1), 2, "version 1 without flags", id="a flag"),
        pytest.param(header(length=20), 4, "a header of 24 to 24 bytes", id="a header too short to be one"),
        pytest.param(header(length=25), 4, "a header of 24 to 24 bytes", id="a header past the end"),
        pytest.param(header(type_len=4), 8, "a section within", id="types past the end"),
        pytest.param(header(type_off=0xFFFFFFFC), 8, "a section within", id="types four gigabytes away"),
        pytest.param(header(str_off=0, str_len=1), 16, "a section within", id="strings past the end"),
        pytest.param(header(type_off=2, str_len=1) + bytes(4), 8, "a boundary of 4", id="types off boundary"),
        pytest.param(
            header(type_len=2, str_len=1) + bytes(4), 8, "a boundary of 4", id="half a word of types"
        ),
        pytest.param(header(), 24, "begins and ends with NUL", id="no strings"),
        pytest.param(header(str_len=2) + b"a\0", 24, "begins and ends with NUL", id="no empty string"),
        pytest.param(header(str_len=2) + b"\0a", 24, "begins and ends with NUL", id="a string without end"),
        pytest.param(_record(0), 28, "a kind from 1 to 19", id="the kind before the first"),
        pytest.param(_record(20 << 24), 28, "a kind from 1 to 19", id="the kind after the last"),
        pytest.param(_record(2 << 24 | 1 << 16), 28, "no unused bit", id="an unused bit above vlen"),
        pytest.param(_record(2 << 24 | 1 << 29), 28, "no unused bit", id="an unused bit above the kind"),
        pytest.param(_record(1 << 24), 36, "the rest of the last record", id="an int without its word"),
        pytest.param(
            _record(4 << 24 | 2, 0, 0, 0), 48, "the rest of the last record", id="a struct one member short"
        ),
        pytest.param(
            _record(4 << 24 | 0xFFFF),
            36,
            "the rest of the last record",
            id="a struct of 65,535 members, none there",
        ),
        pytest.param(_record(2 << 24, 0), 40, "the rest of the last record", id="one word of a record"),
        pytest.param(
            _record(2 << 24, 0, 2 << 24), 44, "the rest of the last record", id="two words of a record"
        ),
    ],
)
def test_says_what_is_wrong_and_where(data: bytes, offset: int, expected: str) -> None:
    with pytest.raises(FormatError, match=expected) as caught:
        btf_wire.read(data, "this.btf")

    assert (caught.value.source, caught.value.offset) == ("this.btf", offset)


def test_no_beginning_of_btf_is_btf() -> None:
    writer = BtfWriter()
    writer.struct("s", 8, [("a", writer.integer("int", 4), 0)])
    whole = writer.build()

    for length in range(len(whole)):
        with pytest.raises(FormatError):
            btf_wire.read(whole[:length])


@pytest.mark.parametrize("id", [-1, 0, 2, 1 << 32])
def test_an_id_out_of_range(id: int) -> None:
    with pytest.raises(FormatError, match="a type id from 1 to 1"):
        btf_wire.read(POINTER.build()).record(id)


STRINGS = BtfWriter()
STRINGS.name("task_struct")
STRINGS.name("struct")
WIRE = btf_wire.read(STRINGS.build())


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        pytest.param(0, b"", id="the first string is empty"),
        pytest.param(1, b"task_struct", id="a string from its beginning"),
        pytest.param(6, b"struct", id="a string that is the tail of another"),
        pytest.param(12, b"", id="the NUL of a string is an empty string"),
        pytest.param(13, b"struct", id="the last string"),
    ],
)
def test_text(offset: int, text: bytes) -> None:
    assert WIRE.text(offset) == text


@pytest.mark.parametrize("offset", [-1, 20, 0xFFFFFFFF])
def test_text_out_of_range(offset: int) -> None:
    with pytest.raises(FormatError, match="a string offset from 0 to 19"):
        WIRE.text(offset)


@pytest.mark.parametrize(
    ("length", "fits"),
    [pytest.param(511, True, id="the longest symbol"), pytest.param(512, False, id="one byte more")],
)
def test_the_length_of_a_name(length: int, fits: bool) -> None:
    writer = BtfWriter()
    offset = writer.name("x" * length)
    wire = btf_wire.read(writer.build())

    if fits:
        assert wire.text(offset) == b"x" * length
    else:
        with pytest.raises(FormatError, match="at most 511 bytes"):
            wire.text(offset)


def test_a_string_is_found_wherever_it_reads_so() -> None:
    assert list(WIRE.offsets_of(b"struct")) == [6, 13]


@pytest.mark.parametrize("order", ["little", "big"])
def test_types_are_found_by_the_offset_of_their_name(order: Order) -> None:
    writer = BtfWriter(order)
    # 0x01010101 as a name would be found at each of its bytes; it counts at the first.
    ids = [writer.record(Kind.TYPEDEF, name, 0) for name in (5, 9, 5, 0x01010101, 0x01010101)]
    wire = btf_wire.read(writer.build())

    assert wire.ids_named({5}) == [ids[0], ids[2]]
    assert wire.ids_named({0x01010101}) == [ids[3], ids[4]]
    assert wire.ids_named({5, 9, 77}) == ids[:3]
    assert wire.ids_named({77}) == wire.ids_named(set()) == []


def test_split_btf_counts_on_from_its_base() -> None:
    base = BtfWriter()
    base.integer("int", 4)
    split = BtfWriter(base=base)
    id = split.typedef("module_t", 1)
    base_wire = btf_wire.read(base.build())
    wire = btf_wire.read(split.build(), base=base_wire)

    assert (base_wire.end_id, wire.first_id, wire.end_id, id) == (2, 2, 3, 2)
    assert (base_wire.end_string, wire.first_string) == (5, 5)
    assert wire.text(wire.record(id).name) == b"module_t"
    with pytest.raises(FormatError, match="a type id from 2 to 2"):
        wire.record(1)


def test_split_btf_may_have_no_string_of_its_own() -> None:
    base = BtfWriter()
    id = BtfWriter(base=base).pointer(0)

    assert btf_wire.read(header(type_len=12) + WORDS, base=btf_wire.read(base.build())).kind(id) == Kind.PTR


def test_split_btf_has_the_byte_order_of_its_base() -> None:
    base = BtfWriter("big")

    with pytest.raises(FormatError, match="the byte order of the base, big"):
        btf_wire.read(BtfWriter("little").build(), base=btf_wire.read(base.build()))
