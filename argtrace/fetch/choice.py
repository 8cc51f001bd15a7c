"""What decides who is traced, and when, as far as it decides which programs there are.

Not here: the programs are `choosing.py` and `gate.py`; names, users and so on are `argtrace/targets.py`.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from argtrace.fetch.record import COMM_SIZE
from argtrace.value import frozen

NAME_KEY = struct.Struct(f"<I{COMM_SIZE}s")
"""A key of the map `names`: bits that count, and the name."""
COMM_BITS = 8 * COMM_SIZE

CLOSED = "closed"
"""The map that says whether nothing is shown now (`gate.py`)."""


class Verdict(IntEnum):
    """The value of a map that decides."""

    IN = 1
    OUT = 2
    OUT_WITH_CHILDREN = 3


@frozen
class Choice:
    """By what it is decided; `cgroups`: how many."""

    everyone: bool = False
    names: bool = False
    exes: bool = False
    uids: bool = False
    cgroups: int = 0
    excluded: bool = False

    @property
    def any(self) -> bool:
        return self != NOBODY

    @property
    def at_exec(self) -> bool:
        return self.everyone or self.names or self.exes

    @property
    def at_calls(self) -> bool:
        return self.uids or bool(self.cgroups)


NOBODY = Choice()


@frozen
class Gate:
    """`cpus`: only some. `timed`: it may be closed, by calls or by the session. `paced`: who goes through
    waits while the ring is full."""

    cpus: bool = False
    timed: bool = False
    paced: bool = False

    @property
    def any(self) -> bool:
        return self.cpus or self.timed


OPEN = Gate()
