"""What goes in and out of a call: types, parameters, signatures.

All of it is data: frozen, comparable, printable, the same whichever source it
came from (tracefs, BTF, the committed table).

Not here: how a type is written in C is `spell.py`; where an argument lives is
`location/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Void:
    """No value: what `void *` points to, what `void` functions return."""


@dataclass(frozen=True, slots=True)
class Int:
    """An integer. `name` is as the source spells it (`umode_t`), `size` in bytes."""

    name: str
    size: int
    signed: bool


@dataclass(frozen=True, slots=True)
class Pointer:
    """An address. `const` is that of what it points to: `const char *`."""

    target: Type
    const: bool = False


@dataclass(frozen=True, slots=True)
class Opaque:
    """A type known by name alone: `struct timespec`, `fd_set`, `siginfo_t`."""

    name: str


Type = Void | Int | Pointer | Opaque


class Content(Enum):
    """What a pointer parameter points to, as far as a tracer must fetch it.

    `char *` alone does not tell: write(2) takes `const char *` and a count,
    open(2) takes `const char *` and a NUL at the end.
    """

    PATH = "path"
    """A NUL-terminated file name: at most PATH_MAX bytes with its NUL."""

    STRING = "string"
    """A NUL-terminated string that is no path: a file system type, a key."""

    STRINGS = "strings"
    """An array of pointers to strings, ended by a null pointer: argv, envp."""


@dataclass(frozen=True, slots=True)
class Param:
    name: str
    type: Type
    content: Content | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """One call. `source` says who told us: "tracefs", "table", "unknown"."""

    name: str
    params: tuple[Param, ...]
    result: Type
    source: str
