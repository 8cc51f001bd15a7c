"""What the kernel is told of our functions' types, in BTF: slots are structures of so many bytes, all
else are numbers.

Source: Documentation/bpf/btf.rst; include/uapi/linux/btf.h.
"""

from __future__ import annotations

import struct

STRING, BLOCK, CHUNK, CHUNKS = "copy_string", "copy_block", "send_chunk", "send_chunks"
"""Names of functions (`functions.py`)."""
WALK = "walk"
"""That of a step along an exec's arguments (`exec_chunks.py`)."""

_HEADER = struct.Struct("<HBBIIIII")
_TYPE = struct.Struct("<III")  # name, info, size or type
_PARAMETER = struct.Struct("<II")
_MAGIC, _VERSION = 0xEB9F, 1
_INT, _PTR, _STRUCT, _FUNC, _FUNC_PROTO = 1, 2, 4, 12, 13
_STATIC, _GLOBAL = 0, 1

# Ids of the types in the order in which `btf` has them.
_WORD, _SLOT, _SLOT_POINTER, _EXEC, _EXEC_POINTER, _COPY, _STEP, _PROGRAM, _MAIN, _FIRST = range(1, 11)

_COPIES = (STRING, BLOCK, CHUNK, CHUNKS)

TYPES = {"": _MAIN} | {name: at for at, name in enumerate((*_COPIES, WALK), _FIRST)}
"""Of each function its type; "" for what a program begins with."""

PARAMETERS = {"": 1, WALK: 1} | dict.fromkeys(_COPIES, 5)
"""Of each function how many it has."""


def btf(slot: int, exec_slot: int) -> bytes:
    """The types of functions, for slots of so many bytes."""
    names = b"\0"

    def name(text: str) -> int:
        nonlocal names
        at = len(names)
        names += text.encode() + b"\0"
        return at

    word = _TYPE.pack(name("u64"), _INT << 24, 8) + (64).to_bytes(4, "little")
    memory = _TYPE.pack(name("slot"), _STRUCT << 24, slot) + _TYPE.pack(0, _PTR << 24, _SLOT)
    memory += _TYPE.pack(name("exec"), _STRUCT << 24, exec_slot) + _TYPE.pack(0, _PTR << 24, _EXEC)
    copy = _TYPE.pack(0, _FUNC_PROTO << 24 | 5, _WORD) + _PARAMETER.pack(name("slot"), _SLOT_POINTER)
    copy += b"".join(_PARAMETER.pack(name(each), _WORD) for each in ("what", "at", "from", "size"))
    step = _TYPE.pack(0, _FUNC_PROTO << 24 | 1, _WORD) + _PARAMETER.pack(name("exec"), _EXEC_POINTER)
    program = _TYPE.pack(0, _FUNC_PROTO << 24 | 1, _WORD) + _PARAMETER.pack(name("context"), _WORD)
    functions = _TYPE.pack(name("program"), _FUNC << 24 | _STATIC, _PROGRAM)
    functions += b"".join(_TYPE.pack(name(each), _FUNC << 24 | _GLOBAL, _COPY) for each in _COPIES)
    functions += _TYPE.pack(name(WALK), _FUNC << 24 | _GLOBAL, _STEP)
    types = word + memory + copy + step + program + functions
    return (
        _HEADER.pack(_MAGIC, _VERSION, 0, _HEADER.size, 0, len(types), len(types), len(names)) + types + names
    )
