"""A call's line as a template: what a native executor fills in from a record's bytes.

    TEXT "openat("   BEGIN "dfd: "   MEMO word 4   END   BEGIN "filename: "   ITEM 0 … QUOTED … END …

An Op is one small step: append these bytes, write that number in decimal, quote the string
that was fetched. A template is a tuple of them, with jumps. It says no more than the Python
that it was made from (`text_templates.py`, `json_templates.py`), and may give up: after BAIL,
or where a record is not as it expects, the executor leaves the call to Python. So what is rare
need not be here, and what is here must give the same bytes; tests/native compares.

Where a number comes from: `base`, `at` and `load` bytes, without sign, and `mask` (a Number);
`size` and `signed` cut it to its C type.

Not here: who runs them is `native/lines.pyx`.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from argtrace.fetch import record
from argtrace.location.frames import WORD

ALL_BITS = (1 << 64) - 1


class Base(IntEnum):
    RECORD = 0
    MEMORY = 1
    """The item that ITEM has found."""
    CLOCK = 2
    """Worked out for each record: `Clock`."""


class Clock(IntEnum):
    """Offsets of what Base.CLOCK has, ns."""

    STAMP = 0
    """Since the beginning of the trace."""
    DURATION = 8
    START = 16
    """CLOCK_MONOTONIC."""
    ENTRY = 24
    """No time: the address of the entry that is looked at, or of the rest."""


class Form(IntEnum):
    DECIMAL = 0
    HEX = 1
    """0x1f; 0 is 0x0."""
    SHORT_HEX = 2
    """0x1f; 0 is 0."""
    OCTAL = 3
    """0 and at least two digits."""
    POINTER = 4
    """0x1f; 0 is NULL."""


class Do(IntEnum):
    TEXT = 0
    """Append `text`."""
    NUMBER = 1
    """Append the number and `value` in `form`."""
    MEMO = 2
    """Append what `call` made of the number, made once for each. If that says unused: take back what
    came since BEGIN where `value` is 1; go on at `jump`."""
    BEGIN = 3
    """A part of a list begins: its separator if it is not the first, ", ", or "," where `value` is 1; then
    `text`."""
    END = 4
    """The part has ended, and is to be kept."""
    DROP = 5
    """The part has ended. It goes if no other follows that is to be kept."""
    OPEN = 6
    """A list begins, after `text`."""
    CLOSE = 7
    """It ends: those that nobody kept at its end go; then `text`."""
    BRANCH = 8
    """Go on at `jump` if the number is 0."""
    LESS = 9
    """Go on at `jump` if the number is less than `value`."""
    JUMP = 10
    ITEM = 11
    """Look at item `value`. Go on at `jump` if the number, its address, is 0 or nobody tried to read
    there; give up if it could not be read, or not to its end."""
    NEED = 12
    """Give up unless the memory has at least `value` bytes."""
    STRING = 13
    """The memory is a string with its NUL: the span is the string, or `value` bytes of it."""
    LEAST = 14
    """The length at hand is the lesser of itself and the number."""
    LEAST_RESULT = 15
    """The same with the call's result, which did not fail."""
    BUFFER = 16
    """The memory is a buffer of the length at hand; the span is what was fetched of it, up to `value`."""
    QUOTED = 17
    """Append the span in quotes, each byte as the executor's table of escapes says."""
    IF_CUT = 18
    """Go on at `jump` unless the span is less than there was."""
    SPAN_LENGTH = 19
    """Append how many bytes the span has, or what was counted."""
    LENGTH = 20
    """Append the length at hand."""
    WHO = 21
    """Append what `call` says of the thread: once, until the executor is told to forget."""
    TIME_OF_DAY = 22
    """Append what `call` says of the second the number, ns, is in, made once; then microseconds."""
    FIXED = 23
    """Append the number, ns, as units of 10**`value` us with as many decimals, `size` wide at least."""
    MARK = 24
    PAD = 25
    """Append blanks until there are `value` bytes since MARK."""
    FAILED = 26
    """If the result is an error, append what `call` made of it, and go on at `jump`."""
    IS = 27
    """Give up if the number is `value`."""
    PIECE = 28
    """Append piece `value` of what Python made of the whole call."""
    BAIL = 29
    FORGET = 30
    """Forget the length at hand."""
    ENTRIES = 31
    """Count the entries in the memory, of `value` bytes at least, each with its own size as the number
    at `at` in it. They are cut if there is more, fetched or not, than those."""
    IF_ONE = 32
    """Go on at `jump` unless the span's length, or what was counted, is 1, and not cut."""
    DECODED = 33
    """Append what `decode` made of the memory, the number (its address) and the length at hand: once
    for each. None: give up."""
    EACH = 34
    """The memory is entries one after the other; the number is its address."""
    ENTRY = 35
    """Look at the next, of `value` bytes at least, its own size as the number at `at` in it; go on at
    `jump` if there is none that is whole."""
    AGAIN = 36
    """Go back to the ENTRY at `jump`."""
    REST = 37
    """Look at what is behind the last entry. It is cut if not all was fetched; give up if it is and yet
    there is more than entries."""
    TO_NUL = 38
    """The span is the memory from `value` on, up to a NUL."""


