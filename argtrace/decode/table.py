"""A call's decode table, and the executor that runs it.

The table says for each argument where its word is, what it means, and where what was
fetched for it is: data throughout, so that a native executor can run the same table.
This one is the reference.

A table is made once a call from its Signature and Plans; where one argument decides
what the others are, once for each of its values that occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from argtrace.decode import contents
from argtrace.decode.contents import Inner
from argtrace.decode.model import Address, Bytes, Changed, File, List, Result, Struct, Text, Unused, Value
from argtrace.decode.results import NO_RESULT, failure
from argtrace.fetch.choices import resolve
from argtrace.fetch.plan import Copies, Fetched, Plan, Plans
from argtrace.fetch.record import SKIPPED, Flag
from argtrace.location import syscall
from argtrace.location.frames import WORD, frame
from argtrace.signature import meaning as meanings
from argtrace.signature.layouts import MemberType
from argtrace.signature.meaning import Content, In, InOut, Leaf, Meaning, Out
from argtrace.signature.model import Int, Signature, Type
from argtrace.target import X86_64, Target
from argtrace.transport.records import CallRecord
from argtrace.value import fresh, frozen


@frozen
class Row:
    """One argument. `word`: index in the image; `mask`: the bits of it that its type has."""

    name: str
    declared: str
    word: int
    type: Type
    mask: int
    meaning: Meaning
    copies: Copies


@frozen
class Table:
    """`rows` are those of the default plan, `variants` the others, made when they are met: of the
    plan that `variant` gives for a value. `abi`: of 32-bit calls."""

    signature: Signature
    rows: tuple[Row, ...]
    plans: Plans
    limit: int
    variant: Callable[[int], Plan]
    variants: dict[int, tuple[Row, ...]] = fresh(factory=dict)
    abi: str | None = None


@frozen
class Surroundings:
    """What the stream knows beside the record."""

    file: Callable[[int], File | None] = lambda fd: None
    verbose: bool = False


NOTHING = Surroundings()

MOST_VARIANTS = 4096
"""Of a call that are remembered: more than any is declared to have."""


class Tables(Mapping[int, Table]):
    """By a call's index, each made when its first record comes."""

    def __init__(self, known: Mapping[int, Callable[[], Table]]) -> None:
        self._known = known
        self._made: dict[int, Table] = {}

    def __getitem__(self, index: int) -> Table:
        found = self._made.get(index)
        if found is None:
            found = self._made[index] = self._known[index]()
        return found

    def __iter__(self) -> Iterator[int]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def table(
    signature: Signature,
    plans: Plans,
    target: Target,
    limit: int,
    variant: Callable[[int], Plan] | None = None,
) -> Table:
    """`limit`: bytes of a string that were asked for; `variant`: the plan for a value of the selector,
    where `plans` has none of them."""
    offsets, registers = frame(target).offsets, syscall.registers(target)
    words = [offsets[register] // WORD for register in registers]
    if variant is None:
        known = dict(plans.variants)

        def variant(value: int) -> Plan:
            return known.get(value, plans.default)

    return Table(signature, _rows(signature, plans.default, words, {}), plans, limit, variant)


def words(signature: Signature, target: Target) -> Table:
    """The table of a call nobody knows: its words, not decoded."""
    offsets, registers = frame(target).offsets, syscall.registers(target)
    return _words(signature, [offsets[register] // WORD for register in registers])


def compat(signature: Signature, target: Target = X86_64) -> Table:
    return _words(signature, [at // WORD for at in frame(target).compat], target.compat)


def _words(signature: Signature, words: list[int], abi: str | None = None) -> Table:
    plan = Plan(-1, (), arguments=(Copies(),) * len(signature.params))
    return Table(signature, _rows(signature, plan, words, {}), Plans(plan), 0, lambda value: plan, abi=abi)


def _rows(signature: Signature, plan: Plan, words: list[int], known: Mapping[str, int]) -> tuple[Row, ...]:
    rows = []
    for param, word, copies in zip(signature.params, words, plan.arguments, strict=False):
        mask = (1 << 8 * param.type.size) - 1 if isinstance(param.type, Int) else (1 << 64) - 1
        meaning = resolve(param.meaning, known)
        rows.append(Row(param.name, param.declared or param.name, word, param.type, mask, meaning, copies))
    return tuple(rows)


def rows(table: Table, call: CallRecord) -> tuple[Row, ...]:
    """The rows for this call's record."""
    plans = table.plans
    if plans.selector is None:
        return table.rows
    value = call.image[plans.selector.spot.at // WORD] & plans.mask
    found = table.variants.get(value)
    if found is None:
        if len(table.variants) >= MOST_VARIANTS:
            table.variants.clear()  # the number is the traced program's choice
        found = table.variants[value] = _variant(table, value, selected(table, call))
    if call.flags & Flag.LATE and found is not table.rows:
        # The collector that was taken is the default's.
        return tuple(Row(r.name, r.declared, r.word, r.type, r.mask, r.meaning, Copies()) for r in found)
    return found


def selected(table: Table, call: CallRecord) -> dict[str, int]:
    """The argument that decides what the others are, by its declared name; nothing where none does."""
    selector = table.plans.selector
    if selector is None:
        return {}
    on = next(row.declared for row in table.rows if row.word * WORD == selector.spot.at)
    return {on: call.image[selector.spot.at // WORD] & table.plans.mask}


def _variant(table: Table, value: int, known: dict[str, int]) -> tuple[Row, ...]:
    return _rows(table.signature, table.variant(value), [row.word for row in table.rows], known)


class _Arguments:
    """The scope of a call's arguments, in one of its halves."""

    __slots__ = ("_call", "_inner", "_rows", "_surroundings", "exit", "result")

    def __init__(
        self, rows: tuple[Row, ...], call: CallRecord, inner: Inner, surroundings: Surroundings
    ) -> None:
        self._rows = rows
        self._call = call
        self._inner = inner
        self._surroundings = surroundings
        self.exit = False
        self.result: int | None = None

    @property
    def verbose(self) -> bool:
        return self._surroundings.verbose

    def number(self, name: str) -> int:
        for row in self._rows:
            if row.declared == name:
                return self._call.image[row.word] & row.mask
        if name.startswith(("*", "^")):
            return self._pointed(name[1:], exit=self.exit and name[0] == "*")
        if name == "result" and self.result is not None:
            return self.result & (1 << 64) - 1
        raise KeyError(name)

    def _pointed(self, name: str, *, exit: bool) -> int:
        """The number that an argument points to, or the member of a structure that it points to."""
        base, _, member = name.partition(".")
        row = next(row for row in self._rows if row.declared == base)
        fetched = row.copies.exit if exit else row.copies.entry
        content = _content(row.meaning, exit=exit)
        if fetched is None:
            raise KeyError(name)
        at, size = self._call.item(fetched.item)
        data = self._call.raw[at : at + max(size, 0)]
        if isinstance(content, meanings.Struct):
            return contents.Members(content.name, data, self).number(member)
        if not data or not isinstance(content, meanings.Cell):
            raise KeyError(name)
        return int.from_bytes(data, "little")

    def content(self, content: Content, data: bytes, address: int) -> Value:
        return contents.memory(content, data, address, self)

    def leaf(self, meaning: Leaf, word: int, type: MemberType) -> Value:
        return contents.leaf(meaning, word, type, self)

    def file(self, fd: int) -> File | None:
        return self._surroundings.file(fd)


def _content(meaning: Meaning, *, exit: bool) -> Content | None:
    match meaning:
        case In(content=content) if not exit:
            return content
        case Out(content=content) if exit:
            return content
        case InOut(content=content, after=after):
            return after or content if exit else content
    return None


def arguments(
    table: Table, call: CallRecord, surroundings: Surroundings = NOTHING
) -> tuple[dict[str, Value], Result]:
    """Every argument by name, and the result. Raises FormatError if the record contradicts the table."""
    found = rows(table, call)
    inner = Inner(call, table.limit, {})
    scope = _Arguments(found, call, inner, surroundings)
    return {row.name: _argument(row, call, scope, inner) for row in found}, _result(table, call, scope)


def result(table: Table, call: CallRecord) -> Result:
    """The result alone, but for what only arguments tell of it."""
    return _result(table, call, _Arguments(rows(table, call), call, Inner(call, table.limit, {}), NOTHING))


def _result(table: Table, call: CallRecord, scope: _Arguments) -> Result:
    if call.flags & Flag.NO_RESULT:
        return NO_RESULT
    failed = failure(call.result)
    if failed is not None:
        return failed
    scope.exit, scope.result = False, call.result
    raw = call.result & (1 << 64) - 1
    return Result(call.result, contents.leaf(table.signature.returns, raw, _RESULT, scope))


class Deferred(Mapping[str, Value]):
    """A call's arguments, decoded when somebody looks at them.

    Raises FormatError then, if the record contradicts itself.
    """

    __slots__ = ("_call", "_table", "_values")

    def __init__(self, table: Table, call: CallRecord) -> None:
        self._table = table
        self._call = call
        self._values: dict[str, Value] | None = None

    def _decoded(self) -> dict[str, Value]:
        if self._values is None:
            self._values, _ = arguments(self._table, self._call)
        return self._values

    def __getitem__(self, name: str) -> Value:
        return self._decoded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decoded())

    def __len__(self) -> int:
        return len(self._decoded())

    def __eq__(self, other: object) -> bool:
        return self._decoded() == (other._decoded() if isinstance(other, Deferred) else other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(self._decoded())

    def __reduce__(self) -> tuple[object, ...]:
        return dict, (self._decoded(),)


_RESULT = Int("long", 8, signed=True)


def _argument(row: Row, call: CallRecord, scope: _Arguments, inner: Inner) -> Value:
    word = call.image[row.word]
    meaning = row.meaning
    if not isinstance(meaning, In | Out | InOut):
        scope.exit, scope.result = False, None
        return contents.leaf(meaning, word, row.type, scope)  # type: ignore[arg-type]
    before: Value | None = None
    entry, exit = _content(meaning, exit=False), _content(meaning, exit=True)
    if entry is not None:
        scope.exit, scope.result = False, None
        before = contents.pointee(entry, word, row.copies.entry, scope, inner)
    if exit is None or not _tried(row.copies.exit, call):
        return Address(word) if before is None else before
    scope.exit, scope.result = True, call.result
    after = contents.pointee(exit, word, row.copies.exit, scope, inner)
    return after if before is None else changed(before, after)


def _tried(fetched: Fetched | None, call: CallRecord) -> bool:
    return fetched is not None and call.item(fetched.item)[1] != SKIPPED


def changed(before: Value, after: Value) -> Value:
    """Both, where they differ, as deep inside as they do.

    What only one of the two halves shows is taken from that one.
    """
    if before == after or isinstance(before, Address | Unused):
        return after
    if isinstance(after, Address) and before.raw == after.raw:
        return before  # nothing came back there
    match before, after:
        case Struct(name=name, members=old), Struct(name=same, members=new) if name == same:
            return Struct(after.raw, name, _members(old, new), after.ns, after.end)
        case List(items=were), List(items=are) if all(isinstance(item, Struct) for item in (*were, *are)):
            joined = [changed(was, now) for was, now in zip(were, are, strict=False)]
            rest = were[len(are) :] or are[len(were) :]
            longer = before if len(were) > len(are) else after
            return List(after.raw, (*joined, *rest), longer.end, longer.length)
        case (Struct() | List(), _) | (_, Struct() | List()):
            return Changed(after.raw, before, after)
    # One number that the two halves declare differently is still the same.
    if before.raw == after.raw and not isinstance(after, Text | Bytes):
        return after
    return Changed(after.raw, before, after)


def _members(
    old: tuple[tuple[str, Value], ...], new: tuple[tuple[str, Value], ...]
) -> tuple[tuple[str, Value], ...]:
    """In the order of the one that has more."""
    were, are = dict(old), dict(new)
    order = are if len(are) >= len(were) else were
    names = [*order, *(name for name in (*were, *are) if name not in order)]
    return tuple(
        (name, changed(were[name], are[name]) if name in were and name in are else (are | were)[name])
        for name in dict.fromkeys(names)
    )
