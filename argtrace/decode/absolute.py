"""Relative paths of a call, and where they lead from the root: a second value beside the first."""

from __future__ import annotations

from dataclasses import replace

from argtrace.decode.descriptors import Moment
from argtrace.decode.events import Call
from argtrace.decode.model import Text
from argtrace.decode.table import Table
from argtrace.signature.meaning import DIRFD, In, Path

# Not looked up: what a link is to hold, the name of what is mounted.
_NOT_LOOKED_UP = frozenset({("symlink", 0), ("symlinkat", 0), ("mount", 0)})

_PLACES: dict[str, tuple[tuple[int, int | None], ...]] = {}


def with_absolute(call: Call, table: Table, moment: Moment) -> Call:
    """The call with each relative path's absolute one, where it is known at what it starts."""
    places = _PLACES.get(call.name)
    if places is None:
        places = _PLACES[call.name] = tuple(_places(table))
    if not places or not call.decoded:
        return call
    args = dict(call.args)
    names = list(args)
    for path, directory in places:
        value = args[names[path]]
        if not isinstance(value, Text) or value.cut or not value.data or value.data.startswith(b"/"):
            continue
        dirfd = None if directory is None else _int(args[names[directory]].raw)
        args[names[path]] = replace(value, absolute=moment.absolute(dirfd, value.data))
    return replace(call, args=args)


def _places(table: Table) -> list[tuple[int, int | None]]:
    """Where the paths are among the arguments, each with the descriptor before it that it starts at."""
    found: list[tuple[int, int | None]] = []
    for index, row in enumerate(table.rows):
        if not isinstance(row.meaning, In) or row.meaning.content != Path():
            continue
        if (table.signature.name, index) not in _NOT_LOOKED_UP:
            begins = index > 0 and table.rows[index - 1].meaning == DIRFD
            found.append((index, index - 1 if begins else None))
    return found


def _int(word: int) -> int:
    word &= 0xFFFF_FFFF
    return word - (1 << 32) if word >> 31 else word
