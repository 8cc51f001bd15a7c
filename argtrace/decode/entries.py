"""Entries of different lengths one after the other, each telling its own: directories, event queues.

Not here: elements of one size are an Array (`contents.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from argtrace.decode.decoders import Memory
from argtrace.decode.model import List, Missing, Value, Why

NOT_FETCHED = "not fetched"

Length = Callable[[bytes, int], int]
"""Of the entry at this position; its header is there."""

Entry = Callable[[bytes, int], Value]
"""An entry's bytes, and its address."""


def entries(memory: Memory, header: int, length: Length, entry: Entry) -> List:
    """`header`: bytes that each entry has at least. What is no whole entry ends the list."""
    items: list[Value] = []
    data = memory.data
    at = 0
    while at + header <= len(data):
        size = length(data, at)
        if size < header or at + size > len(data):
            break
        items.append(entry(data[at : at + size], memory.address + at))
        at += size
    if at < len(data) or memory.cut:
        reason = NOT_FETCHED if memory.cut else f"{len(data) - at} bytes are no whole entry"
        return List(memory.address, tuple(items), Missing(memory.address + at, Why.CUT, reason))
    return List(memory.address, tuple(items))


def number(data: bytes, at: int, size: int) -> int:
    """Without sign; what is beyond the end counts as zero."""
    return int.from_bytes(data[at : at + size], "little")
