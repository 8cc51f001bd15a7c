"""Whatever the number: the names and the rest of a set of flags make it up, and no name is made up."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from argtrace.decode.constants import enum, flags
from argtrace.decode.model import Int, Named
from argtrace.signature import constants
from argtrace.signature.constants import Constants
from argtrace.signature.tables.constants_index import FAMILIES

WORDS = st.integers(0, 2**64 - 1)
TABLES = [constants.table(name) for name in FAMILIES]
FLAGS = [table for table in TABLES if not table.enumeration]
ENUMS = [table for table in TABLES if table.enumeration]


def edges(table: Constants) -> list[int]:
    """All names and fields at once, each name alone, and numbers beside those that have one."""
    numbers = [*table.names, *(number for field in table.fields for number in field.names)]
    masks = [field.mask for field in table.fields]
    whole = 0
    for number in numbers:
        whole |= number % 2**64
    near = (number + by for number in (*numbers, *masks) for by in (-1, 0, 1))
    without = (~number for number in (0, whole, *masks))
    return sorted({number % 2**64 for number in (0, whole, 1 << 63, 1 << 31, *near, *without)})


EDGES = {table.name: edges(table) for table in TABLES}


def check_flags(table: Constants, bits: int) -> None:
    value = flags(bits, bits, table)
    named = 0
    for name in value.names:
        number = constants.number(table.name, name) % 2**64
        assert number & ~bits == 0
        assert number & named == 0
        named |= number
    assert value.value == bits
    assert named | value.rest == bits
    # A bit is told once: by a name, or as the rest.
    assert named & value.rest == 0
    assert len(set(value.names)) == len(value.names)
    # What is left has no name.
    rest = value.rest
    assert not any(rest & number == number for number in table.names)
    assert not any(rest & field.mask and bits & field.mask in field.names for field in table.fields)


def check_enum(table: Constants, bits: int, size: int) -> None:
    word = bits % 2 ** (8 * size)
    sign = word - (word >> (8 * size - 1) << 8 * size)
    for typed in (word, sign):
        value = enum(bits, typed, word, table)
        assert (value.raw, value.value) == (bits, typed)
        if isinstance(value, Named):
            number = constants.number(table.name, value.name)
            # -1 is found in 32 bits of a longer word too.
            assert word == number % 2 ** (8 * size) or (number < 0 and word == number % 2**32)
        else:
            assert isinstance(value, Int)
            assert word not in table.names
            assert typed not in table.names
            assert size < 4 or sign not in table.names


@given(bits=WORDS)
@example(bits=0)
@example(bits=2**64 - 1)
def test_no_bit_is_lost(bits: int) -> None:
    for table in FLAGS:
        check_flags(table, bits)


@given(picks=st.lists(st.integers(0, 2**16)))
def test_no_bit_is_lost_of_several_names(picks: list[int]) -> None:
    for table in FLAGS:
        known = EDGES[table.name]
        bits = 0
        for pick in picks:
            bits |= known[pick % len(known)]
        check_flags(table, bits)


@given(bits=WORDS, size=st.sampled_from((1, 2, 4, 8)))
def test_a_number_has_its_name_or_none(bits: int, size: int) -> None:
    for table in ENUMS:
        check_enum(table, bits, size)


@pytest.mark.parametrize("table", FLAGS, ids=lambda table: table.name)
def test_no_bit_is_lost_at_the_edges(table: Constants) -> None:
    for bits in EDGES[table.name]:
        check_flags(table, bits)


@pytest.mark.parametrize("table", ENUMS, ids=lambda table: table.name)
def test_a_number_beside_the_known_ones_has_no_name(table: Constants) -> None:
    for bits in EDGES[table.name]:
        for size in (1, 2, 4, 8):
            check_enum(table, bits, size)


@pytest.mark.parametrize("table", FLAGS, ids=lambda table: table.name)
def test_every_flag_is_shown_for_its_number(table: Constants) -> None:
    assert all(number > 0 for number in table.names)
    for number, name in table.names.items():
        assert name in flags(number, number, table).names
    for field in table.fields:
        for number, name in field.names.items():
            names = flags(number, number, table).names
            assert name in names or names == (table.zero,)


@pytest.mark.parametrize("table", ENUMS, ids=lambda table: table.name)
def test_every_name_is_shown_for_its_number(table: Constants) -> None:
    for number, name in table.names.items():
        for size in (4, 8):
            if -(2 ** (8 * size - 1)) <= number < 2 ** (8 * size):
                word = number % 2 ** (8 * size)
                assert enum(word, word, word, table) == Named(word, word, name)


def test_a_lost_bit_would_be_noticed() -> None:
    broken = Constants("open", {3 << 20: "O_CREAT", **constants.table("open").names})
    with pytest.raises(AssertionError):
        check_flags(broken, 3 << 20)
