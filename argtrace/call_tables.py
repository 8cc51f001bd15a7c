"""A call's decode table from nothing but its number: what a trace needs of a call that it meets."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

from argtrace.decode import table as tables
from argtrace.decode.table import Table
from argtrace.fetch import record
from argtrace.fetch.derive import plans_as_met
from argtrace.fetch.limits import Limits
from argtrace.signature import syscalls
from argtrace.signature.syscalls import ReadFormat
from argtrace.target import Target


def table_of(number: int, read_format: ReadFormat, target: Target, limits: Limits) -> Table:
    """That of a 64-bit call."""
    signature = syscalls.signatures([number], read_format, target)[number]
    plans, variant = plans_as_met(number, signature, target, limits)
    return tables.table(signature, plans, target, limits.strings, variant)


def compat_tables(numbers: Iterable[int], target: Target) -> dict[int, Callable[[], Table]]:
    """By index, those of 32-bit calls."""
    return {record.COMPAT_BASE + number: functools.partial(_compat, number, target) for number in numbers}


def _compat(number: int, target: Target) -> Table:
    return tables.compat(syscalls.compat(number, target), target)
