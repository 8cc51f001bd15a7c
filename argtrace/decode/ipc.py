"""Messages of System V queues.

Source: include/uapi/linux/msg.h (struct msgbuf, whose text is as long as the call says).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Bytes, Int, Missing, Struct, Value, Why

_MTYPE = 8


@decodes("msgbuf")
def msgbuf(memory: Memory, scope: Scope) -> Value:
    if len(memory.data) < _MTYPE:
        return Missing(memory.address, Why.CUT, f"{len(memory.data)} bytes of {memory.size}")
    kind = int.from_bytes(memory.data[:_MTYPE], "little")
    text = memory.data[_MTYPE:]
    signed = kind - (1 << 64) if kind >> 63 else kind
    members: tuple[tuple[str, Value], ...] = (
        ("mtype", Int(kind, signed)),
        ("mtext", Bytes(memory.address + _MTYPE, text, max(memory.size - _MTYPE, len(text)))),
    )
    return Struct(memory.address, "msgbuf", members)
