"""Who is traced, and where each has its slot: found at a cost that strangers hardly notice.

    slots   array   SLOTS places, then one for each CPU
    tasks   hash    tid → slot: who found the place taken

A task's place is its tid modulo SLOTS, and `owner` says whose it is, as tgid << 32 | tid. So
one look into an array, which the kernel does in line, and one comparison tell "mine"; and
"nobody's here" takes no more. Where two traced tasks have the same place, the first keeps it,
the other has its slot in the hash, and `crowd` counts those at the place that both share.

A pointer into the hash is another type to the verifier than one into the array: it would go
through all that follows once for each. So collectors, which are many, know arrays alone: a
task in the hash borrows the place of its CPU (`far`) from the beginning of a tracepoint to its
end. Nobody else comes in between: programs of system calls run with preemption disabled
(`context.py`). What it is to keep is copied to the hash
by `keep`, and back by `find_for_exit`.

    sys_enter ──> collector fills mine ───────> (keep: copies it to the hash)
    sys_exit  ──> (copied from the hash) ──> …

An array's values are not cleared when they go to the next task. Nobody relies on that: an
entry half writes all that it or an exit half reads, but `phase`, which is left idle.

Atomics with a result are of Linux 5.12; to run a program, which is how a session adds tasks,
is of 5.10.
"""

from __future__ import annotations

import errno

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.emit import (
    KEY,
    R0,
    R1,
    R2,
    R3,
    R4,
    R6,
    R7,
    R8,
    R9,
    R10,
    WORD,
    call_map,
    look_at_place,
    look_in_hash,
    tail_call,
)
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import KEEP, SLOTS, SYS_EXIT, TRACK, TRACKED, UNTRACKED, Layout
from argtrace.fetch.record import RECORD, Phase
from argtrace.kernel import uapi
from argtrace.location.frames import WORD as POINTER


def find_place(asm: Asm, missing: str) -> None:
    """r7 = the current task's place, or that of its CPU; for who is known to be traced. r9 = pid_tgid."""
    look_at_place(asm, missing)
    asm.jump("==", R1, R9, "mine")
    _borrow(asm, missing)
    asm.label("mine")


def find_for_exit(asm: Asm, layout: Layout, missing: str) -> None:
    """As `find_place`, with what the entry half has kept; or go to `missing`. Loses r8."""
    look_at_place(asm, missing)
    asm.jump("==", R1, R9, "mine")
    look_in_hash(asm, missing)
    asm.move(R8, R0)
    _borrow(asm, missing)
    asm.load(R2, R8, RECORD + record.SIZE, 4)
    asm.jump(">", R2, layout.record_space, missing)  # never, but the verifier cannot know
    asm.alu("+=", R2, RECORD - record.PHASE)
    asm.move(R1, R7)
    asm.alu("+=", R1, record.PHASE)
    asm.move(R3, R8)
    asm.alu("+=", R3, record.PHASE)
    asm.call("probe_read_kernel")
    asm.store(R8, record.PHASE, Phase.IDLE, 4)
    asm.label("mine")


def finish(asm: Asm, label: str) -> None:
    """The end of an entry half: what stands in a borrowed place is to be kept. `label`: behind it."""
    asm.load(R1, R7, record.FAR, 4)
    asm.jump("==", R1, 0, label)
    tail_call(asm, "exit_calls", KEEP)
    asm.label(label)


def finish_here(asm: Asm, layout: Layout, label: str) -> None:
    """The same without a tail call, where functions are called: kernels before 5.10 have not both."""
    asm.load(R1, R7, record.FAR, 4)
    asm.jump("==", R1, 0, label)
    asm.load(R9, R7, RECORD + record.TID)
    _keep_record(asm, layout, label)
    asm.label(label)


