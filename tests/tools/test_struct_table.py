"""The compiler's own sizeof and offsetof for each layout, and what counts as a structure that grew.

BTF is one way to a layout, the compiler's constant expressions are another: gcc 12, for one,
writes the dimensions of arrays in the wrong order.

Not here: that the committed table agrees with the headers is `test_tables.py`.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from argtrace.signature.btf import Kind
from argtrace.signature.layouts import ArrayOf, Layout, Member, MemberType
from argtrace.signature.model import Int, Opaque, Pointer
from argtrace.signature.tables.structs import ALIASES, INTS, STRUCTS
from tools import struct_table
from tools.committed import INPUTS
from tools.headers import UnreadError
from tools.struct_table import Found, Group

HEADERS = Path("/usr/include")
GROUPS = [*struct_table.groups("from"), *struct_table.groups("own")]


# ---- the compiler's word ---------------------------------------------------------------


def read(group: Group) -> Found:
    if shutil.which("gcc") is None:
        pytest.skip("There is no gcc to compare with.")
    try:
        found = struct_table.read(group, HEADERS)
    except UnreadError as error:
        pytest.skip(f"The group cannot be compiled here: {error}.")
    if found is None:
        pytest.skip("None of the headers is installed.")
    return found


def c_type(found: Found, name: str) -> str | None:
    """An expression that C takes for the structure's type; None for a part, which C cannot name."""
    outer, dot, member = name.rpartition(".")
    if dot:
        of = c_type(found, outer)
        type = found.layouts[outer].member(member).type
        elements = ""
        while isinstance(type, ArrayOf):
            type = type.element
            elements += "[0]"
        return of and f"__typeof__((({of} *)0)->{member}{elements})"
    for keyword in ("struct", "union"):
        if found.btf.has(Kind[keyword.upper()], name):
            return f"{keyword} {name}"
    return name if found.btf.has(Kind.TYPEDEF, name) else None


def size(found: Found, type: MemberType) -> int:
    match type:
        case ArrayOf(element=element, count=count):
            return count * size(found, element)
        case Pointer():
            return 8
        case Int(size=bytes):
            return bytes
        case Opaque(name=name):
            return found.layouts[name].size


def assertions(found: Found, layout: Layout, of: str) -> Iterator[str]:
    yield f"sizeof({of}) == {layout.size}"
    for member in layout.members:
        if member.bits:
            continue
        there = f"(({of} *)0)->{member.name}"
        yield f"__builtin_offsetof({of}, {member.name}) == {member.offset}"
        # A flexible array has no size.
        if not (isinstance(member.type, ArrayOf) and not member.type.count):
            yield f"sizeof({there}) == {size(found, member.type)}"
        element, type = there, member.type
        while isinstance(type, ArrayOf):
            element, type = f"{element}[0]", type.element
            yield f"sizeof({element}) == {size(found, type)}"
        if isinstance(type, Int):
            yield f"((__typeof__({element}))-1 < 0) == {int(type.signed)}"


def including(group: Group) -> str:
    headers = (name for name in group.headers if struct_table._has(HEADERS, name))
    return group.prelude + "\n" + "".join(f"#include <{name}>\n" for name in headers) + group.code + "\n"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: (group.headers + group.structs)[0])
