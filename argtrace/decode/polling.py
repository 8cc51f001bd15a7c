"""The sets of descriptors that select waits for, and what a program has epoll tell it.

    28 00 … below n = 6      [3, 5]

Source: select(2); include/linux/posix_types.h (a bit a descriptor, in longs); epoll_event(3type).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, List, Missing, Struct, Value, Why
from argtrace.decode.model import Int as Number
from argtrace.signature.meaning import FD
from argtrace.signature.model import Int

_FD = Int("int", 4, signed=True)


@decodes("fd_set")
def fd_set(memory: Memory, scope: Scope) -> Value:
    """Those below the call's `n`: the last long may have more."""
    try:
        below = scope.number("n") & 0xFFFF_FFFF
    except KeyError:
        below = 8 * memory.size
    if below >> 31:  # as an int it is negative, and the kernel looks at nothing
        return Address(memory.address)
    bits = int.from_bytes(memory.data, "little") & (1 << min(below, 8 * len(memory.data))) - 1
    items: list[Value] = []
    while bits:
        lowest = bits & -bits
        items.append(scope.leaf(FD, lowest.bit_length() - 1, _FD))
        bits ^= lowest
    end = None
    if below > 8 * len(memory.data):
        end = Missing(
            memory.address + len(memory.data), Why.CUT, f"{len(memory.data)} bytes of {memory.size}"
        )
    return List(memory.address, tuple(items), end)


@decodes("epoll_data")
def epoll_data(memory: Memory, _: Scope) -> Value:
    """A program that sets the union's `fd` alone leaves the upper half as it is: both are told."""
    if len(memory.data) < 8:
        return Missing(memory.address, Why.CUT, f"{len(memory.data)} bytes of 8")
    whole = int.from_bytes(memory.data[:8], "little")
    low = whole & 0xFFFF_FFFF
    return Struct(memory.address, "epoll_data", (("u32", Number(low, low)), ("u64", Number(whole, whole))))
