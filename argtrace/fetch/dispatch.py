"""The two programs on sys_enter and sys_exit: from any system call to its collector.

Both ask first whether the task is ours, which for others is all they do. sys_enter jumps by
the call's number; a call that was not asked for has no program there, so the jump falls
through and nothing more is done. sys_exit stops where nothing is pending; else it notes
result and time, applies the filters, and sends, or jumps to the call's exit half if something
is still to be read.

Source: include/trace/events/syscalls.h: sys_enter(struct pt_regs *regs, long id),
sys_exit(struct pt_regs *regs, long ret).
"""

from __future__ import annotations

from argtrace.fetch import gate as gates
from argtrace.fetch import pace, record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.choice import OPEN, Gate
from argtrace.fetch.collectors import (
    copy_compat_image,
    copy_image,
    header,
    kind,
    load_sizes,
    mark,
    restore_first,
)
from argtrace.fetch.context import Context, load_regs
from argtrace.fetch.emit import (
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    R10,
    WORD,
    look_at_place,
    look_in_hash,
    send_slot,
    tail_call,
)
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import LATE, PLAIN, SYS_EXIT, Layout
from argtrace.fetch.predicates import reject
from argtrace.fetch.record import RECORD, Phase, Rest
from argtrace.fetch.slots import find_for_exit, find_place, finish
from argtrace.location.frames import Frame


def sys_enter(
    fields: Fields,
    frame: Frame,
    context: Context,
    gate: Gate = OPEN,
    *,
    unknown: bool,
    name: str = "at_sys_enter",
) -> Program:
    """`unknown`: whether a call that no table has is wanted too.

    A call of which nothing is fetched needs no collector: it is noted here. Without a gate this is also
    what goes on with a call whose task has waited (`pace.py`).
    """
    asm = Asm()
    asm.move(R6, R1)
    look_at_place(asm, "none")
    asm.jump("==", R1, R9, "mine")
    look_in_hash(asm, "none")
    if gate.any:
        asm.store(R10, WORD, R0)
    asm.load(R8, R6, context.number)
    gates.enter(asm, gate, fields, "far_shut", "far_let_in")
    asm.move(R2, 1)
    asm.goto("wanted")

    asm.label("mine")
    asm.load(R8, R6, context.number)
    gates.enter(asm, gate, fields, "shut", "let_in")
    asm.move(R2, 1)
    asm.jump(">=", R8, record.CALLS, "wanted")
    asm.load_map_value(R1, "selected")
    asm.alu("+=", R1, R8)
    asm.load(R2, R1, 0, 1)
    asm.jump("!=", R2, 0, "wanted")
    asm.load(R2, R1, record.COMPAT_BASE, 1)
    asm.jump("==", R2, 0, "none")
    asm.label("wanted")
    if gate.paced:
        asm.store(R10, WORD, R2)
        pace.wait(asm, "in_time")
        asm.load(R2, R10, WORD)
    asm.jump("==", R2, PLAIN, "plain")
    asm.label("dispatch")
    asm.call("get_current_task_btf")
    asm.load(R7, R0, fields.task_status, 4)
    asm.alu("&=", R7, fields.compat)
    asm.move(R3, R8)
    asm.jump(">=", R3, record.CALLS, "unknown")
    asm.jump("==", R7, 0, "go")
    asm.alu("+=", R3, record.COMPAT_BASE)
    asm.label("go")
    tail_call(asm, "enter_calls")
    asm.label("unknown")
    if unknown:
        asm.move(R3, record.UNKNOWN)
        asm.jump("==", R7, 0, "go_unknown")
        asm.move(R3, record.UNKNOWN_COMPAT)
        asm.label("go_unknown")
        tail_call(asm, "enter_calls")
    asm.label("none")
    asm.exit()

    asm.label("plain")
    asm.call("get_current_task_btf")
    asm.load(R1, R0, fields.task_status, 4)
    asm.alu("&=", R1, fields.compat)
    asm.jump("!=", R1, 0, "dispatch")
    header(asm, context)
    kind(asm, record.payload_offset(0), flags=0)
    asm.store(R7, record.INDEX, R8, 4)
    copy_image(asm, frame, context)
    asm.exit()
    if gate.any:
        asm.label("far_shut")
        asm.load(R7, R10, WORD)
        asm.label("shut")
        gates.pass_over(asm)
        asm.exit()
    return asm.assemble(name)


