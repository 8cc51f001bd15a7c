"""Values as text: quoted as C would have it, and nothing that a terminal obeys."""

from __future__ import annotations

import ast
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.model import Address, Fd, Int, List, Missing, Named, Result, Text, Value, Why
from argtrace.present import spell


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"", '""', id="nothing"),
        pytest.param(b"/etc/hosts", '"/etc/hosts"', id="plain text"),
        pytest.param(
            b" !\"#'\\~", r'''" !\"#'\\~"''', id="quotes and backslashes are escaped, nothing else is"
        ),
        pytest.param(b"\n\t\r\v\f", r'"\n\t\r\v\f"', id="what C has a letter for"),
        pytest.param(b"\a\b", r'"\7\10"', id="strace writes no \\a and no \\b: they are octal"),
        pytest.param(b"\0", r'"\0"', id="an octal escape is as short as can be"),
        pytest.param(b"\x001", r'"\0001"', id="but three digits before a digit, or that would belong to it"),
        pytest.param(b"\x009", r'"\09"', id="9 is no octal digit"),
        pytest.param(b"\x1f8", r'"\378"', id="8 is no octal digit"),
        pytest.param(b"\x1f7", r'"\0377"', id="7 is one"),
        pytest.param(b"\x1f\n", r'"\37\n"', id="another escape is no digit"),
        pytest.param(b"\x1f\x1f", r'"\37\37"', id="nor is one in octal"),
        pytest.param(b"\x1b[31mred\x1b[m", r'"\33[31mred\33[m"', id="colours"),
        pytest.param(b"\x1b]0;title\x07", r'"\33]0;title\7"', id="a window's title"),
        pytest.param(b"\x9b31m", r'"\23331m"', id="an escape sequence in one byte"),
        pytest.param(b"\x7f\x80\xff", r'"\177\200\377"', id="delete, and bytes above ASCII"),
        pytest.param("é".encode(), r'"\303\251"', id="text that is no ASCII, as strace shows it"),
        pytest.param("\u202e".encode(), r'"\342\200\256"', id="the mark that turns a line around"),
        pytest.param(b"\xc3(", r'"\303("', id="invalid UTF-8"),
    ],
)
def test_quote(data: bytes, expected: str) -> None:
    assert spell.quote(data) == expected


@given(st.binary())
def test_a_quoted_string_reads_back(data: bytes) -> None:
    text = spell.quote(data)

    assert ast.literal_eval(f"b{text}") == data
    assert text.isascii()
    assert text.isprintable()


@given(st.binary())
def test_no_octal_escape_could_be_shorter(data: bytes) -> None:
    text = spell.quote(data)
    for at in range(len(text) - 4):
        if text[at : at + 2] == "\\0" and text[at + 2] in "01234567":
            shorter = text[: at + 1] + text[at + 1 : at + 4].lstrip("0") + text[at + 4 :]
            assert ast.literal_eval(f"b{shorter}") != data


def test_a_plain_name_has_no_quotes() -> None:
    assert spell.plain(b"kworker/0:1") == "kworker/0:1"
    assert spell.plain(b"a\x1b[31m\n") == r"a\33[31m\n"


TEXTS = List(0x7000, (Text(0, b"ls"), Text(0, b"-l")))
FAULT = Missing(0, Why.UNREADABLE, "EFAULT")

