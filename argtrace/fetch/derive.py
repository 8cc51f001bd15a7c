"""From what the arguments mean to what is copied: a Signature and its Places become a Plan.

    plans(0, read, target, Limits())     one CopyBlock at exit: result bytes, at most 32

Each content (`signature/meaning.py`) says how many bytes there are; here that becomes a
number, or a computation on what the record holds by then.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from argtrace.fetch import record
from argtrace.fetch.choices import resolve, selector_of
from argtrace.fetch.declared import befores, content_of, follows, lengths, needed, nests, pointer_of
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import (
    LIST_ITEMS,
    NEVER_RETURN,
    WHOLE_LIST_ITEMS,
    Chosen,
    Code,
    Copies,
    CopyBlock,
    CopyString,
    CopyStrings,
    Fetched,
    Filled,
    Guard,
    IoctlSize,
    Lesser,
    Linear,
    Load,
    Plan,
    Plans,
    ResultWord,
    Spot,
    Step,
)
from argtrace.location import frames, syscall
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import (
    Array,
    At,
    Before,
    Bytes,
    Cell,
    Content,
    Encoded,
    Least,
    Meaning,
    On,
    Path,
    Raw,
    Result,
    Scaled,
    Share,
    Size,
    String,
    Strings,
    Struct,
    To,
)
from argtrace.signature.model import Int, Signature
from argtrace.signature.sizes import WORD, cell_size, element_size, member_size
from argtrace.target import Target
from argtrace.value import frozen, replace

# Of the arrays that exec takes. The kernel's own limit is a quarter of the
# stack's; a longer one is shown cut, with what is known of it.
ARRAY_SPACE = 24576
# And of those that are wanted whole, before a chunk is sent: its head, and its bytes.
WHOLE_SPACE = record.CHUNK_DATA + record.CHUNK


# Of an array whose elements point to arrays: how many elements are followed in each.
FOLLOWED_OUTER, FOLLOWED_INNER = 4, 2

# The most bytes of a structure whose size is not in the program.
CHOSEN_ROOM = 512

# Bytes of all buffers that such pointers point to: they must fit a slot that the kernel
# allocates in one piece.
INNER_BUFFERS = 65536

# How many chunks may follow a buffer that is wanted whole: 4 MiB, and 512 KiB of each of several.
# The verifier goes through each of them.
CHUNKS, INNER_CHUNKS = 256, 32


def plans(number: int, signature: Signature, target: Target, limits: Limits) -> Plans:
    """The plan of a call, with one for each value of its selector that needs another."""
    choosing = _Choosing(number, signature, target, limits)
    variants = tuple((value, plan) for value in choosing.values if (plan := choosing.variant(value)))
    return replace(choosing.plans, variants=variants) if variants else Plans(choosing.default)


def plans_as_met(
    number: int, signature: Signature, target: Target, limits: Limits
) -> tuple[Plans, Callable[[int], Plan]]:
    """The same without its variants; and what gives that of a value, for who decodes: few are met."""
    choosing = _Choosing(number, signature, target, limits)
    met = any(map(choosing.variant, choosing.values))
    chosen = choosing.plans if met else Plans(choosing.default)
    return chosen, lambda value: choosing.variant(value) or choosing.default


class _Choosing:
    """A call of which one argument may decide what the others are. `values`: those that may need a plan."""

    def __init__(self, number: int, signature: Signature, target: Target, limits: Limits) -> None:
        self._plan = functools.partial(_plan, number, signature, target, limits)
        self.default = self._plan({})
        self.plans = Plans(self.default)
        self.values: list[int] = []
        selector = selector_of(signature)
        if selector is not None:
            self._on = selector.on
            self.values = selector.values()
            self.plans = Plans(self.default, _words(signature, target)[selector.on], selector.mask)

    def variant(self, value: int) -> Plan | None:
        """The value's own plan, if it needs one."""
        if value not in self.values:
            return None
        plan = self._plan({self._on: value})
        if (plan.steps, plan.sizes) == (self.default.steps, self.default.sizes):
            return None
        return replace(plan, by_choice=True)


def _share(plan: Plan) -> Plan:
    """The same with the first constant size of each half taken out of its steps."""
    sizes = [0, 0]
    steps: list[Step] = []
    for step in plan.steps:
        half = step.on is not None
        match step:
            case CopyBlock(size=int(size), fixed=None) if size <= CHOSEN_ROOM and not sizes[half]:
                sizes[half] = size
                steps.append(replace(step, size=Chosen(half), room=CHOSEN_ROOM))
            case _:
                steps.append(step)
    return replace(plan, steps=tuple(steps), sizes=(sizes[0], sizes[1]))


def _words(signature: Signature, target: Target) -> dict[str, Load]:
    """Each argument by its declared name."""
    offsets = frames.frame(target).offsets
    return {
        param.declared or param.name: Load(
            Spot(offsets[register]), param.type.size if isinstance(param.type, Int) else WORD
        )
        for param, register in zip(signature.params, syscall.registers(target), strict=False)
    }


