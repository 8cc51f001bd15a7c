"""How the structures of the kernel's interface lie in memory.

    layout("timespec")      Layout("timespec", 16, (Member("tv_sec", 0, Int("long long", 8, True)), …))

Members of anonymous structures and unions are members of what surrounds them, as
in C; members of a union lie at the same offset. A bit-field has `bits`. A structure
that has no name but is a named member's type is called by both: `bpf_attr.info`.

Source: `tables/structs.py`, for what arm64 has otherwise `tables/structs_aarch64.py`, and for
what single drivers have `tables/structs_ioctl.py`, generated from the UAPI headers by
tools/struct_table.py and tools/ioctl_types.py. Their rows are text, which is read when
somebody asks for the structure:

    40.15:2 u64 precise_ip      at byte 40, bits 15 and 16 of a u64

Not here: what `from_btf` does is `btf_layouts.py`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from argtrace.signature.model import Int, Opaque, Pointer, Void
from argtrace.signature.tables.scalars import SCALARS
from argtrace.value import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from argtrace.signature.btf import Btf


@frozen
class ArrayOf:
    """`count` elements; 0 for a flexible array member."""

    element: MemberType
    count: int


MemberType = Int | Pointer | Opaque | ArrayOf
"""Opaque is a structure or union by its name here: layout(type.name)."""


@frozen
class Member:
    """`offset` in bytes from the structure's beginning; `bits`: (first bit at that offset, how many).

    Of a bit-field, the word at `offset` is one of `type`.
    """

    name: str
    offset: int
    type: MemberType
    bits: tuple[int, int] | None = None


Row = tuple[str, int, str, tuple[int, int] | None]
"""A member in the table: name, offset, the type as text, bits."""


@frozen
class Layout:
    name: str
    size: int
    members: tuple[Member, ...]

    def member(self, name: str) -> Member:
        """Raises KeyError."""
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(f"{self.name}.{name}")


@functools.cache
def layout(name: str) -> Layout:
    """By name without `struct` or `union`, ours or C's: `timespec` is also `__kernel_timespec`.

    `stat@aarch64` is the one of arm64. Raises KeyError for one that nobody has.
    """
    from argtrace.signature.tables import structs  # noqa: PLC0415 (start-up)

    ints, table = structs.INTS, structs.STRUCTS
    name, _, machine = structs.ALIASES.get(name, name).partition("@")
    if machine:
        from argtrace.signature.tables import structs_aarch64  # noqa: PLC0415 (start-up)

        ints, table = {**ints, **structs_aarch64.INTS}, structs_aarch64.STRUCTS
    elif name not in table:
        from argtrace.signature.tables import structs_ioctl  # noqa: PLC0415 (start-up)

        ints, table = structs_ioctl.INTS, structs_ioctl.STRUCTS
        name = structs_ioctl.ALIASES.get(name, name)
    if name not in table:
        return _elsewhere(name)
    size, text = table[name]
    members = (Member(member, at, type_of(type, ints), bits) for member, at, type, bits in rows(text))
    return Layout(name, size, tuple(members))


@functools.cache
def scalar(text: str) -> MemberType:
    """The type of a number by its name: `u16`, `size_t`, `void *`. Raises KeyError."""
    from argtrace.signature.tables.structs import INTS  # noqa: PLC0415 (start-up)

    type = type_of(text.replace(" *", "*"), INTS)
    if isinstance(type, Opaque) and text not in SCALARS:
        raise KeyError(text)
    return Int(text, *SCALARS[text]) if isinstance(type, Opaque) else type


Source = Callable[[str], Layout]
"""Raises KeyError for what it does not have."""

_sources: list[Source] = []


def ask_too(source: Source) -> None:
    """Where to look for a structure that the table does not have: a running kernel's BTF."""
    _sources[:] = [source]
    layout.cache_clear()


def known(name: str) -> bool:
    try:
        layout(name)
    except KeyError:
        return False
    return True


def _elsewhere(name: str) -> Layout:
    for source in _sources:
        return source(name)
    raise KeyError(name)


def from_btf(btf: Btf, name: str) -> Layout:
    """The same from a kernel's BTF. Raises NotFound, and FormatError where the BTF lies."""
    from argtrace.signature import btf_layouts  # noqa: PLC0415 (start-up: seldom needed)

    return btf_layouts.layout(btf, name)


def rows(text: str) -> Iterator[Row]:
    """What a structure's text in the table says of each member."""
    for line in text.split("\n")[1:]:
        where, _, declared = line.partition(" ")
        type, _, name = declared.rpartition(" ")
        offset, _, bits = where.partition(".")
        first, _, count = bits.partition(":")
        yield name, int(offset), type, (int(first), int(count)) if bits else None


def type_of(text: str, ints: Mapping[str, tuple[int, bool]]) -> MemberType:
    """The type of a text of the table: `u8[4][6]`, `const iovec *`; `ints`: name → (size, signed)."""
    words, *dimensions = text.replace("]", "").split("[")
    target = words.rstrip("*")
    stars = len(words) - len(target)
    name = target.removeprefix("const ").rstrip()
    scalar = Int(name, *ints[name]) if name in ints else Opaque(name)
    type: MemberType = scalar
    if stars:
        pointer = Pointer(Void() if name == "void" else scalar, const=target.startswith("const "))
        for _ in range(stars - 1):
            pointer = Pointer(pointer)
        type = pointer
    for count in reversed(dimensions):
        type = ArrayOf(type, int(count))
    return type
