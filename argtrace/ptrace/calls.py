"""Which calls a trace asks for, and the plan of each as it is met.

As `prepare.py` has it, but nothing is made before the first call of its kind: a trace by ptrace
generates no programs, and begins at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from argtrace import running_kernel
from argtrace.call_tables import compat_tables, table_of
from argtrace.decode.descriptor_effects import NEEDED
from argtrace.decode.naming import FILES
from argtrace.decode.table import Table, Tables
from argtrace.fetch import record
from argtrace.fetch.derive import plans_as_met
from argtrace.fetch.plan import Load, Plan
from argtrace.options import Options
from argtrace.signature import layouts, syscalls
from argtrace.signature.select import select
from argtrace.signature.syscalls import ReadFormat
from argtrace.target import Target
from argtrace.value import frozen


@frozen
class Met:
    """The plan of a call; where one argument decides what the others are, `selector` and `mask` find
    its value, and `variant` gives the plan for it."""

    default: Plan
    selector: Load | None
    mask: int
    variant: Callable[[int], Plan]


class Calls:
    """The calls that are asked for. `formats` None: parameters are named by the table.

    `wanted`: their indexes (`record.py`); `hidden`: those that are traced only for what they tell of
    descriptors. `unknown`: numbers that no table has are asked for too.
    """

    def __init__(self, options: Options, target: Target, formats: ReadFormat | None) -> None:
        layouts.ask_too(running_kernel.layout)
        named = syscalls.signatures(syscalls.names(target), None, target)
        chosen = select(options.calls, named)
        follows = bool(options.naming & FILES)
        needed = {number for number, signature in named.items() if follows and signature.name in NEEDED}
        numbers = chosen | needed
        names = {named[number].name for number in numbers}
        compat = syscalls.compat_of(names, target, everything=len(chosen) == len(named))
        shown = {named[number].name for number in chosen}
        self._options, self.target = options, target
        self._formats: ReadFormat = formats or _no_format
        self.unknown = len(chosen) == len(named)
        self.names = {number: named[number].name for number in numbers}
        self.compat = compat
        self.wanted = frozenset(numbers) | {record.COMPAT_BASE + number for number in compat}
        self.hidden = frozenset(
            index
            for index, name in (
                *self.names.items(),
                *((record.COMPAT_BASE + number, name) for number, name in compat.items()),
            )
            if name in NEEDED and name not in shown
        )
        self.tables: Mapping[int, Table] = Tables(
            {
                number: functools.partial(table_of, number, self._formats, target, options.limits)
                for number in numbers
            }
            | compat_tables(compat, target)
        )
        self.plan = functools.cache(self._plan)
        """Of a 64-bit call's number; None for one that is not in the table."""

    def wants(self, index: int) -> bool:
        return self.unknown or index in self.wanted

    def name(self, index: int) -> str | None:
        """Of a call that is asked for."""
        return self.names.get(index) or self.compat.get(index - record.COMPAT_BASE)

    def _plan(self, number: int) -> Met | None:
        if number not in self.names:
            return None
        signature = syscalls.signatures([number], self._formats, self.target)[number]
        plans, variant = plans_as_met(number, signature, self.target, self._options.limits)
        if self._options.summary is not None and self._options.summary.alone:
            # It is counted: whether it returns is all that matters.
            return Met(Plan(number, (), plans.default.returns), None, 0, variant)
        return Met(plans.default, plans.selector, plans.mask, functools.cache(variant))


def _no_format(_: str) -> str | None:
    return None