VALUES = [
    pytest.param(Int(0xFFFF_FFFF, -1), "-1", id="a number"),
    pytest.param(Int(0o644, 0o644, 8), "0644", id="a mode"),
    pytest.param(Int(0, 0, 8), "0", id="no mode"),
    pytest.param(Int(0x80000, 0x80000, 16), "0x80000", id="flags"),
    pytest.param(Int(0, 0, 16), "0", id="no flags"),
    pytest.param(Named(0xFFFF_FF9C, -100, "AT_FDCWD"), "AT_FDCWD", id="a number with a name"),
    pytest.param(Fd(3, 3), "3", id="a descriptor"),
    pytest.param(Fd(0xFFFF_FFFF, -1), "-1", id="no descriptor"),
    pytest.param(Address(0x7FFF_0000_1000), "0x7fff00001000", id="an address"),
    pytest.param(Address(0), "NULL", id="a null pointer"),
    pytest.param(Text(0x7000, b"text"), '"text"', id="a string"),
    pytest.param(Text(0x7000, b""), '""', id="an empty string"),
    pytest.param(Text(0x7000, b"te", cut=True), '"te"...', id="a string that was cut"),
    pytest.param(
        Missing(0x7000, Why.UNREADABLE, "EFAULT"), "0x7000 <unreadable: EFAULT>", id="what is not there"
    ),
    pytest.param(
        Missing(0x7000, Why.NOT_CAPTURED, "too many execs at once"),
        "0x7000 <not captured: too many execs at once>",
        id="memory that nobody looked at",
    ),
    pytest.param(List(0x7000, ()), "[]", id="an empty list"),
    pytest.param(TEXTS, '["ls", "-l"]', id="a list"),
    pytest.param(
        List(0x7000, TEXTS.items, Missing(0, Why.CUT, "no room")), '["ls", "-l", ...]', id="a list cut"
    ),
    pytest.param(
        List(0x7000, (Text(0, b"ls"),), FAULT), '["ls", <unreadable: EFAULT>]', id="a list that breaks off"
    ),
    pytest.param(
        List(0x7000, (Text(0, b"ls"), FAULT, Text(0, b"x", cut=True))),
        '["ls", <unreadable: EFAULT>, "x"...]',
        id="a list with holes",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), VALUES)
def test_a_value(value: Value, expected: str) -> None:
    assert spell.value(value) == expected


def test_every_kind_of_value_has_a_spelling() -> None:
    assert set(spell._SPELL) == set(get_args(Value)) == {type(case.values[0]) for case in VALUES}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(TEXTS, "0x7000 /* 2 vars */", id="a list is counted"),
        pytest.param(List(0x7000, ()), "0x7000 /* 0 vars */", id="an empty one too"),
        pytest.param(List(0x7000, TEXTS.items[:1]), "0x7000 /* 1 var */", id="one alone"),
        pytest.param(List(0x7000, TEXTS.items[:1], FAULT), "0x7000 /* 1+ vars */", id="one, and who knows"),
        pytest.param(List(0x7000, TEXTS.items, FAULT), "0x7000 /* 2+ vars */", id="one that is not whole"),
        pytest.param(Address(0), "NULL", id="a null pointer stays one"),
        pytest.param(
            Missing(0x7000, Why.UNREADABLE, "EFAULT"),
            "0x7000 <unreadable: EFAULT>",
            id="what is missing stays so",
        ),
    ],
)
def test_an_environment_in_short(value: Value, expected: str) -> None:
    assert spell.abbreviated(value) == expected


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param(Result(None), "?", id="none"),
        pytest.param(Result(3, Int(3, 3)), "3", id="a number"),
        pytest.param(Result(-4096, Int(0, -4096)), "-4096", id="a negative number that is no error"),
        pytest.param(Result(0x7000, Address(0x7000)), "0x7000", id="an address"),
        pytest.param(
            Result(-2, None, "ENOENT", "No such file or directory"),
            "-1 ENOENT (No such file or directory)",
            id="an error, as strace and perf agree on",
        ),
        pytest.param(
            Result(-512, None, "ERESTARTSYS", "To be restarted if SA_RESTART is set", restarts=True),
            "? ERESTARTSYS (To be restarted if SA_RESTART is set)",
            id="a call that goes on later, as strace has it",
        ),
        pytest.param(
            Result(-4000, None, "E4000", "Unknown error 4000"), "-1 E4000 (Unknown error 4000)", id="unknown"
        ),
    ],
)
def test_a_result(result: Result, expected: str) -> None:
    assert spell.result(result) == expected
