"""Memory to values, as its declaration says: numbers, strings, buffers, structures, arrays.

    memory(struct("timespec"), data, address, scope)     Struct("timespec", tv_sec, tv_nsec)

Whatever the bytes, the outcome is a value: what is not there is Missing, or ends the
structure or the list it belongs to.

Not here: single numbers are `numbers.py`; memory that no layout describes `decoders.py`.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from argtrace.decode import decoders, numbers
from argtrace.decode.decoders import Memory, Scope
from argtrace.decode.lengths import Left, known, true_size
from argtrace.decode.model import Address, Bytes, File, Int, List, Missing, Struct, Text, Unused, Value, Why
from argtrace.decode.numbers import Word
from argtrace.decode.strings import missing, string, strings, text
from argtrace.fetch import choices, record
from argtrace.fetch.plan import Fetched
from argtrace.signature import meaning, model
from argtrace.signature.layouts import ArrayOf, Layout, Member, MemberType, layout, scalar
from argtrace.signature.meaning import Choice, Content, In, InOut, Leaf, Meaning, Number, Out, To, When
from argtrace.signature.sizes import cell_size, element_size, member_size
from argtrace.transport.records import CallRecord
from argtrace.value import mutable, replace

Path = tuple[str | int, ...]

# Structures that are a time: seconds, the rest, and what the rest is in ns.
TIMES = {
    "timespec": ("tv_sec", "tv_nsec", 1),
    "timeval": ("tv_sec", "tv_usec", 1000),
    "statx_timestamp": ("tv_sec", "tv_nsec", 1),
}
_SECOND = 1_000_000_000

# Members that are there to be zero, by the names they have in the headers.
_RESERVED = re.compile(r"_*([a-z]+_)?(pad|padding|reserved|unused|spare|rsvd|resv)\d*")


class Inner(NamedTuple):
    """What was fetched behind the pointers in a structure: their items, by path."""

    call: CallRecord
    limit: int
    items: Mapping[Path, Fetched]

    def below(self, name: str | int) -> Inner:
        return self._replace(items={path[1:]: each for path, each in self.items.items() if path[0] == name})


@mutable
class Members:
    """The scope of a structure's members. `outer` is what surrounds the structure."""

    type: str
    data: bytes
    outer: Scope

    @property
    def result(self) -> int | None:
        return self.outer.result

    @property
    def verbose(self) -> bool:
        return self.outer.verbose

    def number(self, name: str) -> int:
        try:
            member = layout(self.type).member(name)
        except KeyError:
            return self.outer.number(name)
        bits = _bits(self.data, member.offset, member.type, member.bits)
        if bits is None:
            raise KeyError(name)
        return bits

    def content(self, content: Content, data: bytes, address: int) -> Value:
        return memory(content, data, address, self)

    def leaf(self, meaning: Leaf, word: int, type: MemberType) -> Value:
        return leaf(meaning, word, type, self)

    def file(self, fd: int) -> File | None:
        return self.outer.file(fd)


def pointee(
    content: Content,
    address: int,
    fetched: Fetched | None,
    scope: Scope,
    inner: Inner,
    left: Left | None = None,
) -> Value:
    """What a pointer points to. The pointer itself, where nothing was to be read there."""
    # The shares of a total are counted in order, whatever was read of each.
    total = true_size(content, scope, left)
    call = inner.call
    if fetched is not None and isinstance(content, meaning.Strings):
        return strings(address, fetched.item, call, inner.limit)  # root may map address 0
    if address == 0 or fetched is None:
        return Address(address)
    at, size = call.item(fetched.item)
    if size == record.SKIPPED:
        return Address(address)
    if size < 0:
        return missing(address, size, call.flags)
    data = call.raw[at : at + size] + call.chunks.get(fetched.item, b"")
    rest = missing(0, -errno.EFAULT) if call.partial(fetched.item) else None
    if isinstance(content, meaning.Path | meaning.String):
        if rest is not None:
            return Text(address, data, cut=True, end=rest)
        return string(address, data, inner.limit)
    found = memory(content, data, address, scope, total, inner._replace(items=dict(fetched.inner)))
    if rest is not None and isinstance(found, Bytes | List | Struct) and not _whole(content, found):
        found = replace(found, end=rest)
    # A number keeps the address it is at as an array of one does.
    return List(address, (found,)) if isinstance(content, meaning.Cell) else found


