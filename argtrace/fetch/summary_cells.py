"""Adding a call to its cell: the sequence that all programs of a summary end in.

    r6  the call's word      r7  the slot      r8  its duration, or NO_TIME      r9  its result

Straight lines, without a helper but the look-up of the cell, which the kernel does in line for
a per-CPU array (Linux 6.10).

Not here: how a cell is laid out is `summary_layout.py`.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import KEY, R0, R1, R2, R3, R4, R6, R7, R8, R9, R10, call_map
from argtrace.fetch.filters import MAX_ERRNO
from argtrace.fetch.record import RECORD
from argtrace.fetch.summary_layout import (
    BUCKETS,
    COMPAT,
    ERRORS,
    HASHED,
    LONGEST,
    ORDINAL,
    SHORTEST,
    SQUARES,
    TIMED,
    TOTAL,
    UNTIMED,
    Summing,
)
from argtrace.kernel import uapi

NO_TIME = -1
"""A duration, in r8: it is not known."""

# Below what `emit` uses of the stack: the task's ids, the key of a cell, a name.
IDS, CELL_KEY, COMM = -48, -64, -80


def number_at(summing: Summing) -> int:
    """Where in a slot the call's number is."""
    return record.INDEX if summing.alone else RECORD + record.NUMBER


def count(asm: Asm, summing: Summing, done: str) -> None:
    """Add a call: r6 its word, r7 the slot, r8 its duration, r9 its result; then go to `done`."""
    if not summing.by:
        asm.jump("&", R6, HASHED, "hashed")
        asm.label("by_call")
        asm.alu("&=", R6, ORDINAL)
        asm.store(R10, KEY, R6, 4)
        call_map(asm, "map_lookup_elem", "totals")
        asm.jump("==", R0, 0, done)  # never
        asm.label("cell")
        _add(asm, summing, done)
        asm.label("hashed")
        _find_cell(asm, summing, "cell")
        asm.goto("by_call")
        return
    _find_cell(asm, summing, "cell")
    asm.alu("&=", R6, ORDINAL)
    asm.store(R10, KEY, R6, 4)
    call_map(asm, "map_lookup_elem", "totals")
    asm.jump("==", R0, 0, done)
    asm.label("cell")
    _add(asm, summing, done)


def _find_cell(asm: Asm, summing: Summing, found: str) -> None:
    """r0 = the cell of `cells` for this call, then to `found`; go on where there is no room for it."""
    owner, tgid, number, errno = CELL_KEY, CELL_KEY + 4, CELL_KEY + 8, CELL_KEY + 12
    if summing.by_cpu:
        asm.call("get_smp_processor_id")
        asm.store(R10, owner, R0)  # with a tgid of 0
    if summing.by_task:
        asm.load(R1, R10, IDS)
        if not summing.by_cpu:
            asm.store(R10, owner, R1, 4)
        asm.alu(">>=", R1, 32)
        asm.store(R10, tgid, R1, 4)
    asm.load(R1, R7, number_at(summing), 4)
    asm.store(R10, number, R1, 4)
    asm.move(R1, R6)
    asm.alu("&=", R1, COMPAT)
    asm.alu("<<=", R1, 16)
    if summing.by_errno:
        asm.jump("<", R9, -MAX_ERRNO, "no_error")
        asm.alu("-=", R1, R9)  # an errno is below 4096: it does not reach the word
        asm.label("no_error")
    asm.store(R10, errno, R1, 4)
    _look_up_cell(asm)
    asm.jump("!=", R0, 0, found)
    asm.load_map(R1, "cells")
    asm.move(R2, R10)
    asm.alu("+=", R2, CELL_KEY)
    asm.load_map_value(R3, "blank_cell")
    asm.move(R4, uapi.BPF_NOEXIST)
    asm.call("map_update_elem")
    _look_up_cell(asm)
    asm.jump("!=", R0, 0, found)


