"""How many bytes a type takes, and what is declared as one cell or element of memory."""

from __future__ import annotations

from argtrace.signature.layouts import ArrayOf, MemberType, layout, scalar
from argtrace.signature.meaning import Array, Cell, Raw, Struct
from argtrace.signature.model import Int, Opaque

WORD = 8
"""Bytes of a pointer, and of a register."""


def cell_size(cell: Cell) -> int:
    return member_size(scalar(cell.type))


def element_size(array: Array) -> int:
    match array.element:
        case Cell():
            return cell_size(array.element)
        case Struct(name=name):
            return layout(name).size
        case Raw(size=int(size)):
            return size
    raise ValueError(f"elements of unknown size: {array.element}")


def member_size(type: MemberType) -> int:
    match type:
        case Int(size=size):
            return size
        case ArrayOf(element=element, count=count):
            return member_size(element) * count
        case Opaque(name=name):
            return layout(name).size
    return WORD
