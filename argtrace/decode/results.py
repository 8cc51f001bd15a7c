"""A call's result: a value, or an error with its name.

Sources: include/linux/err.h (-4095 to -1 are errors); include/linux/errno.h
(512 to 531, the kernel's own); `tables/errno.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.decode.model import Address, Int, Result, Value
from argtrace.decode.tables.errno import ERRNO, RESTART
from argtrace.fetch.filters import MAX_ERRNO
from argtrace.value import replace

_RESTARTS = frozenset({512, 513, 514, 516})  # ERESTARTSYS, NOINTR, NOHAND, _RESTARTBLOCK

# Calls whose 0 means that the time was over: the place of the argument that says how long.
WAITS = {
    "poll": 2,
    "ppoll": 2,
    "select": 4,
    "pselect6": 4,
    "epoll_wait": 3,
    "epoll_pwait": 3,
    "epoll_pwait2": 3,
}

NO_RESULT = Result(None)


def failure(raw: int) -> Result | None:
    """The error that this is, if it is one. `raw` as a signed 64-bit number."""
    if not -MAX_ERRNO <= raw < 0:
        return None
    name, text = ERRNO.get(-raw) or RESTART.get(-raw) or (f"E{-raw}", f"Unknown error {-raw}")
    return Result(raw, None, name, text, restarts=-raw in _RESTARTS)


def noted(result: Result, name: str, args: Mapping[str, Value]) -> Result:
    """`result` with its note, if the call's arguments give it one."""
    if result.raw == 0 and name in WAITS and _ends(list(args.values()), WAITS[name]):
        return replace(result, note="Timeout")
    return result


def _ends(args: list[Value], at: int) -> bool:
    """Was there a time to wait, and not for ever: -1 ms, or no structure."""
    if at >= len(args):
        return False
    match args[at]:
        case Int(value=value):
            return value >= 0
        case Address(raw=raw):
            return raw != 0
        case _:
            return True
