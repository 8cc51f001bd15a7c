"""What the definition of a command says that it copies: _IOR('E', 0x02, struct input_id).

    content("EVIOCGID")                 struct("input_id")
    content("RNDGETENTCNT")             Cell("int")
    content("FS_IOC_GETFSLABEL")        String(), of char[256]

Source: `tables/ioctl_types.py`, generated from the headers by tools/ioctl_types.py.

Not here: commands whose definition says something else than what is copied, or of whose
members more is known than their C types; these are the families beside this module.
"""

from __future__ import annotations

import functools

from argtrace.signature.layouts import ArrayOf, MemberType, layout, type_of
from argtrace.signature.meaning import ADDRESS, Array, Bytes, Cell, Content, Meaning, String, Struct
from argtrace.signature.model import Int, Opaque
from argtrace.signature.sizes import member_size


def content(command: str) -> Content | None:
    """By the command's name."""
    type = _types().get(command)
    return None if type is None else _content(type)


def sized(name: str, /, **members: Meaning) -> Struct:
    """A structure without the array of unknown length that it may end with."""
    described = layout(name).members
    only = tuple(member.name for member in described if member_size(member.type))
    return Struct(name, tuple(members.items()), None, () if len(only) == len(described) else only)


@functools.cache
def _types() -> dict[str, str]:
    from argtrace.signature.tables.ioctl_types import TYPES  # noqa: PLC0415 (start-up)

    return {command: type for type, commands in TYPES.items() for command in commands.split()}


@functools.cache
def _content(text: str) -> Content:
    from argtrace.signature.tables.structs import INTS  # noqa: PLC0415 (start-up)

    return _of(type_of(text, INTS))


def _of(type: MemberType) -> Content:
    match type:
        case Int(name=name):
            return Cell(name)
        case Opaque(name=name):
            return sized(name)
        case ArrayOf(element=Int(name="char")):
            return String()
        case ArrayOf(element=Int(size=1), count=count):
            return Bytes(count)
        case ArrayOf(element=Int(name=name), count=count):
            return Array(Cell(name), count)
        case ArrayOf(element=Opaque(name=name), count=count):
            return Array(sized(name), count)
    return Cell("void *", ADDRESS)
