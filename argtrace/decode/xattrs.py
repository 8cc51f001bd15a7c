"""What listxattr gives: names, each with its NUL.

Source: fs/xattr.c.
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes
from argtrace.decode.model import List, Missing, Text, Value, Why


@decodes("xattr_names")
def xattr_names(memory: Memory, _scope: Scope) -> Value:
    *names, rest = memory.data.split(b"\0")
    items: list[Value] = []
    at = memory.address
    for name in names:
        items.append(Text(at, name))
        at += len(name) + 1
    if not rest and not memory.cut:
        return List(memory.address, tuple(items))
    if rest:
        items.append(Text(at, rest, cut=True))
    reason = "not fetched" if memory.cut else "a name without its end"
    return List(memory.address, tuple(items), Missing(memory.address + len(memory.data), Why.CUT, reason))
