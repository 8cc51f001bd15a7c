"""A file's handle: what name_to_handle_at gives and open_by_handle_at takes.

    0              4             8
    handle_bytes   handle_type   as many bytes, of which only the file system knows the meaning

Source: include/linux/exportfs.h; name_to_handle_at(2).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.entries import number
from argtrace.decode.model import Bytes, Int, Missing, Struct, Value, Why

HEADER = 8
LARGEST = 128  # MAX_HANDLE_SZ


@decodes("file_handle")
def file_handle(memory: Memory, _scope: Scope) -> Value:
    """The kernel takes no more than LARGEST bytes; a length beyond is not one of a handle."""
    data = memory.data
    if len(data) < HEADER:
        return Missing(memory.address, Why.CUT, f"{len(data)} bytes of {HEADER}")
    length, type = number(data, 0, 4), number(data, 4, 4)
    signed = type - (1 << 32) if type >> 31 else type
    known = min(length, LARGEST)
    return Struct(
        memory.address,
        "file_handle",
        (
            ("handle_bytes", Int(length, length)),
            ("handle_type", Int(type, signed)),
            ("f_handle", Bytes(memory.address + HEADER, data[HEADER : HEADER + known], known)),
        ),
    )


@decodes("found_handle")
def found_handle(memory: Memory, scope: Scope) -> Value:
    """Where there was no room for it (EOVERFLOW), only its length is there."""
    handle = file_handle(memory, scope)
    if isinstance(handle, Struct) and scope.result is not None and scope.result < 0:
        return Struct(handle.raw, handle.name, handle.members[:1])
    return handle
