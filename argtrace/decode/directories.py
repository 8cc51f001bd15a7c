"""What getdents gives: a directory's entries.

    0       8       16      18     19
    d_ino   d_off   reclen  type   name, NUL, filling             linux_dirent64
    d_ino   d_off   reclen  name, NUL, filling … type             linux_dirent: the type is the last byte

Source: fs/readdir.c (struct linux_dirent, struct linux_dirent64).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.entries import entries, number
from argtrace.decode.model import Struct, Value
from argtrace.decode.strings import text
from argtrace.signature.meaning import INT, Leaf, enum
from argtrace.signature.model import Int

HEADER, LENGTH_AT, LENGTH_SIZE = 20, 16, 2
"""Of an entry: its bytes at least; where its length is, and how large that."""

_BYTE = Int("unsigned char", 1, signed=False)
_TYPE = enum("dirent_type")
NUMBERS: dict[str, tuple[int, Int, Leaf]] = {
    "d_ino": (0, Int("u64", 8, signed=False), INT),
    "d_off": (8, Int("s64", 8, signed=True), INT),
    "d_reclen": (LENGTH_AT, Int("unsigned short", LENGTH_SIZE, signed=False), INT),
}
NUMBERS_64 = NUMBERS | {"d_type": (18, _BYTE, _TYPE)}
"""Members by name: offset, type, meaning. `d_name` follows them."""
NAME_64 = 19


@decodes("dirents64")
def dirents64(memory: Memory, scope: Scope) -> Value:
    def entry(data: bytes, address: int) -> Value:
        name = ("d_name", text(address + NAME_64, data[NAME_64:]))
        return Struct(address, "linux_dirent64", (*_numbers(NUMBERS_64, data, scope), name))

    return entries(memory, HEADER, _length, entry)


@decodes("dirents")
def dirents(memory: Memory, scope: Scope) -> Value:
    def entry(data: bytes, address: int) -> Value:
        kind = ("d_type", scope.leaf(_TYPE, data[-1], _BYTE))
        name = ("d_name", text(address + 18, data[18:-1]))
        return Struct(address, "linux_dirent", (*_numbers(NUMBERS, data, scope), kind, name))

    return entries(memory, HEADER, _length, entry)


def _numbers(members: dict[str, tuple[int, Int, Leaf]], data: bytes, scope: Scope) -> list[tuple[str, Value]]:
    return [
        (name, scope.leaf(means, number(data, at, type.size), type))
        for name, (at, type, means) in members.items()
    ]


def _length(data: bytes, at: int) -> int:
    return number(data, at + LENGTH_AT, LENGTH_SIZE)
