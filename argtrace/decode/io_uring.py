"""What io_uring_enter(2) waits with, a signal set or a structure that has one and a timeout; and what the
kernel says it can do.

Source: include/uapi/linux/io_uring.h (IORING_ENTER_EXT_ARG, struct io_uring_getevents_arg,
struct io_uring_probe).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, List, Struct, Value
from argtrace.signature import constants
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import HEX, Array, Raw, enum, flags, struct

_EXTENDED = struct("io_uring_getevents_arg", sigmask=HEX, ts=HEX)

_PROBE = struct(
    "io_uring_probe",
    last_op=enum("io_uring_op"),
    only_=("last_op", "ops_len"),
)
_OPERATION = struct(
    "io_uring_probe_op", op=enum("io_uring_op"), flags=flags("io_uring_op_flags"), only_=("op", "flags")
)


@decodes("io_uring_wait")
def wait(memory: Memory, scope: Scope) -> Value:
    """Which of them, the flags tell; without those it is bytes."""
    extended = constants.number("io_uring_enter", "IORING_ENTER_EXT_ARG")
    try:
        flags = scope.number("flags")
    except KeyError:
        return Bytes(memory.address, memory.data, memory.size)
    content = _EXTENDED if flags & extended else Raw("sigset", memory.size)
    return scope.content(content, memory.data, memory.address)


@decodes("io_uring_probe")
def probe(memory: Memory, scope: Scope) -> Value:
    """There is room for more operations than the kernel has: it says how many it wrote."""
    header = scope.content(_PROBE, memory.data, memory.address)
    size = layout("io_uring_probe").size
    each = layout("io_uring_probe_op").size
    if not isinstance(header, Struct) or len(memory.data) < size:
        return header
    count = min(memory.data[1], max(memory.size - size, 0) // each)
    rest = memory.data[size : size + count * each]
    operations = scope.content(Array(_OPERATION, count), rest, 0)
    assert isinstance(operations, List)
    return Struct(memory.address, header.name, (*header.members, ("ops", operations)))