def test_the_compiler_agrees_on_sizes_offsets_and_signs(group: Group, tmp_path: Path) -> None:
    found = read(group)
    lines = [
        f'_Static_assert({each}, "{layout.name}");\n'
        for name, layout in found.layouts.items()
        if (of := c_type(found, name))
        for each in assertions(found, layout, of)
    ]
    assert lines
    source = tmp_path / "layouts.c"
    source.write_text(including(group) + "".join(lines))
    done = subprocess.run(
        ["gcc", "-w", "-D__EXPORTED_HEADERS__", "-fsyntax-only", source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:4000]


# Writes all bytes of a structure whose bit-field alone is set.
SHOW = """
int printf(const char *, ...);
#define SHOW(type, size, member) { \\
	static union { type value; unsigned char bytes[size]; } u; \\
	u.value.member = -1; \\
	for (int at = 0; at < size; at++) printf("%02x", u.bytes[at]); \\
	printf("\\n"); \\
}
"""


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: (group.headers + group.structs)[0])
def test_a_bit_field_is_where_the_compiler_sets_its_bits(group: Group, tmp_path: Path) -> None:
    found = read(group)
    fields = [
        (of, layout, member)
        for name, layout in found.layouts.items()
        if (of := c_type(found, name))
        for member in layout.members
        if member.bits
    ]
    if not fields:
        return
    lines = [f"SHOW({of}, {layout.size}, {member.name})\n" for of, layout, member in fields]
    source, program = tmp_path / "bits.c", tmp_path / "bits"
    source.write_text(f"{including(group)}{SHOW}int main(void) {{\n{''.join(lines)}return 0; }}\n")
    subprocess.run(["gcc", "-w", "-D__EXPORTED_HEADERS__", source, "-o", program], check=True)
    out = subprocess.run([program], capture_output=True, text=True, check=True).stdout.split()
    assert [int.from_bytes(bytes.fromhex(line), "little") for line in out] == [
        mask(member) for _, _, member in fields
    ]


def mask(member: Member) -> int:
    assert member.bits
    assert isinstance(member.type, Int)
    first, count = member.bits
    # The bits lie in the word that the layout says to load.
    assert first + count <= 8 * member.type.size
    return ((1 << count) - 1) << (8 * member.offset + first)


# ---- the input -------------------------------------------------------------------------


def test_each_name_that_the_input_asks_for_is_in_the_table() -> None:
    asked = {name for group in GROUPS for name in group.structs if not set("*?[") & set(name)}
    asked |= {title for group in GROUPS for parts in group.parts.values() for title in parts.values()}
    asked |= {
        name
        for names in tomllib.loads((INPUTS / "structs.toml").read_text())["changed"].values()
        for name in names
    }
    assert sorted(asked - set(STRUCTS) - set(ALIASES)) == []


def test_what_is_renamed_and_what_is_our_own_says_so() -> None:
    for group in GROUPS:
        assert {ALIASES.get(old) for old in group.rename} == set(group.rename.values()) or not group.rename
    assert all(group.source for group in struct_table.groups("own"))


def test_numbers_are_of_sizes_that_there_are() -> None:
    assert {size for size, _ in INTS.values()} <= {1, 2, 4, 8, 16}


# ---- structures that grow --------------------------------------------------------------

A = ("a", 0, "u32", None)
B = ("b", 4, "u32", None)
PAD = ("pad", 4, "u32", None)
OLD = (8, (A, B))


@pytest.mark.parametrize(
    ("other", "newer"),
    [
        pytest.param((12, (A, B, ("c", 8, "u32", None))), True, id="a member at the end"),
        pytest.param((4, (A,)), False, id="an older one"),
        pytest.param((8, (A, B, ("also", 4, "u16", None))), True, id="a member in the same place: a union"),
        pytest.param((8, (A, PAD)), False, id="a place kept free before"),
        pytest.param((8, (A, ("b", 4, "s32", None))), None, id="another type"),
        pytest.param((8, (A, ("c", 4, "u32", None))), None, id="another name"),
        pytest.param((12, (A, ("b", 8, "u32", None))), None, id="another offset"),
        pytest.param((8, (A,)), False, id="padding without a name"),
        pytest.param((16, (A, B)), None, id="larger by nothing"),
    ],
)
def test_which_of_two_is_the_newer(other: object, newer: bool | None) -> None:
    expected = {True: other, False: OLD, None: None}[newer]
    assert struct_table.newer(("struct", "s"), OLD, other) == expected
    assert struct_table.newer(("struct", "s"), other, OLD) == expected


def test_spare_members_of_one_count_do_not_say_which_is_newer() -> None:
    assert struct_table.newer(("struct", "s"), (8, (A, PAD)), (8, (A, ("resv", 4, "u32", None)))) is None


def test_a_number_does_not_grow() -> None:
    assert struct_table.newer(("int", "time_t"), (4, True), (8, True)) is None


def test_older_headers_are_not_asked_for_what_changed_later() -> None:
    assert "vt_mode" in struct_table.changed_since("Linux 6.1.192")
    assert "vt_mode" not in struct_table.changed_since("Linux 7.3.4")
    assert "vt_mode" not in struct_table.changed_since("Linux 7.10")
