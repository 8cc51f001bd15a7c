"""The maps that the programs share, and how large each is.

    slots         array: place → slot        who is traced, and its call in the making (`slots.py`)
    tasks         hash: tid → slot           the same, of those who found their place taken
    enter_calls   program array, by index    the collector of a call's entry
    exit_calls    program array, by index    what is still to do at its exit
    exec_steps    program array              the stages of walking argv and envp
    variants      hash: call, value → index  which collector, where an argument decides (fcntl's cmd)
    execs         hash: tid → slot           an exec in the making, far larger than other calls
    blank, blank_exec   one entry            what a new slot is copied from
    calls         one entry: a CALL a number what collectors that serve many calls know of each
    selected      one entry: a u8 an index   which calls were asked for
    counters      one entry, mapped          losses, tasks we had no room for, those traced now, a switch
    losses        per-CPU array: index → u64 records that found the ring full
    events        ring buffer

A slot's size is that of the longest record among the selected calls, so a trace
of calls without strings takes 136 bytes a task.
"""

from __future__ import annotations

import struct

from argtrace.fetch import record
from argtrace.fetch.plan import CopyStrings, Plan
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import frozen

SLOTS = 512
"""Places in `slots`, a power of two, allocated when the trace begins: with everything selected 7 MiB,
with strings of up to 16 KiB, 43."""

MAX_TASKS = 32768
"""Tasks beyond those traced at the same time. Slots are allocated as tasks come (BPF_F_NO_PREALLOC)."""

MAX_EXECS = 64
"""Execs under way at the same time, each with its arguments held until it returns."""

MANY_EXECS = 512
"""The same where all of their arguments are wanted."""

ONE = bytes(4)
"""The key of a map of one entry."""

# exit_calls, beyond the exit half of any call.
LATE = record.UNKNOWN
KEEP = record.UNKNOWN_COMPAT
SYS_EXIT = record.TASK_EVENTS

# exec_steps: walks; what sends a new program's strings; and from FINISH on, by the call's number,
# what finishes an exec, if something else was told first.
WALK_ARGV, WALK_ENVP, TAKE_ARGV, TAKE_ENVP, FINISH = range(5)

# counters, offsets in its value.
COUNTERS = struct.Struct("<QQQQ")
LOST_TOTAL, UNTRACKED, TRACKED, PACED = 0, 8, 16, 24

LOSS = struct.Struct("<Q")

PLAIN = 2
"""In `selected`: a call that was asked for, and of which nothing is fetched."""

TRACK = "at_track"
"""The program that a session runs to have a task traced."""
TASK = struct.Struct("<IIQ")
"""What it is given: the task's tid and tgid, and its phase."""

SIGNAL, SIGNAL_LEFT_OUT = "at_signal", "at_signal_late"
"""The program of signals; and the one that steps in where the kernel has left it out."""

VARIANT_KEY = struct.Struct("<II")
"""A key of `variants`: the call's number, and the value of the argument that decides."""
CALL = struct.Struct("<IIIIII8x")
"""Of each call's number in `calls`: the bytes of `Chosen` at entry and at exit; where its two halves
are in the program arrays, the entry half 0 if an argument decides; then where that argument is in
pt_regs, and its mask."""
CALL_SIZES, CALL_ENTER, CALL_EXIT, CALL_SELECTOR, CALL_MASK = 0, 8, 12, 16, 20
CALL_SHIFT = 5

VARIANT = struct.Struct("<III")
"""A value: two sizes, for entry and exit; and the index of the collector."""
VARIANT_SIZES, VARIANT_INDEX = 0, 8
MAX_VARIANTS = 4096


@frozen
class Layout:
    """`record_space`, `exec_space`: bytes of the longest record in a slot of each kind.

    `room`: bytes of the largest copy. `items`, `payload`: the most items of any call, and where
    payload begins behind all of them. `execs`: how many at the same time.
    """

    items: int
    payload: int
    record_space: int
    exec_space: int
    ring_size: int
    room: int = 0
    execs: int = MAX_EXECS

    @property
    def slot(self) -> int:
        """Bytes of a task's slot."""
        return record.RECORD + _round_up(self.record_space)

    @property
    def place(self) -> int:
        """Bytes of a slot in `slots`: behind the longest record there is room for one copy more.

        It is never used: but a function that copies so many bytes to anywhere in the record
        is seen to stay within the slot (`functions.py`).
        """
        return self.slot + _round_up(self.room)

    @property
    def exec_slot(self) -> int:
        """Bytes of an exec's."""
        return record.RECORD + _round_up(self.exec_space)

    def maps(self) -> tuple[MapSpec, ...]:
        slot = self.slot
        array, programs = uapi.BPF_MAP_TYPE_ARRAY, uapi.BPF_MAP_TYPE_PROG_ARRAY
        return (
            MapSpec("slots", array, 4, self.place, SLOTS, a_cpu=1),
            MapSpec("tasks", uapi.BPF_MAP_TYPE_HASH, 4, slot, MAX_TASKS, uapi.BPF_F_NO_PREALLOC),
            MapSpec("enter_calls", programs, 4, 4, record.SHAPES + record.MAX_SHAPES),
            MapSpec("exit_calls", programs, 4, 4, record.SHAPES + record.MAX_SHAPES),
            MapSpec("variants", uapi.BPF_MAP_TYPE_HASH, VARIANT_KEY.size, VARIANT.size, MAX_VARIANTS),
            MapSpec("exec_steps", programs, 4, 4, FINISH + record.CALLS),
            MapSpec("execs", uapi.BPF_MAP_TYPE_HASH, 4, self.exec_slot, self.execs),
            MapSpec("blank", array, 4, slot, 1),
            MapSpec("blank_exec", array, 4, self.exec_slot, 1),
            MapSpec("calls", array, 4, CALL.size * record.CALLS, 1),
            MapSpec("selected", array, 4, record.INDEXES, 1),
            MapSpec("counters", array, 4, COUNTERS.size, 1, uapi.BPF_F_MMAPABLE),
            MapSpec("losses", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, LOSS.size, record.INDEXES),
            MapSpec("events", uapi.BPF_MAP_TYPE_RINGBUF, 0, 0, self.ring_size),
        )


def layout(plans: tuple[Plan, ...], ring_size: int) -> Layout:
    """`ring_size` in bytes: a power of two of at least a page."""
    # Room for the largest payload behind the most items: a call whose entry was
    # not seen starts behind all of them, whatever its own number (`dispatch.late`).
    # A walking call has a slot of both kinds; in the small one it holds items alone.
    items = max((plan.items for plan in plans), default=0)
    payload = max((plan.payload for plan in plans), default=record.ITEMS)
    ordinary = [plan.space - plan.payload for plan in plans if not plan.walks]
    walking = [plan.space for plan in plans if plan.walks]
    whole = any(isinstance(step, CopyStrings) and step.whole for plan in plans for step in plan.steps)
    return Layout(
        items,
        max(payload, record.payload_offset(items)),
        max(payload, record.payload_offset(items)) + max(ordinary, default=0),
        max(walking, default=record.ITEMS),
        ring_size,
        max((step.room for plan in plans if not plan.walks for step in plan.steps), default=0),
        MANY_EXECS if whole else MAX_EXECS,
    )


def _round_up(size: int) -> int:
    return -(-size // 8) * 8
