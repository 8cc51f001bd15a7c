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

from enum import Enum

from argtrace.value import frozen


@frozen
class Int:
    """A number. `value` is raw as its C type has it; `base` (8, 10, 16) how people write it."""

    raw: int
    value: int
    base: int = 10


@frozen
class Named:
    """A number that has a name: AT_FDCWD, SIGCHLD."""

    raw: int
    value: int
    name: str


@frozen
class Flags:
    """A word of flags. `names` are those it has; `rest`: the bits that have no name.

    `base` (8, 16): how people write the rest; 8 for permissions: S_IFREG|0644.
    """

    raw: int
    value: int
    names: tuple[str, ...]
    rest: int = 0
    base: int = 16


@frozen
class Fd:
    """A file descriptor of the traced process; `file`: what it was open on, as far as known."""

    raw: int
    value: int
    file: File | None = None


@frozen
class File:
    """What a descriptor refers to: a path, or `socket:[8]`, `anon_inode:[eventpoll]`.

    `detail`: more of it, for people: `TCP:[127.0.0.1:80->127.0.0.1:4242]`, `char 1:3`.
    """

    path: bytes
    detail: str | None = None
    as_bytes: bool = False
    """Its data is not to be decoded: it was asked for as it is."""


@frozen
class Pid:
    """A process, thread, group or session; `comm`: its name then, if it was traced."""

    raw: int
    value: int
    comm: str | None = None


@frozen
class Device:
    """A device number, and the two it consists of."""

    raw: int
    value: int
    major: int
    minor: int


@frozen
class Ip:
    """An IPv4 or IPv6 address: 4 or 16 bytes in network order."""

    raw: int
    data: bytes


@frozen
class Unused:
    """A number that this call does not look at: open's mode without O_CREAT."""

    raw: int


@frozen
class Address:
    raw: int


@frozen
class Text:
    """A string at address `raw`, without its NUL. `cut`: there was more than we asked for.

    Of a string that is cut the whole length is not known. `absolute`: the path from the
    root, where the string is a relative one and the directory it starts at is known.
    `end`: why the rest is not here, if it could not be read.
    """

    raw: int
    data: bytes
    cut: bool = False
    absolute: bytes | None = None
    end: Missing | None = None


@frozen
class Bytes:
    """A buffer at address `raw` of `length` bytes, of which `data` were fetched.

    `end`: why the rest is not here, if it could not be read.
    """

    raw: int
    data: bytes
    length: int
    end: Missing | None = None

    @property
    def cut(self) -> bool:
        return len(self.data) < self.length


@frozen
class List:
    """An array at address `raw`. `end` says why it stops where it does; None: it was all.

    `length`: how many elements there are, where that is known to be more than `items`; `missing`:
    how many bytes are not here, where that is known.
    """

    raw: int
    items: tuple[Value, ...]
    end: Missing | None = None
    length: int | None = None
    missing: int | None = None


@frozen
class Struct:
    """A structure at address `raw`, with its members in order. `name` as C has it, without `struct`.

    `ns`: the time it stands for, in ns, if it is a time. `end`: why members are missing
    after the last, if some are.
    """

    raw: int
    name: str
    members: tuple[tuple[str, Value], ...]
    ns: int | None = None
    end: Missing | None = None

    def __getitem__(self, name: str) -> Value:
        return dict(self.members)[name]


@frozen
class Changed:
    """What was there at entry, and what was there when the call returned."""

    raw: int
    before: Value
    after: Value


class Why(Enum):
    UNREADABLE = "unreadable"
    NOT_CAPTURED = "not captured"
    CUT = "cut"


@frozen
class Missing:
    """What should be at address `raw`, and why it is not here."""

    raw: int
    why: Why
    reason: str


Value = (
    Int
    | Named
    | Flags
    | Fd
    | Pid
    | Device
    | Ip
    | Unused
    | Address
    | Text
    | Bytes
    | List
    | Struct
    | Changed
    | Missing
)


@frozen
class Result:
    """What a call returned. `raw` is None for a call that did not return.

    A failed call has `error` (ENOENT) and `text`; `restarts` marks a code that
    never leaves the kernel: the call goes on after a signal. `note` says in a word
    what a number alone does not: that poll's 0 is a timeout.
    """

    raw: int | None
    value: Value | None = None
    error: str | None = None
    text: str | None = None
    restarts: bool = False
    note: str | None = None

    @property
    def failed(self) -> bool:
        return self.error is not None
