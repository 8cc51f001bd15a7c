"""The programs of one kind of call: its entry half and its exit half.

The entry half fills the task's slot; the exit half reads again what could not be
read at entry (its page was not there; by now the kernel has touched it) and
sends the record. Both are straight lines: what differs between calls is decided
here, when they are generated, and not by a loop in the kernel.

Not here: how a call gets to its collector is `dispatch.py`; execs, whose arrays
must be walked, are `execs.py`.
"""

from __future__ import annotations

import errno

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.emit import (
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    S32_MAX,
    copy_string,
    find_current,
    item_offset,
    retry_string,
    send_slot,
    try_string,
)
from argtrace.fetch.layout import Layout
from argtrace.fetch.plan import CopyString, Plan
from argtrace.fetch.record import RECORD
from argtrace.location.frames import COMPAT_IMAGE, IMAGE_SIZE, Frame, pt_regs_offset

CONTEXT_REGS, CONTEXT_NUMBER = 0, 8
"""A raw tracepoint's context is its arguments, a word each: sys_enter(regs, id)."""


def enter(plan: Plan, layout: Layout, frame: Frame, name: str) -> Program:
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    begin(asm, plan.items, frame, flags=0 if plan.returns else record.Flag.NO_RESULT)
    strings = [step for step in plan.steps if isinstance(step, CopyString)]
    if strings:
        asm.move(R8, record.payload_offset(plan.items))
    for step in strings:
        try_string(asm, step, f"string{step.item}")
    if strings:
        asm.store(R7, RECORD + record.SIZE, R8, 4)
    if not plan.returns:
        asm.store(R7, record.PHASE, record.Phase.IDLE, 2)
        asm.load(R1, R7, RECORD + record.START)
        asm.store(R7, RECORD + record.TIME, R1)
        send_slot(asm, layout.record_space, "sent")
    asm.label("none")
    asm.exit()
    for step in strings:
        retry_string(asm, f"string{step.item}")
    return asm.assemble(name)


def exit(plan: Plan, layout: Layout, name: str) -> Program:
    """Reads again each string that failed at entry, then sends."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    strings = [step for step in plan.steps if isinstance(step, CopyString)]
    for step in strings:
        label = f"string{step.item}"
        asm.load(R1, R7, item_offset(step.item) + 4, 4)
        asm.jump("<=", R1, S32_MAX, f"{label}_present")
        asm.load(R8, R7, RECORD + record.SIZE, 4)
        asm.jump(">", R8, layout.record_space - step.space, f"{label}_present")
        copy_string(asm, step, f"{label}_present")
        asm.store(R7, RECORD + record.SIZE, R8, 4)
        asm.label(f"{label}_present")
    send_slot(asm, layout.record_space, "none")
    asm.exit()
    return asm.assemble(name)


def ignore() -> Program:
    """A call that is known, and of which nothing is wanted."""
    asm = Asm()
    asm.exit()
    return asm.assemble("at_enter_ignore")


def unknown(frame: Frame) -> Program:
    """A number that no table has: six words, whatever they mean."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    begin(asm, 0, frame, flags=0)
    asm.store(R7, record.INDEX, record.UNKNOWN, 4)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_enter_unk")


def compat() -> Program:
    """A 32-bit call on x86-64: its six registers, which are not those of 64-bit calls."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    header(asm, 0, flags=record.Flag.COMPAT)
    asm.load(R1, R6, CONTEXT_NUMBER)
    asm.alu("+=", R1, record.COMPAT_BASE)
    asm.jump("<", R1, record.COMPAT_BASE + record.CALLS, "known")
    asm.move(R1, record.UNKNOWN_COMPAT)
    asm.label("known")
    asm.store(R7, record.INDEX, R1, 4)
    copy_compat_image(asm)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_enter_i386")


def begin(asm: Asm, items: int, frame: Frame, flags: int) -> None:
    """The slot's header, with the image of a 64-bit call's registers. Loses r9."""
    header(asm, items, flags)
    asm.load(R1, R6, CONTEXT_NUMBER)
    asm.store(R7, record.INDEX, R1, 4)
    copy_image(asm, frame)


def header(asm: Asm, items: int, flags: int) -> None:
    """Everything before the image, from the context of sys_enter. r9 is pid_tgid."""
    asm.call("ktime_get_ns")
    asm.store(R7, RECORD + record.START, R0)
    asm.store(R7, RECORD + record.TID, R9)  # tid below, tgid above: both at once
    asm.load(R1, R6, CONTEXT_NUMBER)
    asm.store(R7, RECORD + record.NUMBER, R1, 4)
    asm.store(R7, RECORD + record.KIND, record.Kind.CALL | flags << 16, 4)
    asm.store(R7, record.PHASE, record.Phase.PENDING, 4)  # and nothing missing yet
    asm.store(R7, RECORD + record.SIZE, record.payload_offset(items), 4)


def copy_image(asm: Asm, frame: Frame) -> None:
    asm.load(R3, R6, CONTEXT_REGS)
    asm.alu("+=", R3, frame.start)
    asm.move(R2, IMAGE_SIZE)
    asm.move(R1, R7)
    asm.alu("+=", R1, RECORD + record.IMAGE)
    asm.call("probe_read_kernel")


def copy_compat_image(asm: Asm) -> None:
    """The six registers of a 32-bit call, which do not lie side by side."""
    for register, offset in COMPAT_IMAGE.items():
        asm.load(R3, R6, CONTEXT_REGS)
        asm.alu("+=", R3, pt_regs_offset(register))
        asm.move(R2, 8)
        asm.move(R1, R7)
        asm.alu("+=", R1, RECORD + record.IMAGE + offset)
        asm.call("probe_read_kernel")


def mark_unread(asm: Asm, items: int, code: int = errno.EFAULT) -> None:
    """Each item says that it could not be read, until somebody reads it."""
    for item in range(items):
        asm.store(R7, item_offset(item), 0, 4)
        asm.store(R7, item_offset(item) + 4, -code, 4)
