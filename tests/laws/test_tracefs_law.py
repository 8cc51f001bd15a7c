"""A format's text is a value or FormatError, whatever the text."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from argtrace.errors import FormatError
from argtrace.signature import syscalls, tracefs
from argtrace.signature.tracefs import Format

FORMATS = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent.parent / "cases" / "formats").glob("*.format"))
}

# What the parser looks for, so that a change is likely to matter.
PIECES = st.one_of(
    st.sampled_from(
        [
            *("\n", "\n\n", "\t", ";", "field:", "\tfield:", "offset:", "size:", "signed:", "print fmt:"),
            *("name: ", "ID: ", "format:\n", "int x", "*", "[", "]", "[16]", "[]", "9" * 5000, "-1", "٣"),
        ]
    ),
    st.text(max_size=5),
)
CHANGES = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 30), PIECES), max_size=5)


def _changed(text: str, changes: list[tuple[int, int, str]]) -> str:
    for place, length, piece in changes:
        at = place % (len(text) + 1)
        text = text[:at] + piece + text[at + length :]
    return text


def _parse(text: str) -> Format | None:
    try:
        return tracefs.parse(text)
    except FormatError:
        return None


@given(st.text())
def test_any_text(text: str) -> None:
    _parse(text)


@given(st.lists(PIECES).map("".join))
def test_any_text_of_the_right_pieces(text: str) -> None:
    _parse(text)


@given(st.sampled_from(sorted(FORMATS)), CHANGES)
def test_a_valid_text_with_some_pieces_changed(name: str, changes: list[tuple[int, int, str]]) -> None:
    found = _parse(_changed(FORMATS[name], changes))

    if found is not None:
        assert all(field.name and field.type and field.offset >= 0 for field in found.fields)


@given(CHANGES)
def test_a_call_has_a_signature_whatever_its_format_says(changes: list[tuple[int, int, str]]) -> None:
    text = _changed(FORMATS["sys_enter_openat-6.18"], changes)

    assert syscalls.signatures([257], lambda _: text)[257].name == "openat"


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True)
TYPES = st.sampled_from(
    ["int", "char *", "const char *const *", "unsigned long", "struct s *", "__data_loc char[]"]
)
FIELDS = st.tuples(TYPES, NAMES, st.integers(0, 10**6), st.integers(0, 4096), st.booleans())


@given(NAMES, st.integers(0, 10**6), st.lists(FIELDS))
def test_what_a_kernel_prints_is_read_back(
    name: str, id: int, fields: list[tuple[str, str, int, int, bool]]
) -> None:
    lines = [
        f"\tfield:{type} {field};\toffset:{offset};\tsize:{size};\tsigned:{int(signed)};\n"
        for type, field, offset, size, signed in fields
    ]
    common = "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
    text = f'name: {name}\nID: {id}\nformat:\n{common}\n{"".join(lines)}\nprint fmt: ""\n'

    read = tracefs.parse(text)

    assert (read.name, read.id) == (name, id)
    assert [(f.type, f.name, f.offset, f.size, f.signed) for f in read.fields] == fields
