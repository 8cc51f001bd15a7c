"""Templates of calls, made from their decode tables: what text and JSON have in common.

Follows `decode/table.py` and `decode/contents.py` step by step for what is plain: numbers,
strings, buffers, structures of numbers. Where a value is another (a socket address, an array,
memory that a call changes) the template gives up when such memory is there, and a call that
could never be written has none.

The spelling of a number that is neither decimal nor an address is asked for once for each word
(a memo): names of constants and flags stay in Python.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import NamedTuple

from argtrace.decode import contents, directories
from argtrace.decode.model import Result, Unused, Value
from argtrace.decode.numbers import KINDS, Word
from argtrace.decode.results import WAITS, failure
from argtrace.decode.table import Row, Table, rows, selected
from argtrace.fetch import choices, record
from argtrace.fetch.plan import Fetched
from argtrace.native.template import (
    RESULT,
    Base,
    Builder,
    Do,
    Form,
    NotNative,
    Number,
    Op,
    Template,
    argument,
)
from argtrace.signature import meaning, model
from argtrace.signature.layouts import MemberType, layout, scalar
from argtrace.signature.meaning import Content, In, InOut, Leaf, Out, Size, When
from argtrace.signature.sizes import cell_size
from argtrace.transport import records

# Kinds of numbers that are written as numbers: form, bytes at most, signed (None: as the C type).
_PLAIN: dict[str, tuple[Form, int, bool | None]] = {
    "int": (Form.DECIMAL, 8, None),
    "size": (Form.DECIMAL, 8, False),
    "signed": (Form.DECIMAL, 8, True),
    "fd": (Form.DECIMAL, 4, True),
    "pid": (Form.DECIMAL, 4, True),
    "hex": (Form.SHORT_HEX, 8, False),
    "permissions": (Form.OCTAL, 8, False),
    "address": (Form.POINTER, 8, False),
}
# Kinds that look at more than their own bits.
_NOT_ALONE = frozenset({"ioctl"})


class Unshown(NamedTuple):
    """Where to go on with a number that is not looked at; `back`: and take back what its part began with."""

    label: int
    back: bool


class Templates(ABC):
    """`tables` by index. Of one kind of output: text, JSON."""

    def __init__(self, tables: Mapping[int, Table]) -> None:
        self._tables = tables

    def selector(self, index: int) -> tuple[int, int] | None:
        """Of the argument that decides what the others are: its offset in the record, and mask."""
        table = self._tables.get(index)
        if table is None or table.plans.selector is None:
            return None
        return record.IMAGE + table.plans.selector.spot.at, table.plans.mask

    def template(self, index: int, sample: bytes) -> Template | None:
        """That of the call in this record, and of those with the same value of the selector."""
        table = self._tables.get(index)
        call = records.parse(sample)
        if table is None or not isinstance(call, records.CallRecord):
            return None
        try:
            return self.compile(table, rows(table, call), selected(table, call))
        except NotNative:
            return None

    @abstractmethod
    def compile(self, table: Table, rows: tuple[Row, ...], known: Mapping[str, int]) -> Template:
        """`known`: the argument that decides. Raises NotNative."""

    @abstractmethod
    def number(self, to: Builder, kind: str, form: Form, where: Number, size: int, *, signed: bool) -> None:
        """A number that is written as one."""

    @abstractmethod
    def memo(self, value: Value) -> bytes:
        """Any other number, as its word decides."""

    @abstractmethod
    def address(self, to: Builder, where: Number) -> None:
        """A pointer, where nothing is shown of what it points to."""

    @abstractmethod
    def string(self, to: Builder, where: Number, limit: int) -> None: ...

    @abstractmethod
    def buffer(self, to: Builder, where: Number) -> None:
        """The length at hand is that of the buffer."""

    @abstractmethod
    def entries(
        self, to: Builder, where: Number, header: int, length: Number, noun: tuple[str, str] | None
    ) -> None:
        """A directory. `length`: of an entry, in it; `header`: its bytes at least; `noun`: for how many."""

    @abstractmethod
    def cell(self, to: Builder, where: Number, write: Callable[[], None]) -> None:
        """A number in memory; `write` adds the number."""

    @abstractmethod
    def structure(self, to: Builder, where: Number | None, content: meaning.Struct, base: int) -> None:
        """`where` its address is; `base`: where it begins in the memory that was fetched."""

    def leaf(
        self,
        to: Builder,
        means: Leaf | None,
        where: Number,
        type: MemberType | model.Type,
        unshown: Unshown | None = None,
    ) -> None:
        """A number, as its declaration says. Conditions on other numbers are not made here."""
        if not isinstance(means, meaning.Number) or means.kind in _NOT_ALONE:
            raise NotNative(f"{means}")
        size, signed = (type.size, type.signed) if isinstance(type, model.Int) else (8, False)
        plain = None if means.kind == "int" and means.table else _PLAIN.get(means.kind)
        if plain is not None:
            form, most, sign = plain
            self.number(to, means.kind, form, where, min(size, most), signed=signed if sign is None else sign)
            return
        kind, table = KINDS[means.kind], means.table

        self.remembered(to, where, lambda word: kind(Word(word, size, signed), table, _ALONE), unshown)

    def remembered(
        self, to: Builder, where: Number, value: Callable[[int], Value], unshown: Unshown | None = None
    ) -> None:
        """A number whose spelling is asked for."""
        if unshown is None:
            to.number(Do.MEMO, where, call=lambda word: self.memo(value(word)))
            return

        def spelled(word: int) -> tuple[bytes, bool]:
            found = value(word)
            return self.memo(found), isinstance(found, Unused)

        to.number(Do.MEMO, where, call=spelled, jump=unshown.label, value=int(unshown.back))

    def pointee(self, to: Builder, row: Row, scope: Scope, noun: tuple[str, str] | None = None) -> None:
        """What an argument points to, or the pointer itself. `noun`: entries that are only counted."""
        where = argument(row.word)
        means = row.meaning
        end, absent = to.label(), to.label()
        fetched: Fetched | None
        match means:
            case In(content=content):
                fetched, exit = row.copies.entry, False
            case Out(content=content):
                fetched, exit = row.copies.exit, True
            case InOut():
                # What both halves show is compared in Python.
                for half in filter(None, (row.copies.entry, row.copies.exit)):
                    nothing = to.label()
                    to.number(Do.ITEM, where, value=half.item, jump=nothing)
                    to.add(Op(Do.BAIL))
                    to.put(nothing)
                self.address(to, where)
                return
            case _:
                raise NotNative(f"{means}")
        if fetched is None:
            to.put(absent)
            self.address(to, where)
            to.put(end)
            return
        if isinstance(content, meaning.Strings):  # not one after the other; and address 0 may have some
            to.add(Op(Do.BAIL))
            return
        to.number(Do.ITEM, where, value=fetched.item, jump=absent)
        begun = to.mark()
        try:
            self._content(to, content, where, scope.half(exit=exit), noun)
        except NotNative:
            to.back(begun)
            to.add(Op(Do.BAIL))
        if fetched.inner:  # pointers in what is pointed to
            to.back(begun)
            to.add(Op(Do.BAIL))
        to.add(Op(Do.JUMP, jump=end))
        to.put(absent)
        self.address(to, where)
        to.put(end)

    def _content(
        self, to: Builder, content: Content, where: Number, scope: Scope, noun: tuple[str, str] | None
    ) -> None:
        match content:
            case meaning.Raw(decoder="dirents64", size=size) | meaning.Raw(decoder="dirents", size=size) if (
                noun is not None or content.decoder == "dirents64"
            ):
                to.add(Op(Do.FORGET))
                self._length(to, size, scope)
                length = Number(Base.MEMORY, directories.LENGTH_AT, directories.LENGTH_SIZE)
                self.entries(to, where, directories.HEADER, length, noun)
            case meaning.Path() | meaning.String():
                self.string(to, where, scope.limit)
            case meaning.Bytes(size=size):
                to.add(Op(Do.FORGET))
                self._length(to, size, scope)
                self.buffer(to, where)
            case meaning.Cell(type=name, meaning=means):
                to.add(Op(Do.NEED, value=cell_size(content)))
                type = scalar(name)
                memory = Number(Base.MEMORY, 0, cell_size(content))
                if isinstance(means, meaning.Number) and means.kind == "signal":
                    raise NotNative("a list of signals is a set")
                self.cell(to, where, lambda: self.leaf(to, means, memory, type))
            case meaning.Struct(size=None):
                begun = to.mark()
                try:
                    to.add(Op(Do.NEED, value=layout(content.name).size))
                    self.structure(to, where, content, 0)
                except NotNative:
                    to.back(begun)
                    self._decoded(to, content, where, scope)
            case _:
                self._decoded(to, content, where, scope)

    def _decoded(self, to: Builder, content: Content, where: Number, scope: Scope) -> None:
        """What is decoded in Python, by nothing but its bytes, its address and its length."""
        size = _size(content)
        to.add(Op(Do.FORGET))
        if size is not None:
            self._length(to, size, scope)
        names = _names(size)

        def decode(data: bytes, address: int, length: int) -> bytes | None:
            surroundings = _Sized(names, length, exit=scope.exit)
            try:
                return self.memo(contents.memory(content, data, address, surroundings))
            except NotNative:
                return None

        to.number(Do.DECODED, where, decode=decode)

    def _length(self, to: Builder, size: Size, scope: Scope) -> None:
        """As `decode/lengths.py`."""
        match size:
            case str():
                to.number(Do.LEAST, scope.number(size))
            case meaning.Result() if scope.exit:
                to.add(Op(Do.LEAST_RESULT))
            case meaning.Least(of=of):
                for each in of:
                    self._length(to, each, scope)
            case _:
                raise NotNative(f"{size}")

    def returned(
        self, to: Builder, table: Table, known: Mapping[str, int], write: Callable[[Result], bytes]
    ) -> None:
        """What the call returned. `known`: arguments; `write`: a result that is no plain number."""
        end = to.label()

        def failed(word: int) -> bytes:
            found = failure(word - (1 << 64))
            assert found is not None
            return write(found)

        to.number(Do.FAILED, RESULT, call=failed, jump=end)
        signature = table.signature
        if signature.name in WAITS:
            to.number(Do.IS, RESULT, value=0)  # whether the time was over, the arguments say
        means = choices.resolve(signature.returns, known)
        if not isinstance(means, meaning.Number) or means.kind in _NOT_ALONE:
            raise NotNative(f"{means}")
        if means.kind in _PLAIN and not means.table:
            self.leaf(to, means, RESULT, _LONG)
        else:
            kind, names = KINDS[means.kind], means.table

            def succeeded(word: int) -> bytes:
                value = kind(Word(word, 8, signed=True), names, _ALONE)
                return write(Result(word - (word >> 63 << 64), value))

            to.number(Do.MEMO, RESULT, call=succeeded)
        to.put(end)

    def condition(
        self, to: Builder, slot: contents.Slot, type: str, base: int, otherwise: int
    ) -> contents.Slot:
        """Go to the label `otherwise` if a member of a `type` is not looked at; the member, if it is."""
        means = slot.declared
        if not isinstance(means, When):
            return slot
        try:
            on = layout(type).member(means.on)
        except KeyError:
            raise NotNative(means.on) from None
        if on.bits is not None or not isinstance(on.type, model.Int):
            raise NotNative(means.on)
        where = Number(Base.MEMORY, base + on.offset, on.type.size, means.mask)
        to.number(Do.BRANCH, where, jump=otherwise)
        return slot._replace(declared=means.meaning, number=None)

    def member(self, to: Builder, slot: contents.Slot, base: int, unshown: Unshown | None = None) -> None:
        """The value of a structure's member."""
        member, means = slot.member, slot.declared
        type = member.type
        at = base + member.offset
        if member.bits is not None:
            raise NotNative(member.name)
        match type, means:
            case _, meaning.Struct(size=None):
                self.structure(to, None, means, at)
            case model.Opaque(name=name), None:
                self.structure(to, None, meaning.Struct(name), at)
            case model.Int(size=size), meaning.Number():
                self.leaf(to, means, Number(Base.MEMORY, at, size), type, unshown)
            case model.Int(size=size), None:
                where = Number(Base.MEMORY, at, size)
                if slot.number is not None:
                    self.leaf(to, meaning.INT, where, type)
                else:
                    self.remembered(to, where, _plain_member(member.name, type, size), unshown)
            case model.Pointer(), None:
                self.address(to, Number(Base.MEMORY, at, 8))
            case _:
                raise NotNative(member.name)


