"""Sets of CPUs, and sched_attr, which says its own size.

Sources: sched_setaffinity(2); include/uapi/linux/sched/types.h.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Int, List, Missing, Value, Why
from argtrace.fetch.derive import member_size
from argtrace.signature.calls.scheduling import POLICY
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import SIZE, flags, struct

_SIZE_MEMBER = 4  # bytes of the first member, the size


@decodes("cpu_set")
def cpu_set(memory: Memory, scope: Scope) -> Value:
    """The numbers of the CPUs in the set."""
    bits = int.from_bytes(memory.data, "little")
    numbers = []
    while bits:
        lowest = bits & -bits
        numbers.append(lowest.bit_length() - 1)
        bits ^= lowest
    end = Missing(0, Why.CUT, f"{len(memory.data)} bytes of {memory.size}") if memory.cut else None
    return List(memory.address, tuple(Int(number, number) for number in numbers), end)


@decodes("sched_attr")
def sched_attr(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    size = int.from_bytes(data[:_SIZE_MEMBER], "little")
    # 0 is the size of the first version (SCHED_ATTR_SIZE_VER0).
    data = data[: max(size or 48, _SIZE_MEMBER)]
    described = layout("sched_attr")
    whole = tuple(
        member.name for member in described.members if member.offset + member_size(member.type) <= len(data)
    )
    if not whole:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {memory.size}")
    attributes = struct(
        "sched_attr",
        only_=whole,
        sched_policy=POLICY,
        sched_flags=flags("sched_attr_flags"),
        sched_runtime=SIZE,
        sched_deadline=SIZE,
        sched_period=SIZE,
    )
    return scope.content(attributes, data, memory.address)