def _plan(
    number: int, signature: Signature, target: Target, limits: Limits, known: Mapping[str, int]
) -> Plan:
    words = _words(signature, target)
    meanings = tuple(resolve(param.meaning, known) for param in signature.params[: len(words)])
    deriving = _Deriving(limits, words)
    entry = deriving.phase(meanings, None)
    after = deriving.phase(meanings, On.SUCCESS)
    return _share(
        Plan(
            number,
            tuple(deriving.steps),
            returns=signature.name not in NEVER_RETURN,
            arguments=tuple(Copies(entry.get(at), after.get(at)) for at in range(len(meanings))),
            items=deriving.items,
            fixed=deriving.fixed,
        )
    )


@frozen
class _Names:
    """What a size can name: members around a pointer, then arguments."""

    numbers: Mapping[str, Load]
    outer: _Names | None = None

    def load(self, name: str) -> Load:
        if name in self.numbers:
            return self.numbers[name]
        if self.outer is None:
            raise ValueError(f"nothing is called {name}")
        return self.outer.load(name)


class _Deriving:
    """Steps in the making."""

    def __init__(self, limits: Limits, words: Mapping[str, Load]) -> None:
        self._limits = limits
        self._arguments = list(words.items())
        self._names = _Names(words)
        self._on: On | None = None
        self._cells: dict[str, tuple[Load, Guard]] = {}
        self._entry_cells: dict[str, tuple[Load, Guard]] = {}
        self._depth = 0
        self.steps: list[Step] = []
        self.items = 0
        self.fixed = 0

    def phase(self, meanings: tuple[Meaning, ...], on: On | None) -> dict[int, Fetched]:
        """The steps of one half; what it fetches for each argument by position."""
        self._entry_cells, self._cells = self._cells, {}
        wanted = {at: content_of(meaning, on) for at, meaning in enumerate(meanings)}
        found: dict[int, Fetched] = {}
        # A number in memory must be there before what it is the length of.
        needed = {name for each in wanted.values() if each for name in lengths(each[0])}
        if on is None:
            needed |= befores(meanings)
        bases = {name.partition(".")[0] for name in needed}
        order = sorted(wanted, key=lambda at: self._arguments[at][0] not in bases)
        for at in order:
            each = wanted[at]
            if each is None:
                continue
            content, self._on = each
            name, word = self._arguments[at]
            first = len(self.steps)
            found[at] = self._pointer(content, word.spot, None, self._names, keep=name in bases)
            if name in bases:
                self._note_numbers(name, content, first, needed)
        return found

    def _note_numbers(self, name: str, content: Content, step: int, needed: set[str]) -> None:
        """Where the numbers are that others need of what this argument points to."""
        block = self.steps[step]
        if not isinstance(block, CopyBlock) or block.fixed is None:
            raise ValueError(f"{name} is no number in memory")
        if isinstance(content, Cell):
            load = Load(Spot(block.fixed, fixed=True), block.room)
            self._cells[name] = load, Guard(block.item, block.room)
        elif isinstance(content, Struct):
            for member in layout(content.name).members:
                if f"{name}.{member.name}" in needed:
                    size = member_size(member.type)
                    load = Load(Spot(block.fixed + member.offset, fixed=True), size)
                    self._cells[f"{name}.{member.name}"] = load, Guard(block.item, member.offset + size)

    @property
    def _last(self) -> CopyBlock:
        step = self.steps[-1]
        assert isinstance(step, CopyBlock)
        return step

    def _pointer(
        self, content: Content, spot: Spot, guard: Guard | None, names: _Names, *, keep: bool = False
    ) -> Fetched:
        """Copy what the word at `spot` points to. `keep`: others need it, so it gets a fixed place."""
        item = self.items
        limits = self._limits
        match content:
            case Path() | String():
                self.items += 1
                self.steps.append(CopyString(item, spot, limits.strings, guard, self._on))
                return Fetched(item)
            case Strings():
                self.items += WHOLE_LIST_ITEMS if limits.whole else LIST_ITEMS
                space = WHOLE_SPACE if limits.whole else ARRAY_SPACE
                step = CopyStrings(item, spot, limits.strings, space, guard, self._on, limits.whole)
                self.steps.append(step)
                return Fetched(item)
            case Bytes(size=size):
                outer = names is self._names
                most = limits.buffers if outer else min(limits.buffers, INNER_BUFFERS // limits.followed)
                found = self._block(spot, guard, self._code(size, names), most)
                if limits.whole:
                    self.steps[-1] = replace(self._last, chunks=CHUNKS if outer else INNER_CHUNKS)
                return found
            case Raw(size=size, limit=limit):
                return self._block(spot, guard, self._code(size, names), min(limit, limits.tables))
            case Cell():
                size = cell_size(content)
                return self._block(spot, guard, size, size, keep=keep)
            case Struct():
                return self._struct(content, spot, guard, names, keep=keep)
            case Array():
                return self._array(content, spot, guard, names)

    def _block(
        self, spot: Spot, guard: Guard | None, size: Code, room: int, *, keep: bool = False
    ) -> Fetched:
        if isinstance(size, int):
            size = room = min(size, room)
        else:
            guard = self._guard(size, guard)
        fixed = self._fix(room) if keep else None
        item = self.items
        self.items += 1
        self.steps.append(CopyBlock(item, spot, size, room, fixed, guard, self._on))
        return Fetched(item)

    def _struct(
        self, content: Struct, spot: Spot, guard: Guard | None, names: _Names, *, keep: bool
    ) -> Fetched:
        whole = layout(content.name).size
        size: Code = whole if content.size is None else Lesser(self._code(content.size, names), whole)
        fetched = self._block(spot, guard, size, whole, keep=keep or follows(content))
        if not follows(content):
            return fetched
        assert self._last.fixed is not None
        return Fetched(fetched.item, tuple(self._members(content, self._last.fixed, 0, fetched.item, names)))

    def _array(self, content: Array, spot: Spot, guard: Guard | None, names: _Names) -> Fetched:
        each = element_size(content)
        count = self._code(content.count, names)
        size: Code = count * each if isinstance(count, int) else Linear(count, 0, 0, each)
        keep = isinstance(content.element, Struct) and follows(content.element)
        elements = self._limits.elements
        if keep:
            assert isinstance(content.element, Struct)
            elements = FOLLOWED_OUTER if nests(content.element) else self._limits.followed
            if self._depth:
                elements = FOLLOWED_INNER
        fetched = self._block(spot, guard, size, elements * each, keep=keep)
        if not keep:
            return fetched
        assert isinstance(content.element, Struct)
        base = self._last.fixed
        assert base is not None
        inner: list[tuple[tuple[str | int, ...], Fetched]] = []
        self._depth += nests(content.element)
        for at in range(elements):
            found = self._members(content.element, base, at * each, fetched.item, names, first=at == 0)
            inner += [((at, *path), each_fetched) for path, each_fetched in found]
        self._depth -= nests(content.element)
        return Fetched(fetched.item, tuple(inner))

    def _members(
        self, content: Struct, base: int, at: int, item: int, names: _Names, *, first: bool = True
    ) -> list[tuple[tuple[str | int, ...], Fetched]]:
        """Follow the pointers in a structure `at` bytes into the block that lies at `base`."""
        numbers = {
            member.name: Load(Spot(base + at + member.offset, fixed=True), member_size(member.type))
            for member in layout(content.name).members
            if member_size(member.type) in (1, 2, 4, 8)
        }
        inside = _Names(numbers, names)
        found: list[tuple[tuple[str | int, ...], Fetched]] = []
        for name, declared in content.members:
            member = layout(content.name).member(name)
            meaning = pointer_of(declared)
            if isinstance(meaning, To):
                spot = Spot(base + at + member.offset, fixed=True)
                guard = Guard(item, at + needed(content, member))
                before = len(self.steps)
                found.append(((name,), self._pointer(meaning.content, spot, guard, inside)))
                self._start_share(before, meaning.content, inside, first=first)
            elif isinstance(meaning, Struct) and follows(meaning):
                deeper = self._members(meaning, base, at + member.offset, item, inside)
                found += [((name, *path), fetched) for path, fetched in deeper]
        return found

    def _start_share(self, before: int, content: Content, names: _Names, *, first: bool) -> None:
        """The first of the buffers that share a total begins with all of it."""
        step = self.steps[before]
        if first and isinstance(content, Bytes) and isinstance(content.size, Share):
            assert isinstance(step, CopyBlock)
            assert isinstance(step.size, Filled)
            total = content.size.total
            start = ResultWord() if isinstance(total, Result) else names.load(total)
            self.steps[before] = replace(step, size=step.size._replace(start=start))

    def _fix(self, size: int) -> int:
        at = self.fixed
        self.fixed += -(-size // WORD) * WORD
        return at

    def _code(self, size: Size, names: _Names) -> Code:
        match size:
            case int():
                return size
            case str():
                return names.load(size)
            case Result():
                return ResultWord()
            case Least(of=(only,)):
                return self._code(only, names)
            case Least(of=(head, *rest)):
                return Lesser(self._code(Least(*rest), names), self._code(head, names))
            case At(name=name):
                if name not in self._cells:
                    raise ValueError(f"{name} is not read before its value is needed")
                return self._cells[name][0]
            case Before(of=At(name=name)):
                return self._entry_cells[name][0]
            case Scaled(of=of, add=add, shift=shift, by=by):
                return Linear(self._code(of, names), add, shift, by)
            case Encoded(name=name, reads=reads):
                return IoctlSize(names.load(name), reads)
            case Share(of=of):
                return Filled(names.load(of), None)
        raise AssertionError(size)

    def _guard(self, size: Code, guard: Guard | None) -> Guard | None:
        """That of a length in memory, where there is none yet."""
        lengths = [own for load, own in self._cells.values() if _uses(size, load)]
        return lengths[0] if lengths and guard is None else guard


def _uses(code: Code, load: Load) -> bool:
    match code:
        case Load():
            return code == load
        case Lesser(a=a, b=b):
            return _uses(a, load) or _uses(b, load)
        case Linear(of=of):
            return _uses(of, load)
    return False