def _whole(content: Content, found: Value) -> bool:
    """Whether a decoder that is given as much as there may be found an end before that."""
    guessed = isinstance(content, meaning.Raw) and isinstance(content.size, int)
    return guessed and isinstance(found, Struct) and found.end is None


def memory(
    content: Content,
    data: bytes,
    address: int,
    scope: Scope,
    total: int | None = None,
    inner: Inner | None = None,
) -> Value:
    """`total`: the true size, where it is known already."""
    match content:
        case meaning.Path() | meaning.String():
            return text(address, data)
        case meaning.Bytes(of=descriptor):
            total = true_size(content, scope) if total is None else total
            length = len(data) if total is None else total
            read = decoders.stream(decoders.file_of(descriptor, scope)) if descriptor else None
            if read is not None:
                return read(Memory(address, data[:length], length), scope)
            return Bytes(address, data[:length], length)
        case meaning.Raw(decoder=name):
            total = true_size(content, scope) if total is None else total
            return decoders.decoder(name)(Memory(address, data, len(data) if total is None else total), scope)
        case meaning.Cell(type=type, meaning=means):
            if len(data) < cell_size(content):
                return Missing(address, Why.CUT, f"{len(data)} bytes of {cell_size(content)}")
            return leaf(means, int.from_bytes(data[: cell_size(content)], "little"), scalar(type), scope)
        case meaning.Struct():
            return structure(content, data, address, scope, inner)
        case meaning.Array():
            return array(content, data, address, scope, inner)
        case meaning.Strings():
            return Address(address)
    raise AssertionError(content)


def structure(
    content: meaning.Struct,
    data: bytes,
    address: int,
    scope: Scope,
    inner: Inner | None = None,
    left: Left | None = None,
) -> Value:
    described, slots = order(content)
    members: list[tuple[str, Value]] = []
    inside = Members(content.name, data, scope)
    # What the caller says it has may be less than we know of, or more.
    whole = described.size if content.size is None else known(content.size, scope, described.size)
    end = None
    if whole > described.size or len(data) < min(whole, described.size):
        end = Missing(0, Why.CUT, f"{min(len(data), described.size)} bytes of {whole}")
    there = len(data)
    for member, stop, declared, number in slots:
        if stop > there:
            continue  # members of a union end at different places: the others may still be there
        part = data[member.offset : stop]
        if number is not None:
            members.append((member.name, number(int.from_bytes(part, "little"), inside)))
            continue
        means_this = resolve(declared, inside)
        if isinstance(means_this, To):
            pointer = int.from_bytes(part[:8], "little")
            found = None if inner is None else inner.items.get((member.name,))
            if inner is None or found is None:
                value: Value = Address(pointer)
            else:
                value = pointee(means_this.content, pointer, found, inside, inner, left)
        elif isinstance(means_this, Number | Choice | When):
            word = _bits(data, member.offset, member.type, member.bits) or 0
            value = leaf(means_this, word, member.type, inside)
        elif means_this is not None and not isinstance(means_this, In | Out | InOut):
            value = memory(means_this, part, 0, inside, None, inner and inner.below(member.name))
        elif member.bits is not None:
            value = Int(*(_bits(data, member.offset, member.type, member.bits) or 0,) * 2)
        else:
            value = plain(member.name, member.type, part, inside)
        members.append((member.name, value))
    name = content.name.partition("@")[0]  # of another machine
    return Struct(address, name, tuple(members), _ns(name, members), end)


class Slot(NamedTuple):
    """A member, where it stops, what it means; and how to read it, where it is a number whatever
    the others are."""

    member: Member
    stop: int
    declared: Meaning | None
    number: Callable[[int, Scope], Value] | None


_MOST_ORDERS = 4096
"""More than are declared: some are made while decoding."""
_ORDERS: dict[int, tuple[meaning.Struct, Layout, tuple[Slot, ...]]] = {}


def order(content: meaning.Struct) -> tuple[Layout, tuple[Slot, ...]]:
    """The members to show, worked out once. By identity: declarations are large to hash."""
    found = _ORDERS.get(id(content))
    if found is None:
        described = layout(content.name)
        means = dict(content.members)
        members = tuple(map(described.member, content.only)) if content.only else described.members
        slots = tuple(
            Slot(
                member,
                member.offset + member_size(member.type),
                means.get(member.name),
                _number(member, means.get(member.name)),
            )
            for member in members
        )
        if len(_ORDERS) >= _MOST_ORDERS:
            _ORDERS.clear()
        found = _ORDERS[id(content)] = content, described, slots
    return found[1:]


