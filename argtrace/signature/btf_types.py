"""What can a BTF type be, once its names are read?

One frozen value a kind. Types name each other by id, not by reference: struct
task_struct points to itself, and nobody wants the whole kernel to look at one member.

Source: Documentation/bpf/btf.rst, section 2.2 "Type Encoding".

Rules: sizes and offsets are in bytes and say so when they are not (`offset_bits`).
`name` is "" for what has none. A new kind goes into `Type` and into `Btf.type`.

Not here: how bytes become these is `btf.py`; what a call's signature is made of,
whatever source it came from, is `model.py`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, NamedTuple, NewType

from argtrace.value import frozen

TypeId = NewType("TypeId", int)

VOID_ID = TypeId(0)


class Linkage(IntEnum):
    """BTF_FUNC_* and BTF_VAR_*, which number the same three."""

    STATIC = 0
    GLOBAL = 1
    EXTERN = 2


@frozen
class Void:
    """Id 0: no record says so, everyone knows it."""


@frozen
class Int:
    """`bits` and `offset_bits` say more than `size` only for bit fields of writers before kind_flag."""

    name: str
    size: int
    signed: bool
    char: bool
    boolean: bool
    bits: int
    offset_bits: int


@frozen
class Float:
    name: str
    size: int


@frozen
class Pointer:
    target: TypeId


@frozen
class Array:
    """`count` is 0 for a flexible array."""

    element: TypeId
    index: TypeId
    count: int


@frozen
class Member:
    """`bits` is the width of a bit field; None for a member of whole bytes."""

    name: str
    type: TypeId
    offset_bits: int
    bits: int | None


@frozen
class Struct:
    keyword: Literal["struct", "union"]
    name: str
    size: int
    members: tuple[Member, ...]


@frozen
class Enum:
    """Both enum kinds: 32-bit values and 64-bit ones."""

    name: str
    size: int
    signed: bool
    values: tuple[tuple[str, int], ...]


@frozen
class Forward:
    """Declared, not defined: `struct foo;`."""

    keyword: Literal["struct", "union"]
    name: str


@frozen
class Typedef:
    name: str
    target: TypeId


@frozen
class Qualified:
    keyword: Literal["const", "volatile", "restrict"]
    target: TypeId


@frozen
class TypeTag:
    """`__attribute__((btf_type_tag("user")))`: `attribute` if the tag is an attribute's own name."""

    tag: str
    attribute: bool
    target: TypeId


@frozen
class DeclTag:
    """A tag on a declaration, or on its member or parameter number `component`."""

    tag: str
    attribute: bool
    target: TypeId
    component: int | None


@frozen
class Param:
    name: str
    type: TypeId


@frozen
class FuncProto:
    """What goes in and out, in order. The `...` of a variadic function is not a parameter."""

    params: tuple[Param, ...]
    result: TypeId
    variadic: bool


@frozen
class Func:
    name: str
    proto: TypeId
    linkage: Linkage


@frozen
class Var:
    name: str
    type: TypeId
    linkage: Linkage


@frozen
class Placed:
    """A variable in its section."""

    var: TypeId
    offset: int
    size: int


@frozen
class DataSec:
    name: str
    size: int
    vars: tuple[Placed, ...]


Type = (
    Void
    | Int
    | Float
    | Pointer
    | Array
    | Struct
    | Enum
    | Forward
    | Typedef
    | Qualified
    | TypeTag
    | DeclTag
    | FuncProto
    | Func
    | Var
    | DataSec
)


@frozen
class Field:
    """Where a member is: load `size` bytes at `offset` from the start of the struct.

    Of a bit field, shift the loaded word right by `bit_offset` and keep `bit_size`
    bits: both count from the least significant bit, whatever the byte order. `size`
    is then a power of two up to 8, unless the struct is packed so that none fits.
    """

    offset: int
    size: int
    signed: bool
    type: TypeId
    bit_offset: int = 0
    bit_size: int | None = None


class Scalar(NamedTuple):
    size: int
    signed: bool
