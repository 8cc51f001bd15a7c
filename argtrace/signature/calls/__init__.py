"""The declarations of all system calls, a family a module: `CALLS`, by name.

A trace imports the families of the calls that it meets: `index.py` says which those are.
"""

from __future__ import annotations

import functools
import importlib

from argtrace.signature.calls.index import FAMILIES
from argtrace.signature.meaning import Declaration

_FAMILY = {call: family for family, calls in FAMILIES.items() for call in calls.split()}


def families() -> list[str]:
    return sorted(FAMILIES)


def of_family(family: str) -> dict[str, Declaration]:
    calls: dict[str, Declaration] = importlib.import_module(f"{__name__}.{family}").CALLS
    return calls


def declaration(name: str) -> Declaration | None:
    """That of one call; None for one that nobody declared."""
    family = _FAMILY.get(name)
    return None if family is None else of_family(family)[name]


@functools.cache
def declarations() -> dict[str, Declaration]:
    """Those of all calls."""
    found: dict[str, Declaration] = {}
    for family in families():
        calls = of_family(family)
        twice = found.keys() & calls.keys()
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
        found |= calls
    return found