def _look_up_cell(asm: Asm) -> None:
    asm.load_map(R1, "cells")
    asm.move(R2, R10)
    asm.alu("+=", R2, CELL_KEY)
    asm.call("map_lookup_elem")


def _add(asm: Asm, summing: Summing, done: str) -> None:
    """Add to the cell r0 a call of r8 ns with the result r9."""
    asm.jump("<", R9, -MAX_ERRNO, "added_errors")
    _increment(asm, ERRORS)
    asm.label("added_errors")
    if not summing.times:
        _increment(asm, UNTIMED)
        asm.goto(done)
        return
    asm.jump("==", R8, NO_TIME, "untimed")
    _increment(asm, TIMED)
    asm.load(R1, R0, TOTAL)
    asm.alu("+=", R1, R8)
    asm.store(R0, TOTAL, R1)
    asm.load(R1, R0, LONGEST)
    asm.jump("<=", R8, R1, "no_longer")
    asm.store(R0, LONGEST, R8)
    asm.label("no_longer")
    asm.move(R1, R8)
    asm.alu("^=", R1, -1)
    asm.load(R2, R0, SHORTEST)
    asm.jump("<=", R1, R2, "no_shorter")
    asm.store(R0, SHORTEST, R1)
    asm.label("no_shorter")
    _add_square(asm)
    _add_to_bucket(asm)
    asm.goto(done)

    asm.label("long")
    _add_long_square(asm)
    asm.goto("squared")

    asm.label("untimed")
    _increment(asm, UNTIMED)
    asm.goto(done)


def _increment(asm: Asm, at: int) -> None:
    asm.load(R1, R0, at)
    asm.alu("+=", R1, 1)
    asm.store(R0, at, R1)


def _add_square(asm: Asm) -> None:
    """128 bits: as ns² is a number of 64 bits up to 4.3 s, and two calls of 3 s are more."""
    asm.move(R1, R8)
    asm.alu(">>=", R1, 32)
    asm.jump("!=", R1, 0, "long")
    asm.move(R1, R8)
    asm.alu("*=", R1, R8)
    asm.load(R2, R0, SQUARES)
    asm.alu("+=", R2, R1)
    asm.store(R0, SQUARES, R2)
    asm.jump(">=", R2, R1, "squared")
    _increment(asm, SQUARES + 8)  # the carry
    asm.label("squared")


def _add_long_square(asm: Asm) -> None:
    """(a·2^32 + b)² = a²·2^64 + 2ab·2^32 + b²; r1 is a. Loses r3 and r4."""
    asm.move(R2, R8)
    asm.alu("<<=", R2, 32)
    asm.alu(">>=", R2, 32)  # b
    asm.load(R4, R0, SQUARES + 8)
    asm.move(R3, R1)
    asm.alu("*=", R3, R1)
    asm.alu("+=", R4, R3)
    asm.alu("*=", R1, R2)  # ab, of which 2^33 is a shift
    asm.move(R3, R1)
    asm.alu(">>=", R3, 31)
    asm.alu("+=", R4, R3)
    asm.alu("<<=", R1, 33)
    asm.alu("*=", R2, R2)
    for part, carried in ((R1, "middle"), (R2, "low")):
        asm.load(R3, R0, SQUARES)
        asm.alu("+=", R3, part)
        asm.store(R0, SQUARES, R3)
        asm.jump(">=", R3, part, carried)
        asm.alu("+=", R4, 1)
        asm.label(carried)
    asm.store(R0, SQUARES + 8, R4)


def _add_to_bucket(asm: Asm) -> None:
    """One more in the bucket of the highest bit of r8. Loses r8."""
    for bits in (32, 16, 8, 4, 2, 1):
        asm.move(R1, R8)
        asm.alu(">>=", R1, bits)
        asm.jump("==", R1, 0, f"below_{bits}")
        asm.move(R8, R1)
        asm.alu("+=", R0, 8 * bits)
        asm.label(f"below_{bits}")
    _increment(asm, BUCKETS)