class Op(NamedTuple):
    do: Do
    text: bytes = b""
    base: Base = Base.RECORD
    at: int = 0
    load: int = 8
    mask: int = ALL_BITS
    size: int = 8
    signed: bool = False
    form: Form = Form.DECIMAL
    value: int = 0
    jump: int = -1
    call: Callable[[int], bytes | tuple[bytes, bool]] | None = None
    decode: Callable[[bytes, int, int], bytes | None] | None = None


Template = tuple[Op, ...]


class Number(NamedTuple):
    """Where a number is."""

    base: Base
    at: int
    load: int = 8
    mask: int = ALL_BITS


def argument(word: int, mask: int = ALL_BITS) -> Number:
    """Word `word` of the image."""
    return Number(Base.RECORD, record.IMAGE + WORD * word, WORD, mask)


def noted(field: tuple[int, int]) -> Number:
    """What was noted in the image: its offset there, and its bytes."""
    at, size = field
    return Number(Base.RECORD, record.IMAGE + at, size)


RESULT = Number(Base.RECORD, record.RESULT)


class NotNative(Exception):
    """This cannot be said in a template."""


class Builder:
    """A template in the making. Labels are numbers from `label`, set by `put`."""

    def __init__(self) -> None:
        self._ops: list[Op] = []
        self._labels: dict[int, int] = {}
        self._barrier = 0  # what is before stays as it is: somebody may jump to here

    def label(self) -> int:
        self._labels[len(self._labels)] = -1
        return len(self._labels) - 1

    def put(self, label: int) -> None:
        self._labels[label] = self._barrier = len(self._ops)

    def mark(self) -> int:
        """For `back`."""
        self._barrier = len(self._ops)
        return self._barrier

    def back(self, mark: int) -> None:
        """Take back what was added since."""
        del self._ops[mark:]

    def text(self, text: str) -> None:
        if len(self._ops) > self._barrier and self._ops[-1].do is Do.TEXT:
            self._ops[-1] = Op(Do.TEXT, self._ops[-1].text + text.encode("ascii"))
        else:
            self._ops.append(Op(Do.TEXT, text.encode("ascii")))

    def add(self, op: Op) -> None:
        """`jump` is a label."""
        self._ops.append(op)

    def number(self, do: Do, where: Number, **rest: object) -> None:
        base, at, load, mask = where
        self._ops.append(Op(do, base=base, at=at, load=load, mask=mask, **rest))  # type: ignore[arg-type]

    def template(self) -> Template:
        return tuple(op._replace(jump=self._labels[op.jump]) if op.jump >= 0 else op for op in self._ops)
