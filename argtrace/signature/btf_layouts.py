"""BTF to layouts: how does a structure of this kernel, or of this object file, lie in memory?

Source: Documentation/bpf/btf.rst, "Type Encoding".

Whatever the bytes: a Layout, FormatError, or NotFound for a name that is not there.
`layouts.from_btf` is the way in; it keeps what is not needed at start-up out of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from argtrace.errors import FormatError, NotFound
from argtrace.signature.btf import Btf, Kind, TypeId
from argtrace.signature.btf_types import (
    Array,
    Enum,
    Float,
    Forward,
    Int,
    Member,
    Pointer,
    Qualified,
    Struct,
    Typedef,
    TypeTag,
)
from argtrace.signature.layouts import ArrayOf, Layout, MemberType
from argtrace.signature.layouts import Member as Placed
from argtrace.signature.model import Int as Integer
from argtrace.signature.model import Opaque, Type, Void
from argtrace.signature.model import Pointer as Address
from argtrace.value import mutable

_MEMBERS = 1 << 12  # struct page's families are at some hundred; a lie can claim any number
_DEPTH = 16  # structures without a name in one another, stars and dimensions in a row

# gcc's and clang's words, and what people write.
_WORDS = {
    "char": "char",
    "short int": "short",
    "short unsigned int": "unsigned short",
    "long int": "long",
    "long unsigned int": "unsigned long",
    "long long int": "long long",
    "long long unsigned int": "unsigned long long",
    "_Bool": "bool",
}
_KERNEL_WORDS = {"__kernel_long_t": "long", "__kernel_ulong_t": "unsigned long"}


def layout(btf: Btf, name: str, part: str = "") -> Layout:
    """The structure, the union, or the typedef of one. `outer.member`: one that has no name of its own.

    `part`: of the structures without name or member in it, the one that has this member.
    """
    outer, *path = name.split(".")
    id = structure(btf, outer)
    for member in path:
        id = _inner(btf, id, member, name)
    struct = _part(btf, id, part, name) if part else next(_nameless(btf, id, name))
    whole = _Whole(name, struct.size, [])
    _flatten(btf, struct, 0, whole, 0)
    return Layout(name, whole.size, tuple(whole.members))


def integer(name: str) -> str:
    """What an integer type is called here: `u32` for __u32, `pid_t` for __kernel_pid_t."""
    if name in _KERNEL_WORDS:
        return _KERNEL_WORDS[name]
    for prefix in ("__kernel_", "__aligned_", "__"):
        if name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    return _WORDS.get(name, name)


@mutable
class _Whole:
    """The structure being laid out."""

    name: str
    size: int
    members: list[Placed]
    steps: int = 0


def structure(btf: Btf, name: str) -> TypeId:
    """The id of what `struct name`, `union name` or the typedef `name` is."""
    for kind in (Kind.STRUCT, Kind.UNION, Kind.TYPEDEF):
        for id in btf.ids_of(kind, name):
            stripped = btf.strip(id)
            if isinstance(btf.type(stripped), Struct):
                return stripped
    raise NotFound(name, "structures of the BTF")


def _inner(btf: Btf, id: TypeId, name: str, whole: str) -> TypeId:
    """The structure that is a member's type, or its elements'."""
    for struct in _nameless(btf, id, whole):
        for member in struct.members:
            if member.name == name:
                inner = btf.strip(member.type)
                for _ in range(_DEPTH):
                    array = btf.type(inner)
                    if not isinstance(array, Array):
                        break
                    inner = btf.strip(array.element)
                if isinstance(btf.type(inner), Struct):
                    return inner
    raise NotFound(whole, "structures of the BTF")


def _part(btf: Btf, id: TypeId, member: str, whole: str) -> Struct:
    for struct in _nameless(btf, id, whole):
        if struct.keyword == "struct" and any(each.name == member for each in struct.members):
            return struct
    raise NotFound(f"{whole}.{member}", "structures of the BTF")


def _nameless(btf: Btf, id: TypeId, whole: str) -> Iterator[Struct]:
    """The structure, and all without name or member in it, in order."""
    stack = [(id, 0)]
    for _ in range(_MEMBERS):
        if not stack:
            return
        at, depth = stack.pop()
        struct = btf.type(btf.strip(at))
        if isinstance(struct, Struct) and depth <= _DEPTH:
            yield struct
            stack += [(member.type, depth + 1) for member in reversed(struct.members) if not member.name]
    raise _lie(btf, f"at most {_MEMBERS} structures in {whole}")


def _flatten(btf: Btf, struct: Struct, before: int, whole: _Whole, depth: int) -> None:
    for member in struct.members:
        whole.steps += 1
        if whole.steps > _MEMBERS or depth > _DEPTH:
            raise _lie(btf, f"at most {_MEMBERS} members in {whole.name}")
        inner = btf.type(btf.strip(member.type))
        if isinstance(inner, Struct) and not member.name:
            _flatten(btf, inner, before + member.offset_bits, whole, depth + 1)
        elif isinstance(inner, Struct) and not inner.members:
            continue  # DECLARE_FLEX_ARRAY's `struct {} __empty_name`, which C needs and nobody else
        elif member.name:
            whole.members.append(_place(btf, member, before, whole))


def _place(btf: Btf, member: Member, before: int, whole: _Whole) -> Placed:
    start = before + member.offset_bits
    type = _type(btf, member.type, f"{whole.name}.{member.name}", 0)
    if member.bits is None or not isinstance(type, Integer):
        return Placed(member.name, start // 8, type)
    # The word of the declared type that holds the bits; in a packed structure, that begins where they do.
    offset = start // 8 // max(type.size, 1) * type.size
    if start + member.bits > 8 * (offset + type.size):
        offset = start // 8
    offset = max(0, min(offset, whole.size - type.size))
    return Placed(member.name, offset, type, (start - 8 * offset, member.bits))


def _type(btf: Btf, id: TypeId, nameless: str, depth: int) -> MemberType:
    """`nameless`: what a structure without a name is called."""
    typedef = ""
    for _ in range(256):
        match btf.type(id):
            case Typedef(name=name, target=target):
                typedef = typedef or name
                id = target
            case Qualified(target=target) | TypeTag(target=target):
                id = target
            case Int(name=name, size=size, signed=signed, boolean=boolean):
                return Integer("bool" if boolean else integer(typedef or name), size, signed)
            case Enum(name=name, size=size, signed=signed):
                words = f"enum {name}" if name else "int" if signed else "unsigned int"
                return Integer(integer(typedef) if typedef else words, size, signed)
            case Float(name=name, size=size):
                return Integer(name, size, signed=True)
            case Pointer(target=target):
                return Address(*_target(btf, target, depth + 1))
            case Array(element=element, count=count):
                if depth > _DEPTH:
                    break
                return ArrayOf(_type(btf, element, nameless, depth + 1), count)
            case Struct(name=name):
                return Opaque(name or typedef or nameless)
            case Forward(name=name):
                return Opaque(name)
            case _:
                return Opaque("void")
    raise _lie(btf, f"a type of at most {_DEPTH} dimensions, for {nameless}")


def _target(btf: Btf, id: TypeId, depth: int) -> tuple[Type, bool]:
    """What is pointed to, and whether it is const. A function or an array is void here."""
    const = False
    for _ in range(256):
        match btf.type(id):
            case Qualified(keyword=keyword, target=target):
                const = const or keyword == "const"
                id = target
            case TypeTag(target=target):
                id = target
            case Pointer(target=target):
                return (Void() if depth > _DEPTH else Address(*_target(btf, target, depth + 1))), const
            case Typedef() | Int() | Enum() | Float() | Struct() | Forward():
                type = _type(btf, id, "", depth)
                if isinstance(type, ArrayOf) or type in (Opaque("void"), Opaque("")):
                    return Void(), const
                return type, const
            case _:
                return Void(), const
    raise _lie(btf, "a pointer of at most 256 types")


def _lie(btf: Btf, expected: str) -> FormatError:
    return FormatError(btf.layers[0].source, 0, expected)
