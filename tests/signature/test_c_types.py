"""C type texts, as formats and tables spell them."""

from __future__ import annotations

import pytest

from argtrace.signature.c_types import CHAR, is_string, is_strings, parse
from argtrace.signature.model import Int, Opaque, Pointer, Type, Void
from argtrace.signature.tables.scalars import POINTERS, SCALARS
from argtrace.signature.tables.syscalls_x86_64 import CALLS

CASES = [
    pytest.param("int", Int("int", 4, signed=True), id="a number"),
    pytest.param("const clockid_t", Int("clockid_t", 4, signed=True), id="a const number is a number"),
    pytest.param("unsigned long", Int("unsigned long", 8, signed=False), id="a number of two words"),
    pytest.param("umode_t", Int("umode_t", 2, signed=False), id="a number of two bytes"),
    pytest.param("loff_t", Int("loff_t", 8, signed=True), id="a number with a sign"),
    pytest.param("fancy_t", Int("fancy_t", 8, signed=False), id="a type no table knows is a word"),
    pytest.param("void *", Pointer(Void()), id="an address of anything"),
    pytest.param("const void *", Pointer(Void(), const=True), id="an address of const anything"),
    pytest.param("char *", Pointer(CHAR), id="characters"),
    pytest.param("const char *", Pointer(CHAR, const=True), id="const characters"),
    pytest.param("char const *", Pointer(CHAR, const=True), id="const on the other side says the same"),
    pytest.param("char*", Pointer(CHAR), id="no space is needed"),
    pytest.param(
        "const char *const *", Pointer(Pointer(CHAR, const=True), const=True), id="const pointers to const"
    ),
    pytest.param("char *const", Pointer(CHAR), id="const of the argument itself says nothing to the caller"),
    pytest.param("struct stat *", Pointer(Opaque("struct stat")), id="a structure by its name"),
    pytest.param("fd_set *", Pointer(Opaque("fd_set")), id="a typedef by its name"),
    pytest.param("u32 *", Pointer(Int("u32", 4, signed=False)), id="an address of a number"),
    pytest.param("struct iocb **", Pointer(Pointer(Opaque("struct iocb"))), id="an array of addresses"),
    pytest.param("volatile int *", Pointer(Int("int", 4, signed=True)), id="volatile says nothing to us"),
    pytest.param(
        "cap_user_data_t", Opaque("cap_user_data_t"), id="a typedef that hides its star is no number"
    ),
]


@pytest.mark.parametrize(("text", "type"), CASES)
def test_parse(text: str, type: Type) -> None:
    assert parse(text) == type


STRING_CASES = [
    pytest.param("const char *", "string", id="const char * is"),
    pytest.param("char *", "string", id="char * is"),
    pytest.param("const char *const *", "strings", id="an array of them is not one"),
    pytest.param("char **", "strings", id="const is not needed"),
    pytest.param("char ***", "neither", id="an array of arrays is neither"),
    pytest.param("char", "neither", id="a character is not"),
    pytest.param("unsigned char *", "neither", id="bytes are not"),
    pytest.param("void *", "neither", id="an address of anything is not"),
    pytest.param("struct iocb **", "neither", id="an array of addresses is not"),
]


@pytest.mark.parametrize(("text", "kind"), STRING_CASES)
def test_what_is_a_string(text: str, kind: str) -> None:
    type = parse(text)

    assert (is_string(type), is_strings(type)) == (kind == "string", kind == "strings")


def test_every_type_of_the_table_is_known() -> None:
    """A type by value that neither table has would be shown as an unsigned word, whatever it is."""
    by_value = {
        " ".join(word for word in text.split() if word != "const")
        for _, params in CALLS.values()
        for text, _ in params
        if "*" not in text
    }

    assert by_value <= SCALARS.keys() | POINTERS
