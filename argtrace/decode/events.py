"""What a trace consists of, in the order it happened.

Times are ns of CLOCK_MONOTONIC; a `Process` is what a line begins with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from argtrace.decode.model import Result, Value
from argtrace.decode.process import Ending
from argtrace.value import frozen

if TYPE_CHECKING:
    from argtrace.decode.origin import Origin
    from argtrace.decode.settings import Setting


@frozen
class Process:
    """Who: thread, process, and the thread's name at that time.

    A name that is no UTF-8 keeps its bytes as surrogates (PEP 383). `started`: when the process began,
    in clock ticks since boot as in field 22 of /proc/PID/stat; with `pid` it is the process and no later
    one of that id. None where nobody told.
    """

    tid: int
    pid: int
    comm: str
    started: int | None = None


@frozen
class Call:
    """A system call. `start` is None if its entry was not seen, `end` if it did not return.

    `abi` is "i386" for a 32-bit call on a 64-bit kernel, whose arguments are
    words that are not decoded. `unfinished`: the thread died in it, or the trace
    ended first; calls that never return, as exit_group, are not. `origin`: where it came from, if that
    was asked for. `setting`: what an exec was made in, if that was.
    """

    process: Process
    name: str
    number: int
    args: Mapping[str, Value]
    result: Result
    start: int | None
    end: int | None
    abi: str | None = None
    decoded: bool = True
    unfinished: bool = False
    origin: Origin | None = None
    setting: Setting | None = None

    @property
    def time(self) -> int:
        """When it began, or when it was first seen."""
        if self.start is not None:
            return self.start
        return self.end or 0

    @property
    def duration(self) -> int | None:
        """ns between entry and exit."""
        if self.start is None or self.end is None:
            return None
        return self.end - self.start


@frozen
class Signal:
    """A signal was delivered. `info` is empty where the kernel gave none."""

    process: Process
    time: int
    name: str
    number: int
    info: Mapping[str, Value]


@frozen
class Exit:
    """A thread ended. `of_process`: how its process did, if it was the last one."""

    process: Process
    time: int
    ending: Ending
    of_process: Ending | None = None


@frozen
class Exec:
    """A process runs a new program. `former` is the thread that asked for it, if another."""

    process: Process
    time: int
    former: int


@frozen
class Lost:
    """Records the ring had no room for, between the event before and the one after."""

    time: int
    count: int


@frozen
class Note:
    """Something the reader of this trace should know."""

    time: int
    text: str


Event = Call | Signal | Exit | Exec | Lost | Note
