"""What to copy for one call: a Signature and its Places become copy steps.

A Plan is data: it can be printed, compared and tested, and two calls whose plans
have the same steps share one pair of programs, whatever their numbers.

Not here: turning steps into instructions is `collectors.py`; reading the result
is `decode/table.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

from argtrace.fetch import record
from argtrace.location import frames, syscall
from argtrace.signature.model import Content, Signature
from argtrace.target import Target

TERMINATOR = 2
"""Bytes read beyond a string's limit: its NUL, and one more to know that it was longer."""

LIST_ITEMS = 3
"""Items a list of strings takes: `record.py` draws them."""


@dataclass(frozen=True, slots=True)
class CopyString:
    """Copy the string that the image's word at `word` points to: at most `limit` bytes.

    The result goes to item number `item`.
    """

    item: int
    word: int
    limit: int

    @property
    def space(self) -> int:
        """The most bytes it adds to a record."""
        return self.limit + TERMINATOR


@dataclass(frozen=True, slots=True)
class CopyStrings:
    """Copy an array of strings (argv), in at most `space` bytes.

    Takes LIST_ITEMS items from `item` on. `limit` is that of each string.
    """

    item: int
    word: int
    limit: int
    space: int


Step = CopyString | CopyStrings


@dataclass(frozen=True, slots=True)
class Plan:
    """`returns` is false for a call that does not come back: it is recorded at entry."""

    number: int
    steps: tuple[Step, ...]
    returns: bool = True

    @property
    def items(self) -> int:
        return sum(LIST_ITEMS if isinstance(step, CopyStrings) else 1 for step in self.steps)

    @property
    def space(self) -> int:
        """Bytes of the longest record."""
        return record.payload_offset(self.items) + sum(step.space for step in self.steps)

    @property
    def walks(self) -> bool:
        """Whether it copies an array of strings: then the record waits in a slot of its own size."""
        return any(isinstance(step, CopyStrings) for step in self.steps)

    @property
    def shape(self) -> tuple[object, ...]:
        """What decides the programs: plans of equal shape share them."""
        return (self.steps, self.returns)


NEVER_RETURN = frozenset({"exit", "exit_group"})

# Of the arrays that exec takes. The kernel's own limit is a quarter of the
# stack's; a longer one is shown cut, with what is known of it.
ARRAY_SPACE = 24576


def plan(number: int, signature: Signature, target: Target, string_limit: int) -> Plan:
    """The steps that fetch what a signature's pointers point to.

    `string_limit`: bytes of a string, its NUL not counted.
    """
    offsets = frames.frame(target).offsets
    steps: list[Step] = []
    item = 0
    for param, register in zip(signature.params, syscall.registers(target), strict=False):
        word = offsets[register]
        match param.content:
            case Content.PATH | Content.STRING:
                steps.append(CopyString(item, word, string_limit))
                item += 1
            case Content.STRINGS:
                steps.append(CopyStrings(item, word, string_limit, ARRAY_SPACE))
                item += LIST_ITEMS
            case None:
                pass
    return Plan(number, tuple(steps), returns=signature.name not in NEVER_RETURN)
