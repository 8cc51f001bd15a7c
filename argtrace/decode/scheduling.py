"""Sets of CPUs, and sched_attr, which says its own size.

Sources: sched_setaffinity(2); include/uapi/linux/sched/types.h.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Int, List, Missing, Value, Why
from argtrace.signature.calls.scheduling import POLICY
from argtrace.signature.meaning import SIZE, flags, struct

_SIZE_MEMBER = 4  # bytes of the first member, the size
_FIRST_VERSION = 48  # what a size of 0 means: SCHED_ATTR_SIZE_VER0


@decodes("cpu_set")
def cpu_set(memory: Memory, scope: Scope) -> Value:
    """The numbers of the CPUs in the set."""
    numbers = [8 * at + bit for at, byte in enumerate(memory.data) for bit in range(8) if byte >> bit & 1]
    end = Missing(0, Why.CUT, f"{len(memory.data)} bytes of {memory.size}") if memory.cut else None
    return List(memory.address, tuple(Int(number, number) for number in numbers), end)


@decodes("sched_attr")
def sched_attr(memory: Memory, scope: Scope) -> Value:
    data = memory.data
    if len(data) < _SIZE_MEMBER:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {memory.size}")
    size = int.from_bytes(data[:_SIZE_MEMBER], "little") or _FIRST_VERSION
    attributes = struct(
        "sched_attr",
        size_=max(size, _SIZE_MEMBER),
        sched_policy=POLICY,
        sched_flags=flags("sched_attr_flags"),
        sched_runtime=SIZE,
        sched_deadline=SIZE,
        sched_period=SIZE,
    )
    return scope.content(attributes, data[: max(size, _SIZE_MEMBER)], memory.address)
