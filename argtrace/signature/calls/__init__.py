"""The declarations of all system calls, a family a module: `CALLS`, by name."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from argtrace.signature.meaning import Declaration


def families() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@functools.cache
def declarations() -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for family in families():
        calls: dict[str, Declaration] = importlib.import_module(f"{__name__}.{family}").CALLS
        twice = found.keys() & calls.keys()
        if twice:
            raise ValueError(f"declared twice: {', '.join(sorted(twice))}")
        found |= calls
    return found