def keep(layout: Layout) -> Program:
    """Copy a borrowed place to the hash; and to sys_exit again, if `late` asked for it."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    _keep_record(asm, layout, "none")
    asm.load(R1, R7, RECORD + record.FLAGS, 2)
    asm.alu("&=", R1, record.Flag.LATE)
    asm.jump("==", R1, 0, "none")
    tail_call(asm, "exit_calls", SYS_EXIT)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_keep")


def _keep_record(asm: Asm, layout: Layout, missing: str) -> None:
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    asm.jump(">", R8, layout.record_space, missing)  # never, but the verifier cannot know
    asm.alu("+=", R8, RECORD - record.PHASE)
    keep_bytes(asm, R8, missing)


def keep_bytes(asm: Asm, size: Reg | int, missing: str) -> None:
    """Copy so many bytes, from the phase on, from the place r7 to the hash. r9 is pid_tgid."""
    asm.store(R10, KEY, R9, 4)
    call_map(asm, "map_lookup_elem", "tasks")
    asm.jump("==", R0, 0, missing)
    asm.move(R1, R0)
    asm.alu("+=", R1, record.PHASE)
    asm.move(R2, size)
    asm.move(R3, R7)
    asm.alu("+=", R3, record.PHASE)
    asm.call("probe_read_kernel")


def admit(asm: Asm, id_at: int, done: str, phase: Phase = Phase.NEWBORN) -> None:
    """The task whose id is there on the stack is traced from now on, if it is not already.

    It makes no call of its own just now. Where it has no room it is counted; all ways go to `done`.
    """
    _claim(asm, id_at, "claimed", "claimed_before", "taken")
    asm.label("claimed")
    asm.store(R1, record.PHASE, phase, 4)
    _count(asm, TRACKED, 1)
    asm.goto(done)
    asm.label("claimed_before")
    asm.store(R1, record.PHASE, phase, 4)
    asm.goto(done)
    asm.label("taken")
    asm.load_map_value(R3, "blank")
    _add_to_hash(asm, id_at, uapi.BPF_NOEXIST)
    asm.jump("==", R0, 0, "added")
    asm.jump("==", R0, -errno.EEXIST, done)
    _count(asm, UNTRACKED, 1)
    asm.goto(done)
    asm.label("added")
    if phase is Phase.ATTACHED:  # a blank slot has another
        call_map(asm, "map_lookup_elem", "tasks")
        asm.jump("==", R0, 0, "in_hash")
        asm.store(R0, record.PHASE, phase, 4)
        asm.label("in_hash")
    _count(asm, TRACKED, 1)
    asm.label(done)


def dismiss(asm: Asm, id_at: int, label: str) -> None:
    """The task whose id is there is traced no more."""
    _place(asm, id_at, f"{label}_hash")
    asm.load(R2, R10, id_at)
    asm.load(R3, R1, record.OWNER)
    asm.jump("!=", R3, R2, f"{label}_hash")
    asm.store(R1, record.PHASE, Phase.IDLE, 4)
    asm.move(R0, R2)
    asm.move(R2, 0)
    asm.compare_exchange(R1, record.OWNER, R2)  # ordered behind what was stored before
    asm.goto(f"{label}_left")
    asm.label(f"{label}_hash")
    asm.load(R1, R10, id_at, 4)
    asm.store(R10, KEY, R1, 4)
    call_map(asm, "map_delete_elem", "tasks")
    asm.jump("!=", R0, 0, label)
    _place(asm, id_at, f"{label}_left")
    asm.move(R2, -1)
    asm.atomic_add(R1, record.CROWD, R2)
    asm.label(f"{label}_left")
    _count(asm, TRACKED, -1)
    asm.label(label)


def track() -> Program:
    """Run by a session with two words, an id and a phase: to trace a task; with the phase IDLE, to
    trace one no more that has ended. One that its parent's fork has added keeps what it is doing."""
    asm = Asm()
    asm.move(R6, R1)
    asm.load(R1, R6, 0)
    asm.store(R10, WORD, R1)
    asm.load(R9, R6, POINTER)
    asm.jump("==", R9, Phase.IDLE, "forget")
    _claim(asm, WORD, "claimed", "none", "taken")
    asm.label("claimed")
    # It may be running: what it has begun meanwhile counts.
    asm.move(R0, Phase.IDLE)
    asm.compare_exchange(R1, record.PHASE, R9, 4)
    asm.goto("counted")
    asm.label("taken")
    asm.load_map_value(R3, "blank")
    _add_to_hash(asm, WORD, uapi.BPF_NOEXIST)
    asm.jump("==", R0, -errno.EEXIST, "none")
    asm.jump("!=", R0, 0, "full")
    call_map(asm, "map_lookup_elem", "tasks")
    asm.jump("==", R0, 0, "counted")
    asm.move(R1, R0)
    asm.move(R0, Phase.NEWBORN)
    asm.compare_exchange(R1, record.PHASE, R9, 4)
    asm.label("counted")
    _count(asm, TRACKED, 1)
    asm.label("none")
    asm.exit()
    asm.label("full")
    asm.exit(errno.E2BIG)
    asm.label("forget")
    dismiss(asm, WORD, "forgotten")
    asm.exit()
    return asm.assemble(TRACK)


