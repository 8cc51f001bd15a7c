"""Stages one to three: from what is to be traced to programs and tables, before anything is loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from argtrace import running_kernel
from argtrace.decode import table as tables
from argtrace.decode.descriptor_effects import NEEDED
from argtrace.decode.descriptors import FILES
from argtrace.decode.table import Table, Tables
from argtrace.fetch import programs, record
from argtrace.fetch.derive import Limits, plans
from argtrace.fetch.plan import Plans
from argtrace.fetch.predicates import Filters
from argtrace.fetch.programs import ProgramSet, Selection
from argtrace.location import frames
from argtrace.signature import layouts, syscalls
from argtrace.signature.model import Signature
from argtrace.signature.select import select as select_calls
from argtrace.signature.syscalls import ReadFormat
from argtrace.target import Target, host

DEFAULT_RING = 64 << 20
"""Bytes: half a million plain calls, for a reader in Python that is slower than a busy program."""


@dataclass(frozen=True, slots=True)
class Options:
    """`calls`: expressions as `-e` takes them, none for all. `ring`: bytes, a power of two.

    `naming`: numbers that are to have names, of PATHS, SOCKETS, DEVICES, PIDFDS and PIDS.
    `dumped`: descriptors whose data is wanted as bytes, whatever it means.
    """

    calls: tuple[str, ...] = ()
    filters: Filters = field(default_factory=Filters)
    limits: Limits = field(default_factory=Limits)
    ring: int = DEFAULT_RING
    follow: bool = True
    naming: frozenset[str] = frozenset()
    dumped: Container[int] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a trace will do, before the kernel is asked for anything but descriptions."""

    signatures: Mapping[int, Signature]
    plans: tuple[Plans, ...]
    programs: ProgramSet
    tables: Mapping[int, Table]
    hidden: frozenset[int] = frozenset()
    """Calls that are traced for what they tell of descriptors, by index."""
    formats: Mapping[str, str | None] = field(default_factory=dict)
    """Of each event that was asked about; empty where they cannot be read."""


def prepare(options: Options, target: Target | None = None) -> Prepared:
    """Stages one to three. Needs no privileges beyond reading BTF."""
    target = host() if target is None else target
    layouts.ask_too(running_kernel.layout)
    formats: dict[str, str | None] = {}
    with running_kernel.formats() as read:
        # Names decide what is selected; only those calls' formats are worth reading.
        named = syscalls.signatures(syscalls.NAMES, None)
        chosen = select_calls(options.calls, named)
        follows = bool(options.naming & FILES)
        needed = {number for number, signature in named.items() if follows and signature.name in NEEDED}
        noting = None if read is None else _noting(read, formats)
        signatures = syscalls.signatures(sorted(chosen | needed), noting)
    limits = options.limits
    planned = tuple(plans(n, s, target, limits) for n, s in signatures.items())
    everything = len(chosen) == len(named)
    names = {signature.name for signature in signatures.values()}
    only_compat = set(syscalls.COMPAT_NAMES.values()) - set(syscalls.NUMBERS)
    compat = {
        number: name
        for number, name in syscalls.COMPAT_NAMES.items()
        # A call that only 32-bit programs have (socketcall, mmap2) cannot be named: it is in "all".
        if name in names or (everything and name in only_compat)
    }
    selection = Selection(planned, tuple(compat), unknown=everything)
    indexes = {number: signature.name for number, signature in signatures.items()}
    indexes |= {record.COMPAT_BASE + number: name for number, name in compat.items()}
    shown = {named[number].name for number in chosen}
    generated = programs.generate(
        selection,
        Filters() if follows else options.filters,
        running_kernel.fields(),
        frames.frame(target),
        ring_size=options.ring,
        follow=options.follow,
        opening=running_kernel.opening(indexes, target) if follows else None,
    )
    made: dict[int, Callable[[], Table]] = {
        p.number: functools.partial(tables.table, signatures[p.number], p, target, limits.strings)
        for p in planned
    }
    by_index = Tables(made | compat_tables(compat))
    hidden = frozenset(index for index, name in indexes.items() if name in NEEDED and name not in shown)
    return Prepared(signatures, planned, generated, by_index, hidden, formats)


def table_of(number: int, read_format: ReadFormat, target: Target, limits: Limits) -> Table:
    """That of a 64-bit call, from nothing but its number and its format."""
    signature = syscalls.signatures([number], read_format, target)[number]
    return tables.table(signature, plans(number, signature, target, limits), target, limits.strings)


def compat_tables(numbers: Iterable[int]) -> dict[int, Callable[[], Table]]:
    """By index, those of 32-bit calls."""
    return {record.COMPAT_BASE + number: functools.partial(_compat, number) for number in numbers}


def _compat(number: int) -> Table:
    return tables.compat(syscalls.compat(number))


def _noting(read: ReadFormat, noted: dict[str, str | None]) -> ReadFormat:
    def reading(event: str) -> str | None:
        noted[event] = read(event)
        return noted[event]

    return reading
