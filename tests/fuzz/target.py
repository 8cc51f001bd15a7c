"""What is fuzzed: a function of bytes that raises where a law is broken, and inputs to begin with.

A target's `check` swallows what the law allows (FormatError, say) and nothing else. Whatever it raises
is a finding: an exception of a parser, or an AssertionError of its own where two that must agree do not.

Each module of `targets/` has one as TARGET.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

PACKAGE = "tests.fuzz.targets"
DIRECTORY = Path(__file__).parent / "targets"


class Target(NamedTuple):
    """`words`: what its parser looks for, for mutation to try. `most`: bytes of an input."""

    about: str
    check: Callable[[bytes], None]
    seeds: Callable[[], Sequence[bytes]]
    words: Sequence[bytes] = ()
    most: int = 4096


GROUPS = {
    "records": "records ring stream execs seen columns copies summary",
    "executors": "lines calls",
    "memory": "decoders contents",
    "types": "btf split_btf formats",
    "files": "kept cache notes proc sockets diag cgroups containers",
    "words": "options select guard logs",
}
"""What CI gives its time to, a group at a time."""

BUDGET = {
    "records": 400_000,
    "ring": 1_400_000,
    "seen": 800_000,
    "stream": 20_000,
    "execs": 30_000,
    "columns": 50_000,
    "copies": 4_000,
    "summary": 8_000,
    "lines": 6_000,
    "calls": 6_000,
    "decoders": 20_000,
    "contents": 12_000,
    "btf": 6_000,
    "split_btf": 6_000,
    "formats": 250_000,
    "kept": 20_000,
    "cache": 20_000,
    "notes": 3_200_000,
    "proc": 60_000,
    "sockets": 25_000,
    "diag": 500_000,
    "cgroups": 300_000,
    "containers": 400_000,
    "options": 12_000,
    "select": 15_000,
    "guard": 1_000_000,
    "logs": 1_800_000,
}
"""Inputs of each in a run by hand: ten million in all, many of what costs little."""

NAMES = tuple(name for names in GROUPS.values() for name in names.split())


def load(name: str) -> Target:
    found: Target = importlib.import_module(f"{PACKAGE}.{name}").TARGET
    return found


def there() -> list[str]:
    """The modules there are."""
    return sorted(module.name for module in pkgutil.iter_modules([str(DIRECTORY)]))