def sys_exit(filters: Filters, fields: Fields, layout: Layout, context: Context) -> Program:
    asm = Asm()
    asm.move(R6, R1)
    find_for_exit(asm, layout, "none")
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.PENDING, "not_pending")
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.call("ktime_get_ns")
    asm.store(R7, RECORD + record.TIME, R0)
    asm.load(R9, R6, context.result)
    asm.load(R1, R7, RECORD + record.FLAGS, 2)
    asm.alu("&=", R1, record.Flag.COMPAT)
    asm.jump("==", R1, 0, "result")
    asm.alu("<<=", R9, 32)  # a 32-bit result: its sign is bit 31
    asm.alu("s>>=", R9, 32)
    asm.label("result")
    asm.store(R7, RECORD + record.RESULT, R9)
    reject(asm, filters, "none")
    asm.load(R1, R7, record.REST, 2)
    asm.jump("==", R1, 0, "send")
    asm.load(R3, R7, record.HALF, 4)
    tail_call(asm, "exit_calls")
    asm.label("send")
    send_slot(asm, layout.record_space, "none")
    asm.exit()

    asm.label("not_pending")
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.jump("==", R1, Phase.NEWBORN, "none")
    asm.jump("==", R1, Phase.ATTACHED, "late")
    # Idle: the entry was not asked for, or seccomp refused the call before it.
    if fields.task_seccomp_mode is None:
        asm.goto("none")
    else:
        asm.call("get_current_task_btf")
        asm.load(R1, R0, fields.task_seccomp_mode, 4)
        asm.jump("==", R1, 0, "none")
    asm.label("late")
    tail_call(asm, "exit_calls", LATE)
    asm.exit()
    return asm.assemble("at_sys_exit")


def late(fields: Fields, frame: Frame, layout: Layout, context: Context, gate: Gate = OPEN) -> Program:
    """A call whose entry nobody saw: attached in the middle, or refused by seccomp.

    Linux 6.18 kernel/entry/common.c, syscall_trace_enter(): seccomp is asked
    before the tracepoint, so a call it refuses has an exit and no entry. The
    registers still hold the arguments. Fills the slot as an entry half would, nothing
    read yet, and goes back to sys_exit, which now finds a call pending.
    """
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    gates.late(asm, gate, "none")
    load_regs(asm, context, R3)
    asm.alu("+=", R3, frame.number)
    asm.move(R2, frame.number_size)
    asm.move(R1, R10)
    asm.alu("+=", R1, WORD)
    asm.call("probe_read_kernel")
    asm.load(R1, R10, WORD, frame.number_size)
    asm.store(R7, RECORD + record.NUMBER, R1, 4)
    asm.jump(">=", R1, record.CALLS, "none")  # -1: rt_sigreturn's exit
    asm.store(R7, RECORD + record.TID, R9)
    asm.move(R9, R1)
    asm.call("get_current_task_btf")
    asm.load(R1, R0, fields.task_status, 4)
    asm.alu("&=", R1, fields.compat)
    asm.jump("!=", R1, 0, "compat")
    load_sizes(asm, R9)
    _if_selected(asm)
    copy_image(asm, frame, context)
    restore_first(asm, frame, context)
    asm.store(R7, RECORD + record.KIND, record.Kind.CALL | record.Flag.LATE << 16, 4)
    asm.label("pend")
    asm.move(R1, 0)
    asm.store(R7, RECORD + record.START, R1)
    asm.store(R7, record.INDEX, R9, 4)
    asm.store(R7, record.HALF, R9, 4)
    asm.store(R7, RECORD + record.SIZE, layout.payload, 4)
    mark(asm, layout.items, record.SKIPPED)
    asm.store(R7, record.PHASE, Phase.PENDING | (Rest.RETRY | Rest.OUTPUT) << 16, 4)
    finish(asm, "own")  # from where it goes on to sys_exit too
    tail_call(asm, "exit_calls", SYS_EXIT)
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.label("none")
    asm.exit()

    asm.label("compat")
    asm.alu("+=", R9, record.COMPAT_BASE)
    _if_selected(asm)
    copy_compat_image(asm, frame, context)
    restore_first(asm, frame, context)
    flags = record.Flag.LATE | record.Flag.COMPAT
    asm.store(R7, RECORD + record.KIND, record.Kind.CALL | flags << 16, 4)
    asm.goto("pend")
    return asm.assemble("at_exit_late")


def _if_selected(asm: Asm) -> None:
    """Go on if the call with index r9 was asked for."""
    asm.load_map_value(R1, "selected")
    asm.alu("+=", R1, R9)
    asm.load(R1, R1, 0, 1)
    asm.jump("==", R1, 0, "none")
