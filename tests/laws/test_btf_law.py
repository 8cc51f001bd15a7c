"""BTF from anywhere is a value or FormatError; a bit field's bits are all found, and no other."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.errors import FormatError, NotFound
from argtrace.signature.btf import Btf, Kind, TypeId
from argtrace.signature.layouts import from_btf
from tests.support.btf_writer import BtfWriter, Order, header

ORDERS = st.sampled_from(("little", "big"))


def _sample(order: Order = "little", base: BtfWriter | None = None) -> BtfWriter:
    """Every kind at least once, and each of the ways one type leads to another."""
    w = BtfWriter(order, base)
    int_ = w.integer("int", 4, signed=True)
    bits = w.integer("bits", 4, bits=3, offset_bits=2)
    pointer = w.pointer(w.next_id + 1)
    inner = w.struct("", 8, [("x", int_, 0, 3), ("y", pointer, 0)])
    w.struct("task", 64, [("", inner, 0), ("mm", inner, 64), ("old", bits, 130)])
    w.union("value", 8, [("i", int_, 0), ("a", w.array(int_, 2), 0)])
    alias = w.typedef("alias", w.const(w.volatile(w.restrict(w.type_tag("user", int_)))))
    w.enum("state", {"A": 1, "B": -1}, signed=True)
    w.enum64("wide", {"C": 1 << 40})
    w.forward("later")
    read = w.func("read", w.proto(alias, [("file", pointer), ("n", int_)], variadic=True))
    w.datasec(".data", 8, [(w.var("v", alias), 0, 4)])
    w.floating("double", 8)
    w.decl_tag("kfunc", read)
    return w


NAMES = ("int", "task", "value", "alias", "state", "wide", "read", "later", "v", "x")
PATHS = ("x", "y", "mm", "mm.x", "old", "i", "a", "mm.y.x", "")


def _ask_everything(btf: Btf) -> None:
    """All questions there are; each may be answered, or not be there, or show a lie."""
    ids = [TypeId(number) for number in range(-1, len(btf) + 2)]
    of_ids = (btf.record, btf.type, btf.strip, btf.size_of, btf.spell)
    of_names = (btf.ids_named, btf.scalar, btf.enumerators, btf.function)
    questions: list[Callable[[], object]] = [
        *(partial(ask, id) for ask in of_ids for id in ids),
        *(partial(list, ask(kind)) for ask in (btf.ids, btf.names) for kind in Kind),
        *(partial(btf.has, kind, name) for kind in Kind for name in NAMES),
        *(partial(ask, name) for ask in of_names for name in NAMES),
        *(partial(btf.field, name, path) for name in NAMES for path in PATHS),
        *(partial(from_btf, btf, name) for name in (*NAMES, "task.mm", "value.a")),
    ]
    for question in questions:
        with contextlib.suppress(FormatError, NotFound):
            question()


def _open_and_ask(data: bytes, base: Btf | None = None) -> None:
    try:
        btf = Btf(data, base)
    except FormatError:
        return
    _ask_everything(btf)


def test_the_sample_is_read_without_a_lie() -> None:
    btf = Btf(_sample().build())

    assert {btf.record(TypeId(id)).kind for id in range(1, len(btf))} == set(Kind)
    assert all(btf.type(TypeId(id)) and btf.spell(TypeId(id)) for id in range(1, len(btf)))


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    _open_and_ask(data)


@given(st.binary(max_size=60).map(lambda data: header(type_len=len(data) & ~3, str_len=1) + data + b"\0"))
def test_any_bytes_for_types(data: bytes) -> None:
    _open_and_ask(data)


# Words that matter more than others: small ids, kinds, flags, widths, the ends of the range.
WORDS = st.one_of(
    st.integers(0, 40),
    st.builds(
        lambda kind, vlen, flag: flag << 31 | kind << 24 | vlen,
        st.integers(0, 21), st.integers(0, 4), st.integers(0, 1),
    ),
    st.sampled_from((0xFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFF, 0x04000FFF)),
    st.integers(0, 0xFFFFFFFF),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.integers(0, 1000), WORDS), max_size=8)


def _changed(w: BtfWriter, changes: list[tuple[int, int]]) -> bytes:
    for at, word in changes:
        w.words[at % len(w.words)] = word
    return w.build()


@given(ORDERS, CHANGES)
def test_valid_btf_with_some_words_changed(order: Order, changes: list[tuple[int, int]]) -> None:
    _open_and_ask(_changed(_sample(order), changes))


@given(CHANGES, CHANGES)
def test_split_btf_with_some_words_changed(
    in_base: list[tuple[int, int]], in_split: list[tuple[int, int]]
) -> None:
    base_writer = _sample()
    split = _changed(_sample(base=base_writer), in_split)
    try:
        base = Btf(_changed(base_writer, in_base))
    except FormatError:
        return
    _open_and_ask(split, base)


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=8), st.integers(0, 2000))
def test_valid_btf_with_some_bytes_changed_and_cut(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(_sample().build())
    for at, byte in changes:
        data[at % len(data)] = byte
    _open_and_ask(bytes(data[: len(data) - cut if cut < len(data) else None]))


@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), max_size=12))
def test_records_of_any_words(records: list[list[int]]) -> None:
    w = BtfWriter()
    w.name("task")
    w.words = [word for record in records for word in record]
    _open_and_ask(w.build())


@given(CHANGES)
def test_names_are_found_alike_by_scanning_and_by_the_index(changes: list[tuple[int, int]]) -> None:
    data = _changed(_sample(), changes)
    try:
        scanning, indexed = Btf(data), Btf(data)
    except FormatError:
        return
    for number in range(40):
        indexed.ids_named(f"nosuch{number}")

    for name in (*NAMES, "ask", "k"):
        assert scanning.ids_named(name) == indexed.ids_named(name)


@pytest.mark.parametrize("links", [1_000, 100_000])
@pytest.mark.parametrize("link", ["typedef", "pointer", "array", "struct", "func", "proto"])
def test_depth_is_no_danger(link: str, links: int) -> None:
    w = BtfWriter()
    ahead: dict[str, Callable[[int], object]] = {
        "typedef": lambda to: w.record(Kind.TYPEDEF, 1, to),
        "pointer": w.pointer,
        "array": lambda to: w.array(to, 0xFFFFFFFF),
        "struct": lambda to: w.record(Kind.STRUCT, 0, 4, 0, to, 0, vlen=1),
        "func": lambda to: w.record(Kind.FUNC, 1, to),
        "proto": lambda to: w.record(Kind.FUNC_PROTO, 0, 0, 0, to, vlen=1),
    }
    w.name("deep")
    for _ in range(links):
        ahead[link](w.next_id + 1)
    w.integer("deep", 4)
    w.typedef("deep_t", 1)
    btf = Btf(w.build())

    for ask in (btf.spell, btf.size_of, btf.strip):
        with contextlib.suppress(FormatError):
            ask(TypeId(1))
    with pytest.raises((FormatError, NotFound)):
        btf.field("deep_t", "x")


@given(
    order=ORDERS,
    place=st.tuples(st.integers(0, 100), st.integers(1, 64), st.integers(0, 9)),
    value=st.integers(0, 2**64 - 1),
    around=st.booleans(),
)
def test_a_bit_field_is_read_back(
    order: Order, place: tuple[int, int, int], value: int, around: bool
) -> None:
    start, bits, slack = place
    size = (start + bits + 7) // 8 + slack
    w = BtfWriter(order)
    w.struct("s", size, [("f", w.integer("long", 8), start, bits)])
    value &= (1 << bits) - 1
    # The struct as one number, in which bit `start` is counted from where the order begins.
    shift = start if order == "little" else 8 * size - start - bits
    others = (1 << 8 * size) - 1 if around else 0
    number = others & ~(((1 << bits) - 1) << shift) | value << shift
    memory = number.to_bytes(size, order)

    field = Btf(w.build()).field("s", "f")
    loaded = int.from_bytes(memory[field.offset : field.offset + field.size], order)

    assert field.bit_size == bits
    assert field.offset + field.size <= size
    assert loaded >> field.bit_offset & (1 << bits) - 1 == value


@given(st.lists(st.integers(0, 0xFFFFFFFF), max_size=40), ORDERS)
def test_no_word_is_lost(words: list[int], order: Order) -> None:
    prefix = "<" if order == "little" else ">"
    w = BtfWriter(order)
    w.record(Kind.DATASEC, 0, 7, *words[: len(words) // 3 * 3], vlen=len(words) // 3)
    data = w.build()

    rows = Btf(data).record(TypeId(1)).rows

    assert [word for row in rows for word in row] == words[: len(words) // 3 * 3]
    assert data[36 : 36 + 12 * len(rows)] == b"".join(struct.pack(f"{prefix}3I", *row) for row in rows)
