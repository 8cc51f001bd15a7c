"""The maps that the programs share, and how large each is.

    tasks         hash: tid → slot           who is traced, and its call in the making
    enter_calls   program array, by index    the collector of a call's entry
    exit_calls    program array, by index    what is still to do at its exit
    exec_steps    program array              the stages of walking argv and envp
    variants      hash: call, value → index  which collector, where an argument decides (fcntl's cmd)
    execs         hash: tid → slot           an exec in the making, far larger than other calls
    blank, blank_exec   one entry            what a new slot is copied from
    sizes         one entry: a pair a call   the sizes of structures that calls of one shape differ in
    selected      one entry: a u8 an index   which calls were asked for
    counters      one entry                  losses and tasks we had no room for
    losses        per-CPU array: index → u64 records that found the ring full
    events        ring buffer

A slot's size is that of the longest record among the selected calls, so a trace
of calls without strings takes 136 bytes a task.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from argtrace.fetch import record
from argtrace.fetch.plan import Plan
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec

MAX_TASKS = 32768
"""Tasks traced at the same time. Slots are allocated as tasks come (BPF_F_NO_PREALLOC)."""

MAX_EXECS = 64
"""Execs under way at the same time, each with its arguments held until it returns."""

ONE = bytes(4)
"""The key of a map of one entry."""

# exec_steps.
WALK_ARGV, WALK_ENVP = range(2)

# counters, offsets in its value.
COUNTERS = struct.Struct("<QQ")
LOST_TOTAL, UNTRACKED = 0, 8

LOSS = struct.Struct("<Q")

VARIANT_KEY = struct.Struct("<II")
"""A key of `variants`: the call's number, and the value of the argument that decides."""
SIZES = struct.Struct("<II")
"""Of each call's number in `sizes`: the bytes of `Chosen` at entry and at exit."""

VARIANT = struct.Struct("<III")
"""A value: two sizes, for entry and exit; and the index of the collector."""
VARIANT_SIZES, VARIANT_INDEX = 0, 8
MAX_VARIANTS = 4096


@dataclass(frozen=True, slots=True)
class Layout:
    """`record_space`, `exec_space`: bytes of the longest record in a slot of each kind.

    `items`, `payload`: the most items of any call, and where payload begins behind all of them.
    """

    items: int
    payload: int
    record_space: int
    exec_space: int
    ring_size: int

    def maps(self) -> tuple[MapSpec, ...]:
        slot = record.RECORD + _round_up(self.record_space)
        exec_slot = record.RECORD + _round_up(self.exec_space)
        array, programs = uapi.BPF_MAP_TYPE_ARRAY, uapi.BPF_MAP_TYPE_PROG_ARRAY
        return (
            MapSpec("tasks", uapi.BPF_MAP_TYPE_HASH, 4, slot, MAX_TASKS, uapi.BPF_F_NO_PREALLOC),
            MapSpec("enter_calls", programs, 4, 4, record.SHAPES + record.MAX_SHAPES),
            MapSpec("exit_calls", programs, 4, 4, record.SHAPES + record.MAX_SHAPES),
            MapSpec("variants", uapi.BPF_MAP_TYPE_HASH, VARIANT_KEY.size, VARIANT.size, MAX_VARIANTS),
            MapSpec("exec_steps", programs, 4, 4, 2),
            MapSpec("execs", uapi.BPF_MAP_TYPE_HASH, 4, exec_slot, MAX_EXECS),
            MapSpec("blank", array, 4, slot, 1),
            MapSpec("blank_exec", array, 4, exec_slot, 1),
            MapSpec("sizes", array, 4, SIZES.size * record.CALLS, 1),
            MapSpec("selected", array, 4, record.INDEXES, 1),
            MapSpec("counters", array, 4, COUNTERS.size, 1),
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
    return Layout(
        items,
        max(payload, record.payload_offset(items)),
        max(payload, record.payload_offset(items)) + max(ordinary, default=0),
        max(walking, default=record.ITEMS),
        ring_size,
    )


def _round_up(size: int) -> int:
    return -(-size // 8) * 8
