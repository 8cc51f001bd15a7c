"""Names of numbers: the flags and enumerations of the kernel's interface.

    table("open")               Constants: the flags of open(2), with the access mode as a field
    number("fcntl", "F_GETLK")  5

Source: `tables/constants_*.py`, generated from the UAPI headers by tools/constant_tables.py
from the sets that tools/inputs/constants/*.toml describe. A module is imported when a set
of it is first asked for.

Not here: a number taken apart into names is `decode/constants.py`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from argtrace.signature.tables.constants_index import FAMILIES
from argtrace.value import fresh, frozen


@frozen
class Field:
    """Bits of a flag word that hold a number: O_ACCMODE, CSIGNAL, SOCK_TYPE_MASK.

    `names` are by the number in place, not shifted down.
    """

    mask: int
    names: Mapping[int, str]


@frozen
class Constants:
    """`names`: number → name. Of flags, one of several bits comes before those it contains
    (O_SYNC before O_DSYNC). `zero` is the name of no flag at all, if it has one (PROT_NONE).
    `aliases`: further names, of numbers that are shown by another (O_NDELAY), masks and zeros.
    `enumeration`: the numbers exclude one another; they may be 0 and below."""

    name: str
    names: Mapping[int, str]
    fields: tuple[Field, ...] = ()
    zero: str | None = None
    aliases: Mapping[str, int] = fresh(factory=dict)
    enumeration: bool = False


@functools.cache
def table(name: str) -> Constants:
    """Raises KeyError for a set that is not there."""
    module = _module(FAMILIES[name])
    fields = _of(module, "FIELDS", name, ())
    masks = {title: mask for title, mask, _ in fields if title}
    enumeration = name in getattr(module, "ENUMS", {})
    return Constants(
        name,
        _of(module, "ENUMS" if enumeration else "FLAGS", name, {}),
        tuple(Field(mask, names) for _, mask, names in fields),
        _of(module, "ZERO", name, None),
        masks | _of(module, "ALIASES", name, {}),
        enumeration,
    )


def number(table_name: str, name: str) -> int:
    """The number of any name in a set, as C has it: -1 is negative. Raises KeyError.

    Without a set the name is the number: "1".
    """
    return _numbers(table_name)[name] if table_name else int(name, 0)


@functools.cache
def _numbers(table_name: str) -> dict[str, int]:
    known = table(table_name)
    numbers = dict(known.aliases)
    for names in (known.names, *(each.names for each in known.fields)):
        numbers |= {name: number for number, name in names.items()}
    if known.zero is not None:
        numbers[known.zero] = 0
    return numbers


def _module(family: str) -> ModuleType:
    return importlib.import_module(f"argtrace.signature.tables.constants_{family}")


def _of(module: ModuleType, kind: str, name: str, otherwise: Any) -> Any:
    return getattr(module, kind, {}).get(name, otherwise)
