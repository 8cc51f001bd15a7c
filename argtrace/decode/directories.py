"""What getdents gives: a directory's entries.

    0       8       16      18     19
    d_ino   d_off   reclen  type   name, NUL, filling             linux_dirent64
    d_ino   d_off   reclen  name, NUL, filling … type             linux_dirent: the type is the last byte

Source: fs/readdir.c (struct linux_dirent, struct linux_dirent64).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.entries import entries, number
from argtrace.decode.model import Int, Struct, Value
from argtrace.decode.strings import text
from argtrace.signature.meaning import enum
from argtrace.signature.model import Int as IntType

HEADER, LENGTH_AT, LENGTH_SIZE = 20, 16, 2
"""Of an entry: its bytes at least; where its length is, and how large that."""

BYTE = IntType("unsigned char", 1, signed=False)
TYPE = enum("dirent_type")


@decodes("dirents64")
def dirents64(memory: Memory, scope: Scope) -> Value:
    def entry(data: bytes, address: int) -> Value:
        return _entry("linux_dirent64", data, address, data[18], data[19:], scope)

    return entries(memory, HEADER, _length, entry)


@decodes("dirents")
def dirents(memory: Memory, scope: Scope) -> Value:
    def entry(data: bytes, address: int) -> Value:
        return _entry("linux_dirent", data, address, data[-1], data[18:-1], scope)

    return entries(memory, HEADER, _length, entry)


def _length(data: bytes, at: int) -> int:
    return number(data, at + LENGTH_AT, LENGTH_SIZE)


def _entry(kind: str, data: bytes, address: int, type: int, name: bytes, scope: Scope) -> Struct:
    ino, off = number(data, 0, 8), number(data, 8, 8)
    signed = off - (1 << 64) if off >> 63 else off
    return Struct(
        address,
        kind,
        (
            ("d_ino", Int(ino, ino)),
            ("d_off", Int(off, signed)),
            ("d_reclen", Int(len(data), len(data))),
            ("d_type", scope.leaf(TYPE, type, BYTE)),
            ("d_name", text(address + len(data) - len(name), name)),
        ),
    )
