"""What to copy for one call, as data: copy steps, and which of them belongs to which argument.

A Plan can be printed, compared and tested; two calls whose plans have the same
steps share one pair of programs, whatever their numbers.

Steps of the entry half run when the call begins, and those that fail once more
when it returns; steps of the exit half run when it returns. Most append what they
copy to the record. What others need, since they follow a pointer or a length in
it, has a fixed place before that, so that they know where to look.

Not here: how a plan follows from a signature is `derive.py`; how steps become
instructions `collectors.py`; what is made of the copies `decode/`.
"""

from __future__ import annotations

from typing import NamedTuple

from argtrace.fetch import record
from argtrace.signature.meaning import On
from argtrace.value import frozen

TERMINATOR = 2
"""Bytes read beyond a string's limit: its NUL, and one more to know that it was longer."""

LIST_ITEMS, WHOLE_LIST_ITEMS = 3, 5
"""Items a list of strings takes, and one that is wanted whole: `record.py` draws them."""


class Spot(NamedTuple):
    """A place in the record: in the image of registers, or in the fixed part behind the items."""

    at: int
    fixed: bool = False

    def offset(self, items: int) -> int:
        """From the record's beginning, if it has so many items."""
        return self.at + (record.payload_offset(items) if self.fixed else record.IMAGE)


class Guard(NamedTuple):
    """A copy is worth trying only if this item has at least so many bytes."""

    item: int
    size: int


# How many bytes: known now, or computed in the kernel from numbers in the record.


class Load(NamedTuple):
    """The unsigned number of `size` bytes at `spot`."""

    spot: Spot
    size: int


class ResultWord(NamedTuple):
    """The call's result, which did not fail."""


class Lesser(NamedTuple):
    a: Code
    b: Code


class Linear(NamedTuple):
    """(of + add >> shift) * by."""

    of: Code
    add: int
    shift: int
    by: int


class IoctlSize(NamedTuple):
    """Bits 16 to 29 of an ioctl command if its direction bit is set, else 0."""

    of: Load
    reads: bool


class Filled(NamedTuple):
    """What is left for this buffer of a total that fills several in order; `start`: the total,
    if this is the first of them."""

    of: Load
    start: Load | ResultWord | None


class Chosen(NamedTuple):
    """A constant that is not in the program: it comes with the call's number, or with the choice
    that an argument made. So calls whose structures differ in size alone share their programs."""

    exit: bool


Code = int | Load | ResultWord | Lesser | Linear | IoctlSize | Filled | Chosen


@frozen
class CopyString:
    """Copy the string that the word at `pointer` points to: at most `limit` bytes.

    The result goes to item number `item`.
    """

    item: int
    pointer: Spot
    limit: int
    guard: Guard | None = None
    on: On | None = None

    @property
    def space(self) -> int:
        """The most bytes it adds to a record."""
        return self.limit + TERMINATOR

    @property
    def room(self) -> int:
        """The most bytes it copies."""
        return self.space


@frozen
class CopyStrings:
    """Copy an array of strings (argv), in at most `space` bytes.

    Takes LIST_ITEMS items from `item` on. `limit` is that of each string. `whole`: what there is no
    room for is sent before, in chunks; then `limit` is that of a piece of a string.
    """

    item: int
    pointer: Spot
    limit: int
    space: int
    guard: Guard | None = None
    on: On | None = None
    whole: bool = False

    @property
    def room(self) -> int:
        """The most bytes it copies."""
        return self.space


@frozen
class CopyBlock:
    """Copy `size` bytes, at most `room`, from where the word at `pointer` points to. `chunks`: how
    many more of record.CHUNK bytes each may follow, in records of their own.

    `fixed`: where in the fixed part, or None to append it. `on`: after which results;
    None in the entry half.
    """

    item: int
    pointer: Spot
    size: Code
    room: int
    fixed: int | None = None
    guard: Guard | None = None
    on: On | None = None
    chunks: int = 0

    @property
    def space(self) -> int:
        return self.room if self.fixed is None else 0


Step = CopyString | CopyStrings | CopyBlock


@frozen
class Fetched:
    """Where what a pointer points to is found: its item, and those of the pointers in it.

    `inner` is by element and member names: (2, "iov_base"), ("msg_name",).
    """

    item: int
    inner: tuple[tuple[tuple[str | int, ...], Fetched], ...] = ()


class Copies(NamedTuple):
    """Of one argument: what was there at entry, and what was there at the end."""

    entry: Fetched | None = None
    exit: Fetched | None = None


@frozen
class Plan:
    """`returns` is false for a call that does not come back: it is recorded at entry.

    `arguments` in the signature's order. `fixed`: bytes of the fixed part. `sizes`: what `Chosen`
    is at entry and at exit; `by_choice`: an argument's choice brings them, not the number.
    """

    number: int
    steps: tuple[Step, ...]
    returns: bool = True
    arguments: tuple[Copies, ...] = ()
    items: int = 0
    fixed: int = 0
    sizes: tuple[int, int] = (0, 0)
    by_choice: bool = False

    @property
    def entry(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.on is None)

    @property
    def exit(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.on is not None)

    @property
    def payload(self) -> int:
        """Where in the record appended bytes begin."""
        return record.payload_offset(self.items) + self.fixed

    @property
    def space(self) -> int:
        """Bytes of the longest record."""
        return self.payload + sum(step.space for step in self.steps)

    @property
    def walks(self) -> bool:
        """Whether it copies an array of strings: then the record waits in a slot of its own size."""
        return any(isinstance(step, CopyStrings) for step in self.steps)

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides the programs: plans of equal shape share them."""
        return (self.steps, self.returns, self.by_choice)


@frozen
class Plans:
    """The plan of a call; and where one argument decides what the others are, those by its value.

    `selector`: where in the image that argument is; it is taken `& mask`. A value without a
    plan of its own has the default one.
    """

    default: Plan
    selector: Load | None = None
    mask: int = 0
    variants: tuple[tuple[int, Plan], ...] = ()

    @property
    def number(self) -> int:
        return self.default.number

    def all(self) -> tuple[Plan, ...]:
        return (self.default, *(plan for _, plan in self.variants))


NEVER_RETURN = frozenset({"exit", "exit_group"})
