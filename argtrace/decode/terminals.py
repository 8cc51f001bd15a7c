"""The control characters of a terminal: c_cc of termios.

    {VINTR=0x3, VQUIT=0x1c, …}

Source: include/uapi/asm-generic/termbits.h.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import Int, Struct, Value
from argtrace.signature import constants


@decodes("control_characters")
def control_characters(memory: Memory, scope: Scope) -> Value:
    names = constants.table("termios_cc").names
    characters = ((names.get(at, f"[{at}]"), Int(byte, byte, 16)) for at, byte in enumerate(memory.data))
    return Struct(memory.address, "c_cc", tuple(characters))
