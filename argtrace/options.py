"""What is to be traced, and how: a trace's options."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING

from argtrace.fetch.filters import Filters
from argtrace.fetch.limits import Limits
from argtrace.targets import ALWAYS, NOBODY, Targets, Window
from argtrace.value import fresh, frozen

if TYPE_CHECKING:
    from argtrace.fetch.summary_layout import Summing

DEFAULT_RING = 64 << 20
"""Bytes: half a million plain calls, for a reader that is slower than a busy program."""

HELD_RING = 32 << 20
"""Bytes, where the program is held while it is read."""


@frozen
class Options:
    """`calls`: expressions as `-e` takes them, none for all. `ring`: bytes, a power of two.

    `naming`: numbers that are to have names, of PATHS, SOCKETS, DEVICES, PIDFDS and PIDS.
    `dumped`: descriptors whose data is wanted as bytes, whatever it means. `summary`: what is
    counted in the kernel, beside the events or in their place. `origins`: what each call is to tell of
    where it came from, of `location.frames.ORIGINS`. `targets`: who is traced besides a command and
    given ids; `window`: when. `paced`: calls wait while much of the ring is unread.
    """

    calls: tuple[str, ...] = ()
    filters: Filters = fresh(factory=Filters)
    limits: Limits = fresh(factory=Limits)
    ring: int = DEFAULT_RING
    follow: bool = True
    naming: frozenset[str] = frozenset()
    dumped: Container[int] = ()
    summary: Summing | None = None
    settings: bool = False
    """Whether the kernel is to tell what execs are made in: parent, directory, cgroup."""
    origins: frozenset[str] = frozenset()
    targets: Targets = NOBODY
    window: Window = ALWAYS
    paced: bool = False
