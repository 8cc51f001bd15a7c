"""Relative paths of a call, and where they lead from the root: a second value beside the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from argtrace.decode.model import Text, Value
from argtrace.decode.table import Table
from argtrace.signature.meaning import DIRFD, In, Path
from argtrace.value import replace

if TYPE_CHECKING:
    from argtrace.decode.descriptors import Moment

# Not looked up: what a link is to hold, the name of what is mounted.
_NOT_LOOKED_UP = frozenset({("symlink", 0), ("symlinkat", 0), ("mount", 0)})

_PLACES: dict[str, tuple[tuple[str, str | None], ...]] = {}


def add_absolute(args: dict[str, Value], table: Table, moment: Moment) -> None:
    """To each relative path its absolute one, where it is known at what it starts."""
    if table.signature.source == "unknown":
        return  # words alone: a 32-bit call, which has the name of another
    places = _PLACES.get(table.signature.name)
    if places is None:
        places = _PLACES[table.signature.name] = tuple(_places(table))
    for path, directory in places:
        value = args[path]
        if not isinstance(value, Text) or value.cut or not value.data or value.data.startswith(b"/"):
            continue
        dirfd = None if directory is None else _int(args[directory].raw)
        args[path] = replace(value, absolute=moment.absolute(dirfd, value.data))


def _places(table: Table) -> list[tuple[str, str | None]]:
    """The paths among the arguments, each with the descriptor before it that it starts at."""
    found: list[tuple[str, str | None]] = []
    for index, row in enumerate(table.rows):
        if not isinstance(row.meaning, In) or row.meaning.content != Path():
            continue
        if (table.signature.name, index) not in _NOT_LOOKED_UP:
            before = table.rows[index - 1] if index else row
            found.append((row.name, before.name if before.meaning == DIRFD else None))
    return found


def _int(word: int) -> int:
    word &= 0xFFFF_FFFF
    return word - (1 << 32) if word >> 31 else word
