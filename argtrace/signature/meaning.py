"""What an argument means, and with that what must be fetched to show it.

A C type says how a word is stored; a meaning says that the word is a set of
flags, or the address of an array whose length is another argument. Each call
declares the meanings of its arguments once (`calls/`). `fetch/derive.py` derives
from them what is copied, when, and how much; `decode/` derives the values; the
coverage table is a print of them.

    call(fd=FD, buf=Out(Bytes(Least(RESULT, "count"))), count=SIZE, result=SIZE)      read(2)
    call(fd=FD, cmd=enum("fcntl"), arg=Choice("cmd", "fcntl", {"F_GETLK": InOut(struct("flock")), …}))

Names in a declaration are positions: the first meaning is the first argument's,
whatever the running kernel calls it. A size, a count or a selector is named by
the argument, or within a structure by the member beside it.

Not here: layouts of structures are `layouts.py`; names of constants `constants.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from argtrace.value import frozen

# How many bytes, how many elements.


@frozen
class Result:
    """What the call returned; nothing if it failed."""


@frozen
class Least:
    """The least of several: read(2) fills the buffer up to its result, and never beyond its length."""

    of: tuple[Size, ...]

    def __init__(self, *of: Size) -> None:
        object.__setattr__(self, "of", of)


@frozen
class At:
    """The number in memory that the pointer argument `name` points to: getsockname's length.

    That argument must be declared In, Out or InOut of a `Cell`, and is read in the same half; or
    of a Struct, then `name` goes on with a member: "header.version".
    """

    name: str


@frozen
class Before:
    """The same as it was when the call began."""

    of: At


@frozen
class Scaled:
    """(of + add >> shift) * by: bits to bytes, pages to entries."""

    of: Size
    add: int = 0
    shift: int = 0
    by: int = 1


@frozen
class Encoded:
    """The size that an ioctl's command has in its bits, if the direction is among them.

    Source: include/uapi/asm-generic/ioctl.h. `reads`: _IOC_READ, the kernel writes the memory.
    """

    name: str
    reads: bool


@frozen
class Share:
    """What an element of an array of buffers got of `total`, which fills them in order, each up
    to its own length `of`: readv(2)."""

    of: str
    total: Result | str


Size = int | str | Result | Least | At | Before | Scaled | Encoded | Share
"""Bytes or elements: a constant, the value of an argument or member by name, or one of the above."""

RESULT = Result()


# What a number means.


@frozen
class Number:
    """`kind` names the decoder in `decode/`, `table` the constants it uses, if any."""

    kind: str
    table: str = ""


def flags(table: str) -> Number:
    """Bits and fields of bits that have names."""
    return Number("flags", table)


def enum(table: str) -> Number:
    """One of several numbers that have names."""
    return Number("enum", table)


def octal_flags(table: str) -> Number:
    """Flags beside permissions: IPC_CREAT|0600."""
    return Number("octal_flags", table)


def net16(table: str) -> Number:
    """One of several numbers in network order, in the low 16 bits: ETH_P_ALL."""
    return Number("net16", table)


def int32(table: str) -> Number:
    """One of several numbers, in the low 32 bits whatever the C type: KEY_SPEC_SESSION_KEYRING."""
    return Number("int32", table)


INT = Number("int")
"""A number as its C type has it, decimal."""
SIGNED = Number("signed")
"""A number that is signed, though its C type is not: preadv's offset."""
INT32 = Number("int32")
"""The low 32 bits with their sign, whatever the C type: a key's id in an unsigned long."""
CLOCK = Number("clock", "clock_id")
SIZE = Number("size")
"""A count or a length: unsigned, decimal."""
HEX = Number("hex")
ADDRESS = Number("address")
"""An address that is not followed, because nothing of the call's is there."""
FD = Number("fd")
DIRFD = Number("dirfd")
"""A descriptor, or AT_FDCWD."""
PID = Number("pid")
UID = Number("uid")
"""A user id; -1 leaves it as it is."""
GID = Number("gid")
SIGNAL = Number("signal")
MODE = Number("mode")
"""Type and permissions of a file: S_IFREG|0644."""
PERMISSIONS = Number("permissions")
"""Permissions alone: 0644."""
DEVICE = Number("device")
"""A dev_t as the call has it: makedev(8, 1)."""
WAIT_STATUS = Number("wait_status")
IP4 = Number("ip4")
"""A __be32 that is an IPv4 address."""
PORT = Number("port")
"""A __be16 that is a port."""
BIG_ENDIAN = Number("big_endian")
"""A number in network order."""
ERRNO = Number("errno")
UNUSED = Number("unused")
"""An argument or member the kernel does not look at: kept, not shown in text."""
RESERVED = Number("reserved")
"""To be zero: shown only where it is not."""


