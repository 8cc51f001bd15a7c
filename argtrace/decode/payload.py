"""Memory whose size another chose than the one who chose its type: the value of an option, a control message.

    payload(Cell("int"), b"\\1\\0\\0\\0", 4, …)    [1]
    payload(Cell("int"), b"\\1", 1, …)          Bytes

What is too short for its type stays bytes.
"""

from __future__ import annotations

from argtrace.decode.decoders import Scope
from argtrace.decode.model import Bytes, List, Struct, Value
from argtrace.signature.layouts import layout
from argtrace.signature.meaning import Array, Cell, Content
from argtrace.signature.meaning import Struct as StructOf
from argtrace.signature.sizes import cell_size, element_size
from argtrace.value import replace


def payload(
    content: Content, data: bytes, size: int, address: int, scope: Scope, *, partly: bool = False
) -> Value:
    """`size`: how much there is in truth. `partly`: a structure that grows, and lacks what came later.

    A number is a list of one, as where an argument points to it.
    """
    if len(data) < (1 if partly else least(content)):
        return Bytes(address, data, size)
    value = scope.content(content, data, address)
    if isinstance(content, Cell):
        return List(address, (value,))
    if isinstance(value, Struct) and len(data) >= size:
        return replace(value, end=None)
    return value


def least(content: Content) -> int:
    """The bytes that it needs."""
    match content:
        case Cell():
            return cell_size(content)
        case StructOf(name=name):
            return layout(name).size
        case Array(count=int(count)):
            return element_size(content) * count
    return 0
