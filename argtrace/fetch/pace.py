"""A task waits before its call while much of the ring is unread: it cannot notice but by the clock.

    unread      0        1/8            1/4                 1/2
                |---------|--------------|-------------------|----------
      PACED          0       as it was         1                 (the guard freezes: `high_water.py`)

Who sends finds the ring a quarter full, when it asks (`emit.send`); from then on every call that is
recorded waits, with the CPU, the longer the more is unread; and the first that finds most of it read
says that nobody need wait any more. So writers are slower than a reader that is not held up, also
where there is no cgroup to freeze. Nobody is woken, and nothing interrupted, as a freeze would.

It waits at the entry, before the call's time is taken, so durations are not longer. Preemption is
off meanwhile (`context.py`), so it is short.

Source: include/uapi/linux/bpf.h: bpf_ringbuf_query, bpf_ktime_get_ns. Bounded loops: Linux 5.3.
"""

from __future__ import annotations

from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import END, FULL, LEFT, R0, R1, R2, R10, query_ring
from argtrace.fetch.layout import PACED
from argtrace.kernel import uapi

MOST = 400_000
"""ns, where all of the ring is unread; a half of it where half is, and so on."""

_TURNS, _LOOKS = 64, 64  # turns of a loop, looks at the clock in each: 0.1 to 0.2 ms, which bounds it


def wait(asm: Asm, label: str) -> None:
    """Go on to `label`, behind it, at once or later. Loses r0 to r5."""
    asm.load_map_value(R1, "counters")
    asm.load(R1, R1, PACED)
    asm.jump("==", R1, 0, label)
    query_ring(asm, uapi.BPF_RB_RING_SIZE)
    asm.store(R10, LEFT, R0)
    query_ring(asm, uapi.BPF_RB_AVAIL_DATA)
    asm.load(R1, R10, LEFT)
    asm.move(R2, R1)
    asm.alu(">>=", R2, 3)
    asm.jump(">", R0, R2, f"{label}_full")
    asm.load_map_value(R1, "counters")
    asm.store(R1, PACED, 0)
    asm.goto(label)
    asm.label(f"{label}_full")
    asm.alu("*=", R0, MOST)
    asm.alu("/=", R0, R1)
    asm.store(R10, FULL, R0)
    asm.call("ktime_get_ns")
    asm.load(R1, R10, FULL)
    asm.alu("+=", R0, R1)
    asm.store(R10, FULL, R0)
    asm.store(R10, END, _TURNS)
    asm.label(f"{label}_again", most=_TURNS)
    for _ in range(_LOOKS):
        asm.call("ktime_get_ns")
    asm.load(R1, R10, FULL)
    asm.jump(">=", R0, R1, label)
    asm.load(R1, R10, END)
    asm.alu("-=", R1, 1)
    asm.store(R10, END, R1)
    asm.jump("!=", R1, 0, f"{label}_again")
    asm.label(label)