# What a pointer points to.


@frozen
class Path:
    """A NUL-terminated file name: at most PATH_MAX bytes with its NUL."""


@frozen
class String:
    """A NUL-terminated string that is no path: a file system type, a key."""


@frozen
class Strings:
    """An array of pointers to strings, ended by a null pointer: argv, envp."""


@frozen
class Bytes:
    """A buffer of bytes of the program's own: shown as text up to the limit asked for.

    `of`: the argument with the descriptor it goes through, where what that is tells what the
    bytes are: events of inotify, messages of netlink.
    """

    size: Size
    of: str = ""


@frozen
class Cell:
    """One number in memory. `type` is its C type: "int", "u64", "size_t"."""

    type: str
    meaning: Leaf = INT


@frozen
class Struct:
    """A structure of `layouts.py`. `members` says what those mean whose C type does not tell.

    `size`: bytes, where the caller says how much of it there is (open_how). `only`: the
    members to show, in this order; none for all.
    """

    name: str
    members: tuple[tuple[str, Meaning], ...] = ()
    size: Size | None = None
    only: tuple[str, ...] = ()


def struct(
    name: str, /, *, size_: Size | None = None, only_: tuple[str, ...] = (), **members: Meaning
) -> Struct:
    return Struct(name, tuple(members.items()), size_, only_)


@frozen
class Array:
    """`count` elements one after the other."""

    element: Cell | Struct | Raw
    count: Size


@frozen
class Raw:
    """`size` bytes that the decoder of this name reads by itself: a socket address, a signal set.

    At most `limit` bytes of them are fetched.
    """

    decoder: str
    size: Size
    limit: int = 256


Content = Path | String | Strings | Bytes | Cell | Struct | Array | Raw


class On(Enum):
    """After which results an output is there."""

    SUCCESS = "success"
    POSITIVE = "positive"
    """A result above 0: wait4's status; 0 says that nobody ended."""
    ALWAYS = "always"
    INTERRUPTED = "interrupted"
    """A signal ended or interrupted it (EINTR, or a restart): nanosleep's remaining time."""


@frozen
class In:
    """An address; the kernel reads there."""

    content: Content


@frozen
class Out:
    """An address; the kernel writes there, and it is read when the call returns."""

    content: Content
    on: On = On.SUCCESS


@frozen
class InOut:
    """An address; read at entry, and again when the call returns.

    `after` is what is there then, where that needs another size than `content` says.
    """

    content: Content
    after: Content | None = None
    on: On = On.SUCCESS


@frozen
class To:
    """A pointer inside of a structure. It is followed when the structure is read."""

    content: Content


# Meanings that depend on another argument or member.


@frozen
class Choice:
    """What an argument means depends on the number `on`: fcntl's third argument.

    `cases` are by the constants' names in `table`, or by numbers where that is "". The number is
    taken `& mask`.
    """

    on: str
    table: str
    cases: tuple[tuple[str, Meaning], ...]
    default: Meaning = HEX
    mask: int = 0xFFFF_FFFF

    def __init__(
        self,
        on: str,
        table: str,
        cases: Mapping[str | tuple[str, ...], Meaning],
        default: Meaning = HEX,
        mask: int = 0xFFFF_FFFF,
    ) -> None:
        flat = tuple(
            (name, meaning)
            for names, meaning in cases.items()
            for name in ((names,) if isinstance(names, str) else names)
        )
        for attribute, value in (("on", on), ("table", table), ("cases", flat), ("default", default)):
            object.__setattr__(self, attribute, value)
        object.__setattr__(self, "mask", mask)


@frozen
class When:
    """`meaning` if the flags `on` have any bit of `mask`, else the number is not looked at: open's mode."""

    on: str
    mask: int
    meaning: Leaf


Leaf = Number | Choice | When
Meaning = Number | Choice | When | In | Out | InOut | To | Content


# A call.


@frozen
class Declaration:
    params: tuple[tuple[str, Meaning], ...]
    result: Leaf


def call(result: Leaf = INT, /, **params: Meaning) -> Declaration:
    """Each argument's meaning in order. `result`: that of what a call gives that did not fail."""
    return Declaration(tuple(params.items()), result)