def find(asm: Asm, id_at: int, missing: str) -> None:
    """r7 = the slot of the task whose id is there, wherever it is; or go to `missing`."""
    _place(asm, id_at, missing)
    asm.move(R7, R1)
    asm.load(R1, R7, record.OWNER)
    asm.load(R2, R10, id_at)
    asm.jump("==", R1, R2, "found")
    asm.load(R1, R7, record.CROWD)
    asm.jump("==", R1, 0, missing)
    asm.load(R1, R10, id_at, 4)
    asm.store(R10, KEY, R1, 4)
    call_map(asm, "map_lookup_elem", "tasks")
    asm.jump("==", R0, 0, missing)
    asm.move(R7, R0)
    asm.label("found")


def move(asm: Asm, layout: Layout, id_at: int, to: int, label: str) -> None:
    """The slot r7, of the task whose id is at `id_at`, is that of the id at `to` from now on."""
    _claim(asm, to, "to_claimed", "to_claimed_before", "to_taken")
    asm.label("to_claimed_before")
    _count(asm, TRACKED, -1)
    _place(asm, to, label)
    asm.label("to_claimed")
    asm.alu("+=", R1, record.PHASE)
    asm.move(R2, layout.slot - record.PHASE)
    asm.move(R3, R7)
    asm.alu("+=", R3, record.PHASE)
    asm.call("probe_read_kernel")
    asm.goto("moved")
    asm.label("to_taken")
    asm.move(R3, R7)
    _add_to_hash(asm, to, uapi.BPF_NOEXIST)
    asm.jump("==", R0, 0, "moved")
    asm.jump("==", R0, -errno.EEXIST, "to_there")
    _count(asm, UNTRACKED, 1)
    _count(asm, TRACKED, -1)
    asm.goto("moved")
    asm.label("to_there")  # chosen by its new name, which it has had since a moment ago
    asm.move(R3, R7)
    _add_to_hash(asm, to, uapi.BPF_ANY)
    _count(asm, TRACKED, -1)
    _place(asm, to, "moved")
    asm.move(R2, -1)
    asm.atomic_add(R1, record.CROWD, R2)
    asm.label("moved")
    _count(asm, TRACKED, 1)  # which leaving the old place takes off
    dismiss(asm, id_at, label)


def _borrow(asm: Asm, missing: str) -> None:
    """r7 = the place of this CPU."""
    asm.call("get_smp_processor_id")
    asm.alu("+=", R0, SLOTS)
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_lookup_elem", "slots")
    asm.jump("==", R0, 0, missing)
    asm.move(R7, R0)
    asm.store(R7, record.FAR, 1, 4)


def _place(asm: Asm, id_at: int, missing: str) -> None:
    """r1 = the place of the id."""
    asm.load(R1, R10, id_at)
    asm.alu("&=", R1, SLOTS - 1)
    asm.store(R10, KEY, R1, 4)
    call_map(asm, "map_lookup_elem", "slots")
    asm.jump("==", R0, 0, missing)
    asm.move(R1, R0)


def _claim(asm: Asm, id_at: int, claimed: str, before: str, taken: str) -> None:
    """Take the place of the id, r1, if it is nobody's. One that is another's gets a crowd."""
    _place(asm, id_at, taken)
    asm.load(R2, R10, id_at)
    asm.move(R0, 0)
    asm.compare_exchange(R1, record.OWNER, R2)
    asm.jump("==", R0, 0, claimed)
    asm.jump("==", R0, R2, before)
    # Before it is in the hash: who sees a crowd of none does not look there.
    asm.move(R2, 1)
    asm.atomic_add(R1, record.CROWD, R2)
    asm.goto(taken)


def _add_to_hash(asm: Asm, id_at: int, flags: int) -> None:
    """r3 is the slot to copy; r0 = 0 or a negative errno."""
    asm.load(R1, R10, id_at, 4)
    asm.store(R10, KEY, R1, 4)
    asm.move(R4, flags)
    call_map(asm, "map_update_elem", "tasks")


def _count(asm: Asm, counter: int, by: int) -> None:
    asm.load_map_value(R1, "counters")
    asm.move(R2, by)
    asm.atomic_add(R1, counter, R2)
