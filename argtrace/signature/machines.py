"""What a declaration, which is written for x86-64, says on another machine.

    declared("openat", …, AARCH64)      flags=flags("open") is flags=flags("open@aarch64")

The meanings are the same everywhere; what differs are numbers behind names, the layout of some
structures, and the order of clone's parameters. Those are data: a set or structure `NAME@aarch64`
in the tables stands for `NAME` in the declarations of arm64's calls; so does the decoder of
registers, of which each machine has its own.

Sources: `tables/constants_aarch64.py`, `tables/structs_aarch64.py`, `tables/syscalls_aarch64.py`.

Not here: a decoder that names a structure or a set by itself gets that of x86-64; docs/architecture.md
lists what arm64 lacks.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeVar

from argtrace.signature import constants
from argtrace.signature.meaning import Choice, Declaration, Number, Raw, Struct
from argtrace.signature.tables.constants_index import FAMILIES
from argtrace.target import AARCH64, Target
from argtrace.value import names, replace

SUFFIX = "@aarch64"

_DECODERS = frozenset({"regset"})

_T = TypeVar("_T")


def ordered(name: str, params: Sequence[_T], target: Target) -> tuple[_T, ...]:
    """Those of x86-64 in the target's order."""
    if target != AARCH64:
        return tuple(params)
    from argtrace.signature.tables.syscalls_aarch64 import ORDERS  # noqa: PLC0415 (start-up)

    order = ORDERS.get(name)
    return tuple(params) if order is None else tuple(params[at] for at in order)


def declared(name: str, declaration: Declaration | None, target: Target) -> Declaration | None:
    return declaration if declaration is None or target != AARCH64 else _aarch64(name, declaration)


@functools.cache
def _aarch64(name: str, declaration: Declaration) -> Declaration:
    there: Declaration = _on_aarch64(declaration)
    return replace(there, params=ordered(name, there.params, AARCH64))


def _on_aarch64(part: Any) -> Any:
    """The same with the names of arm64's sets and structures."""
    if isinstance(part, tuple):
        return tuple(_on_aarch64(each) for each in part)
    changes = {name: _on_aarch64(getattr(part, name)) for name in names(part)}
    if not changes:
        return part
    from argtrace.signature.tables.structs_aarch64 import STRUCTS  # noqa: PLC0415 (start-up)

    if isinstance(part, Number | Choice) and part.table + SUFFIX in FAMILIES:
        changes["table"] = part.table + SUFFIX
        if isinstance(part, Choice):  # of requests that are another machine's there is no case
            names_there = set(constants.table(changes["table"]).names.values())
            changes["cases"] = tuple(case for case in changes["cases"] if case[0] in names_there)
    if isinstance(part, Struct) and part.name in STRUCTS:
        changes["name"] = part.name + SUFFIX
    if isinstance(part, Raw) and part.decoder in _DECODERS:
        changes["decoder"] = part.decoder + SUFFIX
    if all(changes[each] is getattr(part, each) for each in changes):
        return part
    copy = object.__new__(type(part))  # some have an __init__ that takes something else
    for each, value in changes.items():
        object.__setattr__(copy, each, value)
    return copy