def _number(member: Member, means: Meaning | None) -> Callable[[int, Scope], Value] | None:
    type, bits = member.type, member.bits
    if bits is not None or not isinstance(type, model.Int):
        return None
    size, signed = type.size, type.signed
    if isinstance(means, Number):
        kind, table = numbers.KINDS[means.kind], means.table
        return lambda raw, scope: kind(Word(raw, size, signed), table, scope)
    if means is None and not _RESERVED.fullmatch(member.name):
        if signed:
            return lambda raw, scope: Int(raw, numbers.narrow(raw, size, signed=True))
        return lambda raw, scope: Int(raw, raw)
    return None


def array(
    content: meaning.Array, data: bytes, address: int, scope: Scope, inner: Inner | None = None
) -> Value:
    each = element_size(content)
    count = true_size(content, scope)
    left = Left()
    items: list[Value] = []
    there = len(data) // each
    if count is not None and content.count != 0:
        there = min(there, count)  # a member may have room for more
    for at in range(there):
        part = data[at * each : at * each + each]
        where = address and address + at * each
        if isinstance(content.element, meaning.Struct):
            below = inner and inner.below(at)
            items.append(structure(content.element, part, where, scope, below, left))
        else:
            items.append(memory(content.element, part, where, scope))
    if count is not None and count > len(items):
        return List(address, tuple(items), Missing(0, Why.CUT, "not fetched"), count)
    return List(address, tuple(items))


def leaf(means: Leaf, bits: int, type: MemberType | model.Type, scope: Scope) -> Value:
    chosen = resolve(means, scope)
    if isinstance(chosen, When):
        try:
            looked_at = scope.number(chosen.on) & chosen.mask
        except KeyError:
            looked_at = 1
        return leaf(chosen.meaning if looked_at else meaning.UNUSED, bits, type, scope)
    if not isinstance(chosen, Number):
        return Address(bits)  # memory, where there is a number only
    return numbers.KINDS[chosen.kind](numbers.word(bits, type), chosen.table, scope)


def resolve(means: Meaning | None, scope: Scope) -> Meaning | None:
    """The case of a Choice that applies here."""
    while isinstance(means, Choice):
        cases = choices.cases(means)
        try:
            value = scope.number(means.on) & means.mask
        except KeyError:
            return means.default
        means = cases.get(value, means.default)
    return means


def plain(name: str, type: MemberType, data: bytes, scope: Scope) -> Value:
    """A member of which only the type is known."""
    bits = int.from_bytes(data, "little")
    if _RESERVED.fullmatch(name) and not bits:
        return Unused(0)
    match type:
        case model.Int():
            number = numbers.word(bits, type)
            return Int(number.raw, number.value)
        case model.Pointer():
            return Address(bits)
        case model.Opaque(name=of):
            return structure(meaning.Struct(of), data, 0, scope)
        case ArrayOf(element=model.Int(name="char")):
            return text(0, data)
        case ArrayOf(element=element, count=count):
            each = member_size(element)
            if each == 1 and isinstance(element, model.Int):
                return Bytes(0, data, len(data))
            parts = (data[at * each : at * each + each] for at in range(count))
            return List(0, tuple(plain("", element, part, scope) for part in parts))
    raise AssertionError(type)


def _bits(data: bytes, offset: int, type: MemberType, bits: tuple[int, int] | None) -> int | None:
    """A member as a number without sign; None where it is not there or too large for one."""
    length = member_size(type)
    if length > 8 or offset + length > len(data):
        return None
    value = int.from_bytes(data[offset : offset + length], "little")
    if bits is not None:
        first, count = bits
        value = value >> first & (1 << count) - 1
    return value


def _ns(name: str, members: list[tuple[str, Value]]) -> int | None:
    if name not in TIMES:
        return None
    seconds, rest, unit = TIMES[name]
    values = dict(members)
    whole, part = values.get(seconds), values.get(rest)
    if not isinstance(whole, Int) or not isinstance(part, Int) or not 0 <= part.value * unit < _SECOND:
        return None
    return whole.value * _SECOND + part.value * unit
