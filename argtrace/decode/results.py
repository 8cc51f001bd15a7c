"""A call's result: a value, or an error with its name.

Sources: include/linux/err.h (-4095 to -1 are errors); include/linux/errno.h
(512 to 531, the kernel's own); `tables/errno.py`.
"""

from __future__ import annotations

from argtrace.decode.model import Address, Int, Result
from argtrace.decode.tables.errno import ERRNO, RESTART
from argtrace.signature.model import Pointer, Type

_MAX_ERRNO = 4095
_RESTARTS = frozenset({512, 513, 514, 516})  # ERESTARTSYS, NOINTR, NOHAND, _RESTARTBLOCK

NO_RESULT = Result(None)


def result(raw: int, type: Type) -> Result:
    """`raw` as a signed 64-bit number."""
    if -_MAX_ERRNO <= raw < 0:
        name, text = ERRNO.get(-raw) or RESTART.get(-raw) or (f"E{-raw}", f"Unknown error {-raw}")
        return Result(raw, None, name, text, restarts=-raw in _RESTARTS)
    if isinstance(type, Pointer):
        return Result(raw, Address(raw & 0xFFFF_FFFF_FFFF_FFFF))
    return Result(raw, Int(raw & 0xFFFF_FFFF_FFFF_FFFF, raw))