_LONG = model.Int("long", 8, signed=True)


def _plain_member(name: str, type: model.Int, size: int) -> Callable[[int], Value]:
    return lambda word: contents.plain(name, type, word.to_bytes(size, "little"), _ALONE)


class Scope:
    """Where the numbers are that sizes name; `exit`: which half is read."""

    def __init__(self, rows: tuple[Row, ...], limit: int, *, exit: bool = False) -> None:
        self._rows = rows
        self.limit = limit
        self.exit = exit

    def half(self, *, exit: bool) -> Scope:
        return Scope(self._rows, self.limit, exit=exit)

    def number(self, name: str) -> Number:
        """Raises NotNative."""
        for row in self._rows:
            if row.declared == name:
                return argument(row.word, row.mask)
        raise NotNative(name)


class _Alone:
    """The scope of a number that looks at nothing else."""

    result: int | None = None
    verbose = False

    def number(self, name: str) -> int:
        raise NotNative(name)

    def content(self, content: Content, data: bytes, address: int) -> Value:
        return contents.memory(content, data, address, self)

    def leaf(self, meaning: Leaf, word: int, type: MemberType) -> Value:
        return contents.leaf(meaning, word, type, self)

    def file(self, fd: int) -> None:
        return None


class _Sized(_Alone):
    """The scope of memory whose length is known: by whichever of these names it is asked for.

    The length is the least of them, so all may be it.
    """

    def __init__(self, names: frozenset[str], length: int, *, exit: bool) -> None:
        self._names = names
        self._length = length
        self.result = length if exit else None

    def number(self, name: str) -> int:
        if name not in self._names:
            raise NotNative(name)
        return self._length


def _size(content: Content) -> Size | None:
    match content:
        case meaning.Raw(size=size) | meaning.Array(count=size):
            return None if isinstance(size, int) else size
        case meaning.Struct(size=size):
            return size
    return None


def _names(size: Size | None) -> frozenset[str]:
    match size:
        case str():
            return frozenset({size})
        case meaning.Least(of=of):
            return frozenset().union(*map(_names, of))
    return frozenset()


_ALONE = _Alone()
