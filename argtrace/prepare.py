"""Stages one to three: from what is to be traced to programs and tables, before anything is loaded."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from argtrace import running_kernel
from argtrace.call_tables import compat_tables
from argtrace.decode import table as tables
from argtrace.decode.descriptor_effects import NEEDED
from argtrace.decode.naming import FILES
from argtrace.decode.table import Table, Tables
from argtrace.fetch import programs, record
from argtrace.fetch.derive import plans
from argtrace.fetch.filters import Filters
from argtrace.fetch.plan import Plans
from argtrace.fetch.programs import ProgramSet, Selection
from argtrace.location import frames
from argtrace.options import Options
from argtrace.signature import layouts, syscalls
from argtrace.signature.model import Signature
from argtrace.signature.select import select as select_calls
from argtrace.signature.syscalls import ReadFormat
from argtrace.target import Target, host
from argtrace.targets import gate
from argtrace.value import fresh, frozen


@frozen
class Prepared:
    """What a trace will do, before the kernel is asked for anything but descriptions."""

    signatures: Mapping[int, Signature]
    plans: tuple[Plans, ...]
    programs: ProgramSet
    tables: Mapping[int, Table]
    hidden: frozenset[int] = frozenset()
    """Calls that are traced for what they tell of descriptors, by index."""
    formats: Mapping[str, str | None] = fresh(factory=dict)
    """Of each event that was asked about; empty where they cannot be read."""


def prepare(options: Options, target: Target | None = None, *, together: int = programs.TOGETHER) -> Prepared:
    """Stages one to three. Needs no privileges beyond reading BTF. `together`: see `programs.generate`."""
    target = host() if target is None else target
    layouts.ask_too(running_kernel.layout)
    formats: dict[str, str | None] = {}
    with running_kernel.formats() as read:
        # Names decide what is selected; only those calls' formats are worth reading.
        named = syscalls.signatures(syscalls.names(target), None, target)
        chosen = select_calls(options.calls, named)
        follows = bool(options.naming & FILES)
        needed = {number for number, signature in named.items() if follows and signature.name in NEEDED}
        noting = None if read is None else _noting(read, formats)
        signatures = syscalls.signatures(sorted(chosen | needed), noting, target)
    features = running_kernel.features()
    limits = options.limits.fitting(ring=features.ring)
    planned = tuple(plans(n, s, target, limits) for n, s in signatures.items())
    everything = len(chosen) == len(named)
    taken = [signature.name for signature in signatures.values()]
    compat = syscalls.compat_of(taken, target, everything=everything)
    selection = Selection(planned, tuple(compat), unknown=everything)
    indexes = {number: signature.name for number, signature in signatures.items()}
    indexes |= {record.COMPAT_BASE + number: name for number, name in compat.items()}
    shown = {named[number].name for number in chosen}
    generated = programs.generate(
        selection,
        Filters() if follows else options.filters,
        running_kernel.fields(target),
        frames.noting(target, options.origins),
        running_kernel.context(),
        ring_size=options.ring,
        follow=options.follow,
        opening=running_kernel.opening(indexes, target) if follows else None,
        setting=running_kernel.setting() if options.settings else None,
        choosing=running_kernel.choosing(options.targets.choice, starts=options.settings),
        gate=gate(options.targets, options.window, paced=options.paced and features.ring),
        features=features,
        together=together,
    )
    made: dict[int, Callable[[], Table]] = {
        p.number: functools.partial(tables.table, signatures[p.number], p, target, limits.strings)
        for p in planned
    }
    by_index = Tables(made | compat_tables(compat, target))
    hidden = frozenset(index for index, name in indexes.items() if name in NEEDED and name not in shown)
    return Prepared(signatures, planned, generated, by_index, hidden, formats)


def _noting(read: ReadFormat, noted: dict[str, str | None]) -> ReadFormat:
    def reading(event: str) -> str | None:
        noted[event] = read(event)
        return noted[event]

    return reading
