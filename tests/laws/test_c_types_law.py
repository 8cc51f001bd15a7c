"""Every pointer type C can spell is parsed, spelt again, and means the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.signature.c_types import is_string, is_strings, parse
from argtrace.signature.model import Int, Opaque, Pointer, Type, Void
from argtrace.signature.spell import type_text
from argtrace.signature.tables.scalars import POINTERS, SCALARS

NUMBERS = sorted(SCALARS)
NAMES = st.one_of(
    st.sampled_from(["void", "char", *NUMBERS]),
    st.from_regex(r"(struct |union )[a-z_][a-z0-9_]{0,10}", fullmatch=True),
    st.from_regex(r"[a-z_][a-z0-9_]{0,10}_t", fullmatch=True),
)
QUALIFIERS = st.lists(st.sampled_from(["const", "volatile"]), max_size=2, unique=True)
SPACES = st.sampled_from(["", " ", "  ", "\t"])


@st.composite
def pointers(draw: st.DrawFn) -> tuple[str, str, bool, int]:
    """A spelling; and its name, whether what it names is const, and the number of stars."""
    name = draw(NAMES)
    before, after = draw(QUALIFIERS), draw(QUALIFIERS)
    stars = draw(st.integers(1, 3))
    text = " ".join([*before, name, *after])
    for _ in range(stars):
        text += f"{draw(SPACES)}*{draw(SPACES)}{' '.join(draw(QUALIFIERS))}"
    return text, name, "const" in (*before, *after), stars


def _levels(type: Type) -> tuple[int, Type]:
    count = 0
    while isinstance(type, Pointer):
        type, count = type.target, count + 1
    return count, type


@given(pointers())
def test_stars_and_the_name_are_kept(pointer: tuple[str, str, bool, int]) -> None:
    text, name, const, stars = pointer
    type = parse(text)
    levels, target = _levels(type)

    assert levels == stars
    assert isinstance(type, Pointer)
    assert type.const == const
    assert type_text(target) == name
    assert isinstance(target, Void) == (name == "void")
    assert isinstance(target, Int) == (name == "char" or name in SCALARS)


@given(pointers())
def test_what_is_spelt_is_parsed_to_the_same(pointer: tuple[str, str, bool, int]) -> None:
    type = parse(pointer[0])

    assert parse(type_text(type)) == type


@given(pointers())
def test_strings_are_characters_at_one_level_or_two(pointer: tuple[str, str, bool, int]) -> None:
    text, name, _, stars = pointer

    assert is_string(parse(text)) == (name == "char" and stars == 1)
    assert is_strings(parse(text)) == (name == "char" and stars == 2)


@given(st.text())
def test_any_text_is_a_type(text: str) -> None:
    type_text(parse(text))


@pytest.mark.parametrize("name", [*NUMBERS, *sorted(POINTERS)])
def test_every_name_of_the_tables_is_what_the_tables_say(name: str) -> None:
    assert isinstance(parse(f"const {name}"), Opaque) == (name in POINTERS)
    assert parse(f"const {name}") == parse(name)
