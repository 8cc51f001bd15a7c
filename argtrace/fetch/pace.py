"""A task waits before its call while much of the ring is unread: it cannot notice but by the clock.

    unread      0        1/8            1/4                 1/2
                |---------|--------------|-------------------|----------
      PACED          0       as it was         1                 (the guard freezes: `high_water.py`)

Who sends finds the ring a quarter full, when it asks (`emit.send`); from then on every call that is
recorded waits, with the CPU, the longer the more is unread; and the first that finds most of it read
says that nobody need wait any more. So writers are slower than a reader that is not held up, also
where there is no cgroup to freeze. Nobody is woken, and nothing interrupted, as a freeze would.

It waits at the entry, before the call's time is taken, so durations are not longer. Preemption is
off meanwhile (`context.py`), so it is short, and what a CPU notes of it nobody else touches.

    sys_enter ── PACED ──> turns[20] ──> turns[19] ── … ──> turns[0], which goes on as sys_enter does
                           turn          turn               waited

Each turn looks at the clock some hundred times and jumps to the next, or to the last when it is time.
A loop in sys_enter did the same, and took a third of all the time that the verifier spends on a trace
(20 ms, for 4,000 looks); a turn is gone through once.

Sources: include/uapi/linux/bpf.h: bpf_ringbuf_query, bpf_ktime_get_ns; MAX_TAIL_CALL_CNT of
include/linux/bpf.h.
"""

from __future__ import annotations

from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.emit import FULL, KEY, LEFT, R0, R1, R2, R3, R6, R8, R10, call_map, query_ring
from argtrace.fetch.layout import PACED
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec

MOST = 400_000
"""ns, where all of the ring is unread; a half of it where half is, and so on."""

TURNS = "turns"

_TURNS, _LOOKS = 20, 200
"""0.1 to 0.2 ms in all. The kernel allows 32 tail calls, and to the last collector there are some six."""

# What a CPU notes of who waits on it: until when, and the turn that comes next; behind them a 0, which
# the verifier must not know. An index that it knows becomes a jump that takes 25 ms to be taken out.
_WAITING = "waiting"
_UNTIL, _NEXT, _LAST, _SIZE = 0, 8, 12, 16


def maps() -> tuple[MapSpec, ...]:
    return (
        MapSpec(_WAITING, uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, _SIZE, 1),
        MapSpec(TURNS, uapi.BPF_MAP_TYPE_PROG_ARRAY, 4, 4, _TURNS + 1),
    )


def reached(waited: Program) -> dict[tuple[str, int], Program]:
    """What is in `turns`. `waited`: what goes on with the call."""
    turn = _turn()
    return {(TURNS, 0): waited} | {(TURNS, index): turn for index in range(1, _TURNS + 1)}


def wait(asm: Asm, label: str) -> None:
    """Go on to `label`, behind it; or to `turns`. r6 is the context. Loses r0 to r5."""
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
    _look_up(asm, label)
    asm.load(R1, R10, FULL)
    asm.store(R0, _UNTIL, R1)
    asm.store(R0, _NEXT, _TURNS, 4)
    _go(asm, _NEXT)
    asm.label(label)


def _turn() -> Program:
    asm = Asm()
    asm.move(R6, R1)
    for _ in range(_LOOKS):
        asm.call("ktime_get_ns")
    asm.move(R8, R0)
    _look_up(asm, "none")
    asm.load(R1, R0, _UNTIL)
    asm.jump(">=", R8, R1, "in_time")
    asm.load(R1, R0, _NEXT, 4)
    asm.alu("-=", R1, 1)
    asm.store(R0, _NEXT, R1, 4)
    _go(asm, _NEXT)
    asm.exit()
    asm.label("in_time")
    _go(asm, _LAST)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_turn")


def _look_up(asm: Asm, missing: str) -> None:
    """r0 = what this CPU notes."""
    asm.store(R10, KEY, 0, 4)
    call_map(asm, "map_lookup_elem", _WAITING)
    asm.jump("==", R0, 0, missing)  # never, but the verifier cannot know


def _go(asm: Asm, at: int) -> None:
    """To the turn that is there in what r0 points to."""
    asm.load(R3, R0, at, 4)
    asm.move(R1, R6)
    asm.load_map(R2, TURNS)
    asm.call("tail_call")
