"""A scope to decode in without a record, and values as plain Python.

decode("sockaddr", b"\2\0…", addr_len=16)     the value that a decoder gives
plain(value)                                  {"sa_family": "AF_INET", "sin_port": 80, …}
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from argtrace.decode import contents, decoders
from argtrace.decode.decoders import Memory
from argtrace.decode.model import (
    Address,
    Bytes,
    Changed,
    Device,
    Fd,
    File,
    Flags,
    Int,
    Ip,
    List,
    Missing,
    Named,
    Pid,
    Struct,
    Text,
    Unused,
    Value,
)
from argtrace.signature.layouts import MemberType
from argtrace.signature.meaning import Content, Leaf

ADDRESS = 0x1000


@dataclass
class Given:
    """What surrounds a value: numbers by name, and files by descriptor."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[int, File] = field(default_factory=dict)
    result: int | None = None
    verbose: bool = True

    def number(self, name: str) -> int:
        return self.numbers[name] & (1 << 64) - 1

    def content(self, content: Content, data: bytes, address: int) -> Value:
        return contents.memory(content, data, address, self)

    def leaf(self, meaning: Leaf, word: int, type: MemberType) -> Value:
        return contents.leaf(meaning, word, type, self)

    def file(self, fd: int) -> File | None:
        return self.files.get(fd)


def decode(
    decoder: str, data: bytes, size: int | None = None, scope: Given | None = None, **numbers: int
) -> Value:
    """`size`: how much there is in truth, if more than `data`."""
    decoders.load()
    memory = Memory(ADDRESS, data, len(data) if size is None else size)
    return decoders.decoder(decoder)(memory, scope or Given(numbers))


def plain(value: Value) -> Any:
    match value:
        case Struct(members=members, end=end):
            shown = {name: plain(member) for name, member in members if not isinstance(member, Unused)}
            return shown | ({"…": plain(end)} if end else {})
        case List(items=items, end=end):
            return [plain(item) for item in items] + ([plain(end)] if end else [])
        case Named(name=name):
            return name
        case Flags(names=names, rest=rest):
            return "|".join([*names, *([f"{rest:#x}"] if rest or not names else [])])
        case Ip(data=data):
            return str(ipaddress.ip_address(data))
        case Text(data=data) | Bytes(data=data):
            return data
        case Address(raw=raw):
            return f"{raw:#x}"
        case Changed(before=before, after=after):
            return (plain(before), plain(after))
        case Missing(why=why, reason=reason):
            return f"<{why.value}: {reason}>"
        case Unused():
            return None
        case Int(value=number) | Fd(value=number) | Pid(value=number) | Device(value=number):
            return number
