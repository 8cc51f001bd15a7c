"""The values that arguments and results become.

Each keeps `raw`, the word as it was in the register: nothing that decoding adds
takes the number away. Five things that other tools print alike are five here:

    Text(data=b"")                an empty string
    Text(cut=True)                a string longer than what was asked for
    Missing(UNREADABLE, "EFAULT") memory that could not be read
    Missing(NOT_CAPTURED, "…")    nobody tried: no room, entry not seen
    Address                       a pointer we do not follow (0: NULL)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Int:
    """A number. `value` is raw as its C type has it; `base` (8, 10, 16) how people write it."""

    raw: int
    value: int
    base: int = 10


@dataclass(frozen=True, slots=True)
class Named:
    """A number that has a name: AT_FDCWD, SIGCHLD."""

    raw: int
    value: int
    name: str


@dataclass(frozen=True, slots=True)
class Fd:
    """A file descriptor of the traced process."""

    raw: int
    value: int


@dataclass(frozen=True, slots=True)
class Address:
    raw: int


@dataclass(frozen=True, slots=True)
class Text:
    """A string at address `raw`, without its NUL. `cut`: there was more than we asked for.

    Of a string that is cut the whole length is not known.
    """

    raw: int
    data: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class List:
    """An array at address `raw`. `end` says why it stops where it does; None: it was all."""

    raw: int
    items: tuple[Value, ...]
    end: Missing | None = None


class Why(Enum):
    UNREADABLE = "unreadable"
    NOT_CAPTURED = "not captured"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Missing:
    """What should be at address `raw`, and why it is not here."""

    raw: int
    why: Why
    reason: str


Value = Int | Named | Fd | Address | Text | List | Missing


@dataclass(frozen=True, slots=True)
class Result:
    """What a call returned. `raw` is None for a call that did not return.

    A failed call has `error` (ENOENT) and `text`; `restarts` marks a code that
    never leaves the kernel: the call goes on after a signal.
    """

    raw: int | None
    value: Value | None = None
    error: str | None = None
    text: str | None = None
    restarts: bool = False

    @property
    def failed(self) -> bool:
        return self.error is not None
