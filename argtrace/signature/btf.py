"""BTF: which types does a kernel have, and where in a struct is its member?

Source: Documentation/bpf/btf.rst.

Reads a buffer, not a path: `Btf(open("/sys/kernel/btf/vmlinux", "rb").read())`; of
a module, `Btf(data, base=vmlinux)`. Ids and names of the base are then this one's too.

Opening costs one walk over the records (`btf_wire.py`) and no name at all. The
first few names are looked for by scanning, 2 to 5 ms each in vmlinux; who asks for
more gets an index of all of them, for about 60 ms. Types are made when asked for.
`has` is the way to ask whether a name exists: NotFound looks for similar names.

Whatever the bytes: each answer is a value, FormatError, or NotFound for a name
that is not there. Chains of types end after `_CHAIN` links, so cycles do too.

Not here: the nouns are `btf_types.py`; a call's signature is `model.py`.
"""

from __future__ import annotations

import difflib
import heapq
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from argtrace.errors import FormatError, NotFound
from argtrace.signature import btf_wire
from argtrace.signature.btf_types import (
    VOID_ID,
    Array,
    DataSec,
    DeclTag,
    Enum,
    Field,
    Float,
    Forward,
    Func,
    FuncProto,
    Int,
    Linkage,
    Member,
    Param,
    Placed,
    Pointer,
    Qualified,
    Scalar,
    Struct,
    Type,
    Typedef,
    TypeId,
    TypeTag,
    Var,
    Void,
)
from argtrace.signature.btf_wire import Kind, Record, Wire

__all__ = ["Btf", "Field", "FuncProto", "Kind", "Scalar", "Type", "TypeId"]

_SCANS = 16  # names looked for one by one before an index of all is the better bargain
_CHAIN = 256  # typedefs, qualifiers and arrays in a row: no compiler writes as many
_SPELL_STEPS = 1024  # types in one spelling, and functions in functions below: a
_SPELL_DEPTH = 16  # parameter list that holds the one before it twice doubles each time

_COMPOSITE = (Kind.STRUCT, Kind.UNION, Kind.TYPEDEF)
_ENUM = (Kind.ENUM, Kind.ENUM64, Kind.TYPEDEF)
_LINKS = frozenset((Kind.TYPEDEF, Kind.VOLATILE, Kind.CONST, Kind.RESTRICT, Kind.TYPE_TAG))
_SCALAR = (Kind.TYPEDEF, Kind.INT, Kind.ENUM, Kind.ENUM64)


