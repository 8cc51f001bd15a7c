"""Types to BTF bytes, for tests: each method writes one record and returns its id.

    btf = BtfWriter()
    char = btf.integer("char", 1, signed=True)
    btf.struct("name", 16, [("text", btf.array(char, 16), 0)])
    data = btf.build()

Ids are given in order, so that a type to come can be named: `btf.next_id`. What is
asked for is written, sense or nonsense. `base` makes it split BTF.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from typing import Literal

from argtrace.signature.btf_types import TypeId
from argtrace.signature.btf_wire import Kind

Order = Literal["little", "big"]
Members = Iterable[tuple[str, int, int] | tuple[str, int, int, int]]
"""Name, type and offset in bits; of a bit field, its width too."""


class BtfWriter:
    def __init__(self, order: Order = "little", base: BtfWriter | None = None) -> None:
        self.order = order
        self.base = base
        self.next_id: TypeId = base.next_id if base else TypeId(1)
        self.words: list[int] = []
        self.strings = bytearray(b"" if base else b"\0")
        self.first_string: int = base.end_string if base else 0

    @property
    def end_string(self) -> int:
        return self.first_string + len(self.strings)

    def name(self, text: str | bytes) -> int:
        """The offset of a string, written once, or found in the base."""
        wanted = (text.encode() if isinstance(text, str) else text) + b"\0"
        if wanted == b"\0":
            return 0
        writer: BtfWriter | None = self
        while writer is not None:
            at = (b"\0" + bytes(writer.strings)).find(b"\0" + wanted)
            if at >= 0:
                return writer.first_string + at
            writer = writer.base
        self.strings += wanted
        return self.end_string - len(wanted)

    def record(
        self, kind: int, name: str | bytes | int, size: int, *rows: int, vlen: int = 0, flag: bool = False
    ) -> TypeId:
        """Any record at all: for lies, and for the kinds of tomorrow."""
        offset = name if isinstance(name, int) else self.name(name)
        self.words += [offset, flag << 31 | kind << 24 | vlen, size]
        self.words += [row & 0xFFFFFFFF for row in rows]
        id = self.next_id
        self.next_id = TypeId(id + 1)
        return id

    def build(self) -> bytes:
        prefix = "<" if self.order == "little" else ">"
        types = struct.pack(f"{prefix}{len(self.words)}I", *self.words)
        return header(self.order, type_len=len(types), str_len=len(self.strings)) + types + self.strings

    def integer(
        self,
        name: str,
        size: int,
        *,
        signed: bool = False,
        char: bool = False,
        boolean: bool = False,
        bits: int | None = None,
        offset_bits: int = 0,
    ) -> TypeId:
        encoding = signed | char << 1 | boolean << 2
        width = 8 * size if bits is None else bits
        return self.record(Kind.INT, name, size, encoding << 24 | offset_bits << 16 | width)

    def floating(self, name: str, size: int) -> TypeId:
        return self.record(Kind.FLOAT, name, size)

    def pointer(self, target: int) -> TypeId:
        return self.record(Kind.PTR, "", target)

    def array(self, element: int, count: int, index: int = 0) -> TypeId:
        return self.record(Kind.ARRAY, "", 0, element, index, count)

    def struct(self, name: str, size: int, members: Members, *, union: bool = False) -> TypeId:
        wide = [(name, type, at, bits[0] if bits else 0) for name, type, at, *bits in members]
        flag = any(bits for *_, bits in wide)
        rows = [word for name, type, at, bits in wide for word in (self.name(name), type, bits << 24 | at)]
        return self.record(Kind.UNION if union else Kind.STRUCT, name, size, *rows, vlen=len(wide), flag=flag)

    def union(self, name: str, size: int, members: Members) -> TypeId:
        return self.struct(name, size, members, union=True)

    def forward(self, name: str, *, union: bool = False) -> TypeId:
        return self.record(Kind.FWD, name, 0, flag=union)

    def enum(self, name: str, values: Mapping[str, int], *, size: int = 4, signed: bool = False) -> TypeId:
        rows = [word for known, value in values.items() for word in (self.name(known), value)]
        return self.record(Kind.ENUM, name, size, *rows, vlen=len(values), flag=signed)

    def enum64(self, name: str, values: Mapping[str, int], *, size: int = 8, signed: bool = False) -> TypeId:
        rows = [word for known, value in values.items() for word in (self.name(known), value, value >> 32)]
        return self.record(Kind.ENUM64, name, size, *rows, vlen=len(values), flag=signed)

    def typedef(self, name: str, target: int) -> TypeId:
        return self.record(Kind.TYPEDEF, name, target)

    def volatile(self, target: int) -> TypeId:
        return self.record(Kind.VOLATILE, "", target)

    def const(self, target: int) -> TypeId:
        return self.record(Kind.CONST, "", target)

    def restrict(self, target: int) -> TypeId:
        return self.record(Kind.RESTRICT, "", target)

    def type_tag(self, tag: str, target: int, *, attribute: bool = False) -> TypeId:
        return self.record(Kind.TYPE_TAG, tag, target, flag=attribute)

    def decl_tag(self, tag: str, target: int, component: int = -1, *, attribute: bool = False) -> TypeId:
        return self.record(Kind.DECL_TAG, tag, target, component, flag=attribute)

    def proto(self, result: int, params: Iterable[tuple[str, int]], *, variadic: bool = False) -> TypeId:
        rows = [word for name, type in params for word in (self.name(name), type)] + [0, 0] * variadic
        return self.record(Kind.FUNC_PROTO, "", result, *rows, vlen=len(rows) // 2)

    def func(self, name: str, proto: int, linkage: int = 1) -> TypeId:
        return self.record(Kind.FUNC, name, proto, vlen=linkage)

    def var(self, name: str, type: int, linkage: int = 1) -> TypeId:
        return self.record(Kind.VAR, name, type, linkage)

    def datasec(self, name: str, size: int, vars: Iterable[tuple[int, int, int]]) -> TypeId:
        rows = [word for var in vars for word in var]
        return self.record(Kind.DATASEC, name, size, *rows, vlen=len(rows) // 3)


def header(
    order: Order = "little",
    *,
    magic: int = 0xEB9F,
    version: int = 1,
    flags: int = 0,
    length: int = 24,
    type_off: int = 0,
    type_len: int = 0,
    str_off: int | None = None,
    str_len: int = 0,
) -> bytes:
    """The 24 bytes in front; the strings follow the types unless told otherwise."""
    strings_at = type_off + type_len if str_off is None else str_off
    prefix = "<" if order == "little" else ">"
    return struct.pack(
        f"{prefix}HBBIIIII", magic, version, flags, length, type_off, type_len, strings_at, str_len
    )
