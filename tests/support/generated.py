"""Program sets as a session generates them, from the committed table and a kernel of our own invention."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from argtrace.errors import NotFound
from argtrace.fetch import choosing, context, derive, fields, file_fields, programs, record, setting_fields
from argtrace.fetch.choice import NOBODY, OPEN, Choice, Gate
from argtrace.fetch.choosing import Choosing
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.fields import Fields
from argtrace.fetch.file_fields import FileFields
from argtrace.fetch.filters import Filters
from argtrace.fetch.limits import Limits
from argtrace.fetch.opened import Opening
from argtrace.fetch.plan import Plan, Plans
from argtrace.fetch.programs import ProgramSet, Selection
from argtrace.fetch.setting_fields import SettingFields
from argtrace.fetch.settings import Setting
from argtrace.location import frames, syscall
from argtrace.signature import syscalls
from argtrace.signature.model import Signature
from argtrace.signature.select import select
from argtrace.target import AARCH64, X86_64, Target
from argtrace.value import replace

FRAME = frames.frame(X86_64)

STRUCT_SIZE = 0x400
"""Bytes of each of the kernel's structures."""


@dataclass(frozen=True, slots=True)
class Member:
    offset: int


class Types:
    """BTF of a kernel whose members stand in the order in which they are asked for, from 0x100 on.

    `without`: members it has not.
    """

    def __init__(self, *without: str) -> None:
        self._without = without
        self._offsets: dict[str, dict[str, int]] = {}
        self._ids: dict[str, int] = {}

    def field(self, struct: str, path: str) -> Member:
        if f"{struct}.{path}" in self._without:
            raise NotFound(path, struct)
        of_struct = self._offsets.setdefault(struct, {})
        return Member(of_struct.setdefault(path, 0x100 + 0x10 * len(of_struct)))

    def ids_named(self, name: str) -> tuple[int, ...]:
        """Functions of the kernel's are numbered as they are asked for."""
        return () if name in self._without else (self._ids.setdefault(name, 1 + len(self._ids)),)


KERNEL = Types()
FIELDS = fields.find(KERNEL)
ARM64_FIELDS = fields.find(KERNEL, AARCH64)
FILES = file_fields.find(KERNEL)
SETTINGS = setting_fields.find(KERNEL)
EVENTS = context.find(KERNEL)
"""Of event records."""
NO_RENAMED = replace(EVENTS, rename_pid=context.find(Types("trace_event_raw_task_rename.pid")).rename_pid)
"""As Linux 6.16 to 6.18 had it: task_rename's record does not say whose name it is."""
MEMBERS = choosing.members(KERNEL)

NO_FILTERS = Filters()


def signatures(*expressions: str, target: Target = X86_64) -> dict[int, Signature]:
    everything = syscalls.signatures(syscalls.names(target), None, target)
    return {number: everything[number] for number in sorted(select(expressions, everything))}


def planned(
    *expressions: str, limit: int = 4096, whole: bool = False, target: Target = X86_64
) -> tuple[Plans, ...]:
    """`limit`: bytes of strings and of buffers."""
    limits = Limits(strings=limit, buffers=limit, whole=whole)
    chosen = signatures(*expressions, target=target)
    return tuple(derive.plans(number, s, target, limits) for number, s in chosen.items())


def plans(*expressions: str, limit: int = 4096) -> tuple[Plan, ...]:
    """The default plan of each."""
    return tuple(plans.default for plans in planned(*expressions, limit=limit))


_features = [ALL]


@contextlib.contextmanager
def on_a_kernel_with(features: Features) -> Iterator[None]:
    """Meanwhile `program_set` makes its programs for such a kernel, unless events' records say that it is
    a newer one."""
    _features.append(features)
    yield
    _features.pop()


def program_set(*expressions: str, context: Context = RAW, **wanted: Any) -> ProgramSet:
    """As `_program_set`, and as `on_a_kernel_with` says."""
    features = ALL if context.recorded else _features[-1]
    return _program_set(*expressions, context=context, **{"features": features, **wanted})


@functools.cache
def _program_set(
    *expressions: str,
    filters: Filters = NO_FILTERS,
    limit: int = 4096,
    whole: bool = False,
    follow: bool = True,
    offsets: Fields = FIELDS,
    files: FileFields | None = None,
    together: int = programs.TOGETHER,
    context: Context = RAW,
    choice: Choice = NOBODY,
    gate: Gate = OPEN,
    origins: frozenset[str] = frozenset(),
    settings: SettingFields | None = None,
    features: Features = ALL,
    target: Target = X86_64,
) -> ProgramSet:
    """For the calls of `expressions`; for everything, unknown numbers too, without any.

    `files`: to be told what descriptors are; `settings`: what execs are made in. `origins`: what is
    noted of where a call came from.
    """
    chosen = planned(*expressions, limit=limit, whole=whole, target=target)
    indexes = {plan.number: syscalls.names(target)[plan.number] for plan in chosen}
    compat = syscalls.compat_of(list(indexes.values()), target, everything=not expressions)
    selection = Selection(chosen, tuple(compat), unknown=not expressions)
    indexes |= {record.COMPAT_BASE + number: name for number, name in compat.items()}
    arguments = syscall.registers(target)
    opening = None if files is None else Opening(files, tuple(indexes.items()), arguments)
    return programs.generate(
        selection,
        filters,
        offsets,
        frames.noting(target, origins),
        context,
        ring_size=1 << 16,
        follow=follow,
        opening=opening,
        setting=None if settings is None else Setting(settings, FILES),
        choosing=Choosing(choice, MEMBERS, starts=settings is not None) if choice.any else None,
        gate=gate,
        features=features,
        together=together,
    )


def of_plans(*chosen: Plans) -> ProgramSet:
    """Of these alone, whatever their calls are."""
    return programs.generate(
        Selection(chosen),
        NO_FILTERS,
        FIELDS,
        FRAME,
        RAW,
        ring_size=1 << 16,
        follow=False,
        features=_features[-1],
    )


def enter_index(name: str) -> tuple[str, int]:
    """Where a call's entry half is reached."""
    return "enter_calls", syscalls.NUMBERS[name]


def exit_index(name: str) -> tuple[str, int]:
    return "exit_calls", syscalls.NUMBERS[name]


def compat_index(number: int) -> tuple[str, int]:
    return "enter_calls", record.COMPAT_BASE + number
