"""Filters that the kernel applies at a call's exit, before anything is sent.

A call that is filtered out costs no room in the ring and no work outside.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R1, R2, R7, R9
from argtrace.fetch.filters import MAX_ERRNO, Filters
from argtrace.fetch.record import RECORD


def reject(asm: Asm, filters: Filters, label: str) -> None:
    """Go to `label` unless the call whose result is in r9, and slot in r7, passes."""
    if filters.failed is not None:
        # As unsigned, the errors are the 4095 largest numbers there are.
        asm.jump("<" if filters.failed else ">=", R9, -MAX_ERRNO, label)
    if filters.errnos:
        for errno in filters.errnos:
            asm.jump("==", R9, -errno, "errno_passes")
        asm.goto(label)
        asm.label("errno_passes")
    if filters.duration:
        reject_short(asm, filters.duration, label)


def reject_short(asm: Asm, duration: int, label: str) -> None:
    """Go to `label` unless the call in slot r7 took at least `duration` ns. Loses r1 and r2."""
    asm.load(R1, R7, RECORD + record.TIME)
    asm.load(R2, R7, RECORD + record.START)
    # A call whose entry was not seen has start 0: longer than any limit.
    asm.alu("-=", R1, R2)
    if duration < 1 << 31:
        asm.jump("<", R1, duration, label)
    else:  # two immediates, of 31 bits each
        asm.move(R2, duration >> 31)
        asm.alu("<<=", R2, 31)
        asm.alu("|=", R2, duration & 0x7FFF_FFFF)
        asm.jump("<", R1, R2, label)
