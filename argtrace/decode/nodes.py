"""Sets of memory nodes: bit n of an array of longs is node n.

Source: mm/mempolicy.c (get_nodes, copy_nodes_to_user); set_mempolicy(2).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Int, List, Missing, Value, Why


@decodes("nodes")
def nodes(memory: Memory, _scope: Scope) -> Value:
    bits = int.from_bytes(memory.data, "little")
    items = tuple(Int(node, node) for node in range(bits.bit_length()) if bits >> node & 1)
    end = Missing(memory.address + len(memory.data), Why.CUT, "not fetched") if memory.cut else None
    return List(memory.address, items, end)
