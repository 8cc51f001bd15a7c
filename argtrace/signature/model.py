"""What goes in and out of a call: types, parameters, signatures.

All of it is data: frozen, comparable, printable, the same whichever source it
came from (tracefs, BTF, the committed table).

Not here: how a type is written in C is `spell.py`; where an argument lives is
`location/`.
"""

from __future__ import annotations

from argtrace.signature.meaning import INT, Leaf, Meaning
from argtrace.value import frozen


@frozen
class Void:
    """No value: what `void *` points to, what `void` functions return."""


@frozen
class Int:
    """An integer. `name` is as the source spells it (`umode_t`), `size` in bytes."""

    name: str
    size: int
    signed: bool


@frozen
class Pointer:
    """An address. `const` is that of what it points to: `const char *`."""

    target: Type
    const: bool = False


@frozen
class Opaque:
    """A type known by name alone: `struct timespec`, `fd_set`, `siginfo_t`."""

    name: str


Type = Void | Int | Pointer | Opaque


@frozen
class Param:
    """`name` is the running kernel's, `declared` that of our declaration, which lengths and
    selectors go by."""

    name: str
    type: Type
    meaning: Meaning = INT
    declared: str = ""


@frozen
class Signature:
    """One call. `source` says who told us: "tracefs", "table", "unknown"."""

    name: str
    params: tuple[Param, ...]
    result: Type
    source: str
    returns: Leaf = INT
    """What the result means."""
