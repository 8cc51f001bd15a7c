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
    "records": 800_000,
    "ring": 1_000_000,
    "seen": 800_000,
    "stream": 500_000,
    "execs": 300_000,
    "columns": 300_000,
    "copies": 300_000,
    "summary": 100_000,
    "lines": 250_000,
    "calls": 250_000,
    "decoders": 250_000,
    "contents": 300_000,
    "btf": 150_000,
    "split_btf": 150_000,
    "formats": 400_000,
    "kept": 150_000,
    "cache": 400_000,
    "notes": 600_000,
    "proc": 300_000,
    "sockets": 150_000,
    "diag": 500_000,
    "cgroups": 400_000,
    "containers": 300_000,
    "options": 150_000,
    "select": 150_000,
    "guard": 500_000,
    "logs": 600_000,
}
"""Inputs of each in a run by hand: ten million in all."""

NAMES = tuple(name for names in GROUPS.values() for name in names.split())


def load(name: str) -> Target:
    found: Target = importlib.import_module(f"{PACKAGE}.{name}").TARGET
    return found


def there() -> list[str]:
    """The modules there are."""
    return sorted(module.name for module in pkgutil.iter_modules([str(DIRECTORY)]))
