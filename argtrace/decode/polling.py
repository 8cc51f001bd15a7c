"""The sets of descriptors that select waits for.

    28 00 … below n = 6      [3, 5]

Source: select(2); include/linux/posix_types.h (a bit a descriptor, in longs).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Address, List, Missing, Value, Why
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