class Btf:
    """The types of one kernel or module. `layers` are its own records, then its base's, and so on."""

    def __init__(
        self, data: bytes, base: Btf | None = None, *, source: str = "BTF", pointer_size: int | None = None
    ) -> None:
        bases = base.layers if base else ()
        self._wire = btf_wire.read(data, source, base=bases[0] if bases else None)
        self.layers: tuple[Wire, ...] = (self._wire, *bases)
        self._base = base
        self._pointer_size = pointer_size
        self._asked: dict[bytes, tuple[TypeId, ...]] = {}
        self._index: dict[bytes, list[int]] | None = None

    def __len__(self) -> int:
        """How many ids there are, void and the base's included."""
        return self._wire.end_id

    @property
    def pointer_size(self) -> int:
        """Bytes in a pointer. BTF does not say; Linux makes it that of `long`."""
        if self._pointer_size is None:
            self._pointer_size = self._base.pointer_size if self._base else self._size_of_long()
        return self._pointer_size

    # Names

    def has(self, kind: Kind, name: str) -> bool:
        """Whether a type of this kind and name exists."""
        return bool(self.ids_of(kind, name))

    def id_of(self, kind: Kind, name: str) -> TypeId:
        """The first type of this kind and name."""
        return self._first((kind,), name)

    def ids_of(self, kind: Kind, name: str) -> tuple[TypeId, ...]:
        """All of them: two files of the kernel may each have a struct of one name."""
        return tuple(id for id in self.ids_named(name) if self.layer(id).kind(id) == kind)

    def ids_named(self, name: str) -> tuple[TypeId, ...]:
        """Every type of that name, whatever its kind, in order."""
        text = name.encode(errors="backslashreplace")
        if not text or b"\0" in text or len(text) > btf_wire.NAME_LIMIT:
            return ()
        if text not in self._asked:
            if self._index is None and len(self._asked) >= _SCANS:
                self._index = self._build_index()
            own = self._scan(text) if self._index is None else self._index.get(text, [])
            base = self._base.ids_named(name) if self._base else ()
            self._asked[text] = base + tuple(map(TypeId, own))
        return self._asked[text]

    def ids(self, kind: Kind) -> Iterator[TypeId]:
        """Every type of one kind, named or not, in order."""
        if self._base:
            yield from self._base.ids(kind)
        yield from map(TypeId, self._wire.ids_of(kind))

    def names(self, kind: Kind) -> Iterator[str]:
        """The names of one kind, in order of their ids."""
        if self._base:
            yield from self._base.names(kind)
        wire = self._wire
        for id in wire.ids_of(kind):
            if offset := wire.names[id - wire.first_id]:
                yield self._text(offset)

    # Types

    def layer(self, id: TypeId) -> Wire:
        """The records that hold this id: our own, or those of a base."""
        for wire in self.layers:
            if id >= wire.first_id:
                return wire
        return self._wire  # void and less are nobody's: it will say so

    def record(self, id: TypeId) -> Record:
        """The words of one type, as they are written."""
        return self.layer(id).record(id)

    def type(self, id: TypeId) -> Type:
        """One type, with its names read and its links as ids."""
        if id == VOID_ID:
            return Void()
        return self._read(id, self.record(id))

    def strip(self, id: TypeId) -> TypeId:
        """What is left without typedefs, qualifiers and type tags."""
        at = id
        for _ in range(_CHAIN):
            if at == VOID_ID or self.layer(at).kind(at) not in _LINKS:
                return at
            at = TypeId(self.record(at).size)
        raise _lie(self, id, f"a chain of at most {_CHAIN} types")

    def size_of(self, id: TypeId) -> int | None:
        """Bytes in a value of this type; None for void, functions and what is only declared."""
        count = 1
        at = id
        for _ in range(_CHAIN):
            at = self.strip(at)
            match self.type(at):
                case Array(element=element, count=elements):
                    count *= elements
                    at = element
                case Var(type=inner):
                    at = inner
                case Int() | Float() | Struct() | Enum() | DataSec() as sized:
                    return count * sized.size
                case Pointer():
                    return count * self.pointer_size
                case _:
                    return None
        raise _lie(self, id, f"an array of at most {_CHAIN} dimensions")

    def spell(self, id: TypeId) -> str:
        """The type in C: `struct file *`, `const char *const *`, `int (*)[4]`.

        Type tags are left out: clang writes them and gcc does not, and one kernel should
        read the same by either.
        """
        return _Speller(self, id).declare(id)

    # What a tracer asks

    def field(self, type_name: str, path: str) -> Field:
        """Where a member is in a struct, union or a typedef of one: `thread_info.status`.

        Members of anonymous structs and unions are found as C finds them. The path ends
        at a pointer: what it points to is in other memory.
        """
        names = path.split(".")
        holder = self._first(_COMPOSITE, type_name)
        offset_bits = 0
        for name in names[:-1]:
            found = self._member(holder, name)
            offset_bits += found.before + found.member.offset_bits
            holder = found.member.type
        return self._place(offset_bits, self._member(holder, names[-1]))

    def scalar(self, name: str) -> Scalar:
        """Size and sign of a typedef (or int, or enum) of a number or an address: `umode_t`."""
        id = self._first(_SCALAR, name)
        match self.type(self.strip(id)):
            case Int(size=size, signed=signed) | Enum(size=size, signed=signed):
                return Scalar(size, signed)
            case Pointer():
                return Scalar(self.pointer_size, signed=False)
            case _:
                raise NotFound(name, f"scalar types of {self._wire.source}")

    def enumerators(self, name: str) -> dict[str, int]:
        """The names of an enum, or of a typedef of one, with their values."""
        match self.type(self.strip(self._first(_ENUM, name))):
            case Enum(values=values):
                return dict(values)
            case _:
                raise NotFound(name, f"enums of {self._wire.source}")

    def function(self, name: str) -> FuncProto:
        """What a function takes and returns."""
        id = self.id_of(Kind.FUNC, name)
        match self.type(TypeId(self.record(id).size)):
            case FuncProto() as proto:
                return proto
            case _:
                raise _lie(self, id, "a function with a prototype")

    # Members

    def _member(self, holder: TypeId, name: str) -> _Found:
        seen: set[TypeId] = set()
        others: list[str] = []
        queue = [(holder, 0)]
        while queue:
            id, before = queue.pop()
            # A struct that held no such member the first time holds none the second;
            # so that one that holds itself, or another a million times, costs nothing.
            if (id := self.strip(id)) in seen:
                continue
            seen.add(id)
            struct = self.type(id)
            if not isinstance(struct, Struct):
                continue
            for member in struct.members:
                if member.name == name != "":
                    return _Found(id, struct.size, before, member)
                if member.name:
                    others.append(member.name)
                else:
                    queue.append((member.type, before + member.offset_bits))
        raise NotFound(name, self.spell(holder), _similar(name, others))

    def _place(self, before: int, found: _Found) -> Field:
        member = found.member
        before += found.before
        type = self.type(self.strip(member.type))
        size = self.size_of(member.type)
        if size is None:
            raise _lie(self, found.owner, f"a type with a size, for member {member.name}")
        signed = isinstance(type, Int | Enum) and type.signed
        start, bits = member.offset_bits, member.bits
        if bits is None and isinstance(type, Int) and (type.bits != 8 * size or type.offset_bits):
            # Without kind_flag the width of a bit field is that of an int made for it.
            start, bits = start + type.offset_bits, type.bits
        if before % 8 or (bits is None and start % 8):
            raise _lie(self, found.owner, f"a whole byte for member {member.name} to begin at")
        if bits is None:
            return Field((before + start) // 8, size, signed, member.type)
        first, size = _unit(start, bits, found.owner_size)
        below = start - 8 * first
        if self._wire.header.order == "big":
            # There BTF counts from the other end: bit 0 is the most significant one.
            below = 8 * size - below - bits
        return Field(before // 8 + first, size, signed, member.type, below, bits)

    # From records to types

    def _read(self, id: TypeId, record: Record) -> Type:
        name, target = record.name, TypeId(record.size)
        match record.kind:
            case Kind.INT:
                return self._int(id, record)
            case Kind.PTR:
                return Pointer(target)
            case Kind.ARRAY:
                ((element, index, count),) = record.rows
                return Array(TypeId(element), TypeId(index), count)
            case Kind.STRUCT:
                return Struct("struct", self._text(name), record.size, self._members(record))
            case Kind.UNION:
                return Struct("union", self._text(name), record.size, self._members(record))
            case Kind.ENUM | Kind.ENUM64:
                return Enum(self._text(name), record.size, record.flag, self._values(record))
            case Kind.FWD:
                return Forward("union" if record.flag else "struct", self._text(name))
            case Kind.TYPEDEF:
                return Typedef(self._text(name), target)
            case Kind.VOLATILE:
                return Qualified("volatile", target)
            case Kind.CONST:
                return Qualified("const", target)
            case Kind.RESTRICT:
                return Qualified("restrict", target)
            case Kind.FUNC:
                return Func(self._text(name), target, self._linkage(id, record.vlen))
            case Kind.FUNC_PROTO:
                return self._proto(record)
            case Kind.VAR:
                return Var(self._text(name), target, self._linkage(id, record.rows[0][0]))
            case Kind.DATASEC:
                placed = tuple(Placed(TypeId(var), offset, size) for var, offset, size in record.rows)
                return DataSec(self._text(name), record.size, placed)
            case Kind.FLOAT:
                return Float(self._text(name), record.size)
            case Kind.DECL_TAG:
                component = _signed(record.rows[0][0], 32)
                return DeclTag(self._tag(name), record.flag, target, None if component < 0 else component)
            case Kind.TYPE_TAG:
                return TypeTag(self._tag(name), record.flag, target)

    def _int(self, id: TypeId, record: Record) -> Int:
        ((word,),) = record.rows
        encoding, offset_bits, bits = word >> 24 & 0xF, word >> 16 & 0xFF, word & 0xFF
        if not 0 < bits + offset_bits <= 8 * record.size:
            raise _lie(self, id, f"{bits} bits at bit {offset_bits} within {record.size} bytes")
        return Int(
            self._text(record.name),
            record.size,
            signed=bool(encoding & 1),
            char=bool(encoding & 2),
            boolean=bool(encoding & 4),
            bits=bits,
            offset_bits=offset_bits,
        )

    def _members(self, record: Record) -> tuple[Member, ...]:
        text = self._text
        if not record.flag:
            return tuple(Member(text(name), TypeId(type), at, None) for name, type, at in record.rows)
        return tuple(
            Member(text(name), TypeId(type), at & 0xFFFFFF, at >> 24 or None)
            for name, type, at in record.rows
        )

    def _values(self, record: Record) -> tuple[tuple[str, int], ...]:
        bits = 32 if record.kind is Kind.ENUM else 64
        values = []
        for name, low, *high in record.rows:
            value = low | high[0] << 32 if high else low
            values.append((self._text(name), _signed(value, bits) if record.flag else value))
        return tuple(values)

    def _proto(self, record: Record) -> FuncProto:
        rows = record.rows
        # The `...` is written as a last parameter without name or type.
        variadic = rows[-1:] == ((0, 0),)
        params = tuple(Param(self._text(name), TypeId(type)) for name, type in rows[: len(rows) - variadic])
        return FuncProto(params, TypeId(record.size), variadic)

    def _linkage(self, id: TypeId, number: int) -> Linkage:
        if number > max(Linkage):
            raise _lie(self, id, f"a linkage from 0 to {max(Linkage):d}, not {number}")
        return Linkage(number)

    # From names to ids

    def _first(self, kinds: tuple[Kind, ...], name: str) -> TypeId:
        for kind in kinds:
            for id in self.ids_of(kind, name):
                return id
        known = [other for kind in kinds for other in self.names(kind)]
        spelled = "/".join(kind.name.lower() for kind in kinds)
        raise NotFound(name, f"{self._wire.source}, {spelled}", _similar(name, known))

    def _scan(self, text: bytes) -> list[int]:
        offsets = {offset for wire in self.layers for offset in wire.offsets_of(text)}
        return self._wire.ids_named(offsets)

    def _build_index(self) -> dict[bytes, list[int]]:
        by_offset: dict[int, list[int]] = {}
        for id, offset in enumerate(self._wire.names, self._wire.first_id):
            if offset in by_offset:
                by_offset[offset].append(id)
            else:
                by_offset[offset] = [id]
        index: dict[bytes, list[int]] = {}
        for offset, ids in by_offset.items():
            try:
                text = self._string_layer(offset).text(offset)
            except FormatError:
                continue  # a name that cannot be read is one that cannot be asked for
            index[text] = sorted(index[text] + ids) if text in index else ids
        return index

    def _string_layer(self, offset: int) -> Wire:
        for wire in self.layers:
            if offset >= wire.first_string:
                return wire
        return self._wire

    def _text(self, offset: int) -> str:
        if not offset:
            return ""
        # A name that is no UTF-8 is not C either: shown, and safe to print.
        return self._string_layer(offset).text(offset).decode(errors="backslashreplace")

    def _tag(self, offset: int) -> str:
        # A tag is free text, and may be longer than any identifier.
        wire = self._string_layer(offset)
        return wire.text(offset, len(wire.strings)).decode(errors="backslashreplace")

    def _size_of_long(self) -> int:
        # gcc and clang each have their own order of words.
        for name in ("long unsigned int", "unsigned long", "long int", "long"):
            for id in self.ids_of(Kind.INT, name):
                if (size := self.record(id).size) in {4, 8}:
                    return size
        return 8


class _Found(NamedTuple):
    """A member, with the struct that declares it and that struct's own offset in bits."""

    owner: TypeId
    owner_size: int
    before: int
    member: Member


class _Speller:
    """C declarators, from the inside out: `[4]` and `(…)` bind tighter than `*`."""

    def __init__(self, btf: Btf, id: TypeId) -> None:
        self._btf = btf
        self._whole = id
        self._steps = 0

    def declare(self, id: TypeId, declarator: str = "", depth: int = 0) -> str:
        qualifiers: list[str] = []
        while True:
            self._steps += 1
            if self._steps > _SPELL_STEPS or depth > _SPELL_DEPTH:
                raise _lie(self._btf, self._whole, f"a spelling of at most {_SPELL_STEPS} types")
            match self._btf.type(id):
                case Qualified(keyword=keyword, target=target):
                    qualifiers.append(keyword)
                    id = target
                case TypeTag(target=target):
                    id = target
                case Pointer(target=target):
                    declarator = "*" + _words(*qualifiers, declarator)
                    qualifiers = []
                    id = target
                case Array(element=element, count=count):
                    # A const array is an array of what is const: the qualifiers stay.
                    declarator = f"{_group(declarator)}[{count or ''}]"
                    id = element
                case FuncProto() as proto:
                    declarator = _group(declarator) + self._params(proto, depth)
                    qualifiers = []
                    id = proto.result
                case Func(name=name, proto=target) | Var(name=name, type=target):
                    declarator = _words(name, declarator)
                    id = target
                case DeclTag(target=target):
                    id = target
                case type:
                    return _words(*qualifiers, _base_name(type), declarator)

    def _params(self, proto: FuncProto, depth: int) -> str:
        params = [self.declare(param.type, param.name, depth + 1) for param in proto.params]
        if proto.variadic:
            params.append("...")
        return f"({', '.join(params) or 'void'})"


def _base_name(type: Void | Int | Float | Typedef | Struct | Forward | Enum | DataSec) -> str:
    match type:
        case Void():
            return "void"
        case Struct(keyword=keyword, name=name) | Forward(keyword=keyword, name=name):
            return f"{keyword} {name or '{...}'}"
        case Enum(name=name):
            return f"enum {name or '{...}'}"
        case _:
            return type.name


def _group(declarator: str) -> str:
    return f"({declarator})" if declarator.startswith("*") else declarator


def _words(*words: str) -> str:
    return " ".join(filter(None, words))


def _unit(start: int, bits: int, container: int) -> tuple[int, int]:
    """The first byte and the size of the smallest load that holds a bit field."""
    for size in (1, 2, 4, 8):
        first = start // 8 // size * size
        if start + bits <= 8 * (first + size) and first + size <= container:
            return first, size
    # Packed: only the very bytes it touches.
    return start // 8, (start + bits + 7) // 8 - start // 8


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _similar(name: str, known: Iterable[str]) -> tuple[str, ...]:
    # difflib takes its time, and there are 56,000 functions: it sees only those that
    # have most pairs of letters in common, for their length.
    pairs = [name[at : at + 2] for at in range(len(name) - 1)]

    def closeness(other: str) -> float:
        return sum(pair in other for pair in pairs) / max(len(name) + len(other), 1)

    closest = heapq.nlargest(100, dict.fromkeys(known), key=closeness)
    return tuple(difflib.get_close_matches(name, closest, n=3))


def _lie(btf: Btf, id: TypeId, expected: str) -> FormatError:
    at = btf.record(id).at if id != VOID_ID else 0
    return FormatError(btf.layer(id).source, at, expected)
