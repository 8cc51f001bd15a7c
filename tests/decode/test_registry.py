"""Every beautifier is for something that exists, and narrowing a word loses nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode import generic, registry, table
from argtrace.decode.model import Address, Int, Value
from argtrace.decode.registry import Arg, narrow
from argtrace.signature import model
from argtrace.signature.model import Param, Pointer, Signature, Void
from tests.support.decoding import signatures

assert table  # importing it registers all beautifiers there are

PARAMS = [(signature.name, param) for signature in signatures().values() for param in signature.params]


@pytest.mark.parametrize("argument", registry.registered())
def test_an_argument_with_a_beautifier_is_one_of_a_call(argument: str) -> None:
    assert argument in {f"{call}.{param.name}" for call, param in PARAMS}


@pytest.mark.parametrize("name", registry._BY_NAME)
def test_a_name_with_a_beautifier_is_a_number_in_some_call(name: str) -> None:
    assert [call for call, param in PARAMS if param.name == name and isinstance(param.type, model.Int)]


@pytest.mark.parametrize("type", registry._BY_TYPE)
def test_a_type_with_a_beautifier_is_one_of_some_argument(type: str) -> None:
    assert [call for call, param in PARAMS if isinstance(param.type, model.Int) and param.type.name == type]


INT = model.Int("int", 4, signed=True)


def first(_: Arg) -> Value:
    return Int(1, 1)


def second(_: Arg) -> Value:
    return Int(2, 2)


def third(_: Arg) -> Value:
    return Int(3, 3)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three beautifiers, and no others: for a call's argument, a name, a type."""
    for name in ("_BY_ARGUMENT", "_BY_NAME", "_BY_TYPE"):
        monkeypatch.setattr(registry, name, {})
    registry.beautifies("one.what")(first)
    registry.beautifies("*.what")(second)
    registry.beautifies_type("int")(third)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(
    ("call", "param", "expected"),
    [
        pytest.param("one", Param("what", INT), first, id="the call's own argument comes first"),
        pytest.param("two", Param("what", INT), second, id="then the name, in any call"),
        pytest.param("two", Param("other", INT), third, id="then the type"),
        pytest.param("two", Param("other", model.Int("long", 8, signed=True)), None, id="then nobody"),
        pytest.param("two", Param("what", Pointer(INT)), None, id="a pointer is not what its name says"),
        pytest.param("one", Param("what", Pointer(INT)), first, id="unless it is this very pointer"),
    ],
)
def test_who_is_asked(call: str, param: Param, expected: registry.Beautifier | None) -> None:
    assert registry.find(call, param) is expected


@pytest.mark.usefixtures("registered")
def test_two_for_one_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"one\.what has a beautifier"):
        registry.beautifies("one.what")(third)
    with pytest.raises(ValueError, match=r"\*\.what has a beautifier"):
        registry.beautifies("*.what")(third)
    with pytest.raises(ValueError, match="type int has a beautifier"):
        registry.beautifies_type("int")(first)


@pytest.mark.parametrize(
    ("raw", "size", "signed", "expected"),
    [
        pytest.param(0x7F, 1, True, 127, id="the largest signed byte"),
        pytest.param(0x80, 1, True, -128, id="the smallest signed byte"),
        pytest.param(0x80, 1, False, 128, id="the same without a sign"),
        pytest.param(
            0xFFFF_FFFF_7FFF_FFFF, 4, True, (1 << 31) - 1, id="what is above an int is not looked at"
        ),
        pytest.param(0x8000_0000, 4, True, -(1 << 31), id="the smallest int"),
        pytest.param(0xFFFF_FFFF_FFFF_FFFF, 4, False, 0xFFFF_FFFF, id="all bits of an unsigned int"),
        pytest.param(0xFFFF_FFFF_FFFF_FFFF, 8, True, -1, id="all bits of a long"),
        pytest.param(0xFFFF_FFFF_FFFF_FFFF, 8, False, (1 << 64) - 1, id="all bits of an unsigned long"),
        pytest.param(0, 2, True, 0, id="nothing"),
    ],
)
def test_narrow(raw: int, size: int, signed: bool, expected: int) -> None:
    assert narrow(raw, size, signed) == expected


@given(st.integers(0, 2**64 - 1), st.sampled_from((1, 2, 4, 8)), st.booleans())
def test_a_narrowed_word_is_the_word_in_its_low_bytes(raw: int, size: int, signed: bool) -> None:
    narrowed = narrow(raw, size, signed)

    assert narrowed.to_bytes(size, "little", signed=signed) == raw.to_bytes(8, "little")[:size]


# What types alone say, and what is said of every argument of every call.
@pytest.mark.parametrize(
    ("type", "raw", "expected"),
    [
        pytest.param(INT, 0xFFFF_FFFF, Int(0xFFFF_FFFF, -1), id="an int has its sign, and keeps its word"),
        pytest.param(Pointer(Void()), 0, Address(0), id="a pointer is an address"),
        pytest.param(model.Opaque("fd_set"), 7, Address(7), id="what has no known type is one too"),
    ],
)
def test_generic(type: model.Type, raw: int, expected: Value) -> None:
    assert generic.generic(Arg(raw, type)) == expected


WORDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1)


@pytest.mark.parametrize("signature", signatures().values(), ids=lambda signature: signature.name)
def test_every_argument_of_every_call_keeps_its_word(signature: Signature) -> None:
    for param in signature.params:
        beautifier = registry.find(signature.name, param) or generic.generic
        for raw in WORDS:
            assert beautifier(Arg(raw, param.type)).raw == raw
