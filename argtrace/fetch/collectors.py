"""The programs of one kind of call: its entry half and its exit half.

The entry half fills the task's slot; the exit half reads again what could not be
read at entry (its page was not there; by now the kernel has touched it), reads what
the call has given, and sends the record. Both are straight lines: what differs between
calls is decided here, when they are generated, and not by a loop in the kernel.

Not here: how a call gets to its collector is `dispatch.py`; execs, whose arrays
must be walked, are `execs.py`.
"""

from __future__ import annotations

import errno
import itertools

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.copies import Copier, Copy
from argtrace.fetch.emit import (
    END,
    R0,
    R1,
    R2,
    R3,
    R6,
    R7,
    R8,
    R9,
    R10,
    S32_MAX,
    WORD,
    find_current,
    item_offset,
    send_slot,
    tail_call,
)
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import VARIANT_INDEX, VARIANT_SIZES, Layout
from argtrace.fetch.plan import CopyBlock, CopyStrings, Plan, Plans, Step
from argtrace.fetch.record import RECORD, Rest
from argtrace.location.frames import COMPAT_IMAGE, IMAGE_SIZE, Frame, pt_regs_offset
from argtrace.signature.meaning import On

# EINTR; ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND and ERESTART_RESTARTBLOCK, which become it
# or start the call again (include/linux/errno.h).
INTERRUPTED = (errno.EINTR, 512, 513, 514, 516)

CONTEXT_REGS, CONTEXT_NUMBER = 0, 8
"""A raw tracepoint's context is its arguments, a word each: sys_enter(regs, id)."""


def enter(plan: Plan, half: int, layout: Layout, frame: Frame, name: str) -> Program:
    """`half`: where in exit_calls the exit half is; it runs if something is left to do."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    begin(asm, plan, frame, flags=0 if plan.returns else record.Flag.NO_RESULT)
    if any(plan.sizes) and not plan.by_choice:
        asm.load(R1, R6, CONTEXT_NUMBER)
        asm.jump(">=", R1, record.CALLS, "none")  # never, but the verifier cannot know
        load_sizes(asm, R1)
    if plan.steps:
        asm.store(R7, record.HALF, half, 4)
        asm.store(R7, record.REST, Rest.OUTPUT if plan.exit else 0, 2)
    copier = Copier(asm, plan.items, retries=True)
    copier.skip(plan.steps)
    copies = _copies(plan.entry)
    if copies:
        asm.move(R8, plan.payload)
    for step in copies:
        copier.copy(step, f"item{step.item}")
        asm.label(f"item{step.item}")
    if copies:
        asm.store(R7, RECORD + record.SIZE, R8, 4)
    if not plan.returns:
        asm.store(R7, record.PHASE, record.Phase.IDLE, 2)
        asm.load(R1, R7, RECORD + record.START)
        asm.store(R7, RECORD + record.TIME, R1)
        send_slot(asm, layout.record_space, "sent")
    asm.label("none")
    asm.exit()
    copier.aside()
    return asm.assemble(name)


def exit(plan: Plan, layout: Layout, name: str) -> Program:
    """Reads again what failed at entry, then what the call has given, and sends."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    copier = Copier(asm, plan.items, retries=False)
    again, outputs = _copies(plan.entry), _copies(plan.exit)
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    # That there is room where something is still to be read, the verifier must see. What it
    # knows from here on is the same where nothing was read, so it follows one way of the two.
    asm.jump(">", R8, layout.record_space, "full")
    if again:
        asm.load(R1, R7, record.REST, 2)
        asm.alu("&=", R1, Rest.RETRY)
        asm.jump("==", R1, 0, "read")
    for step in again:
        done = f"item{step.item}"
        asm.load(R1, R7, item_offset(step.item) + 4, 4)
        asm.jump("<=", R1, S32_MAX, done)
        most = layout.record_space - step.space
        if isinstance(step, CopyBlock) and step.fixed is None:
            _in_its_place(asm, copier, step, most)
            continue
        asm.jump(">", R8, most, done)
        copier.copy(step, done)
        asm.label(done)
    asm.label("read")
    asm.jump(">", R8, layout.record_space - sum(step.space for step in outputs), "full")
    for on, steps in itertools.groupby(outputs, key=lambda step: step.on):
        _unless(asm, on, f"no_{on}")
        for step in steps:
            copier.copy(step, f"item{step.item}")
            asm.label(f"item{step.item}")
        asm.label(f"no_{on}")
    asm.store(R7, RECORD + record.SIZE, R8, 4)
    asm.label("full")
    send_slot(asm, layout.record_space, "none")
    asm.exit()
    copier.aside()
    return asm.assemble(name)


def _in_its_place(asm: Asm, copier: Copier, step: CopyBlock, most: int) -> None:
    """Read a block again where its entry half has left room for it; at the end, where it has not."""
    copied, done = f"item{step.item}_copied", f"item{step.item}"
    asm.store(R10, END, R8)
    asm.load(R1, R7, item_offset(step.item), 4)
    copier.at_most(R1, R8, done)  # beyond the end: nobody came so far
    asm.move(R8, R1)
    asm.jump(">", R8, most, copied)
    copier.copy(step, copied)
    asm.label(copied)
    asm.load(R1, R10, END)
    copier.at_least(R8, R1, done)
    asm.label(done)


def choose(plans: Plans, default: int, frame: Frame) -> Program:
    """One of several entry halves, by the argument that decides what the others are.

    `default`: index of the one for all values that have none of their own.
    """
    assert plans.selector is not None
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R3, R6, CONTEXT_REGS)
    asm.alu("+=", R3, frame.start + plans.selector.spot.at)
    asm.move(R2, 8)
    asm.move(R1, R10)
    asm.alu("+=", R1, WORD)
    asm.call("probe_read_kernel")
    asm.load(R1, R10, WORD)
    # An immediate is extended by its sign, and only the low half is stored.
    asm.alu("&=", R1, plans.mask if plans.mask <= S32_MAX else plans.mask - (1 << 32))
    asm.store(R10, WORD + 4, R1, 4)  # the key: number, value
    asm.store(R10, WORD, plans.number, 4)
    asm.load_map(R1, "variants")
    asm.move(R2, R10)
    asm.alu("+=", R2, WORD)
    asm.call("map_lookup_elem")
    asm.move(R3, default)
    asm.jump("==", R0, 0, "chosen")
    asm.load(R3, R0, VARIANT_INDEX, 4)
    asm.load(R1, R0, VARIANT_SIZES)
    asm.store(R7, record.SIZES, R1)
    asm.label("chosen")
    tail_call(asm, "enter_calls")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_choose_" + str(plans.number))


def _copies(steps: tuple[Step, ...]) -> list[Copy]:
    return [step for step in steps if not isinstance(step, CopyStrings)]


def _unless(asm: Asm, on: On | None, label: str) -> None:
    """Go to `label` where the call's result is not one after which the outputs are there."""
    if on is On.ALWAYS:
        return
    asm.load(R1, R7, RECORD + record.RESULT)
    if on is On.SUCCESS:
        asm.jump("s<", R1, 0, label)
        return
    if on is On.POSITIVE:
        asm.jump("s<=", R1, 0, label)
        return
    for code in INTERRUPTED:
        asm.jump("==", R1, -code, f"{label}_is")
    asm.goto(label)
    asm.label(f"{label}_is")


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
    header(asm, record.payload_offset(0), flags=0)
    copy_image(asm, frame)
    asm.store(R7, record.INDEX, record.UNKNOWN, 4)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_enter_unk")


def compat() -> Program:
    """A 32-bit call on x86-64: its six registers, which are not those of 64-bit calls."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    header(asm, record.payload_offset(0), flags=record.Flag.COMPAT)
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


def begin(asm: Asm, plan: Plan, frame: Frame, flags: int) -> None:
    """The slot's header, with the image of a 64-bit call's registers. Loses r9."""
    header(asm, plan.payload, flags)
    asm.load(R1, R6, CONTEXT_NUMBER)
    asm.store(R7, record.INDEX, R1, 4)
    copy_image(asm, frame)


def header(asm: Asm, size: int, flags: int) -> None:
    """Everything before the image, from the context of sys_enter. r9 is pid_tgid."""
    asm.call("ktime_get_ns")
    asm.store(R7, RECORD + record.START, R0)
    asm.store(R7, RECORD + record.TID, R9)  # tid below, tgid above: both at once
    asm.load(R1, R6, CONTEXT_NUMBER)
    asm.store(R7, RECORD + record.NUMBER, R1, 4)
    asm.store(R7, RECORD + record.KIND, record.Kind.CALL | flags << 16, 4)
    asm.store(R7, record.PHASE, record.Phase.PENDING, 4)  # and nothing left to do
    asm.store(R7, RECORD + record.SIZE, size, 4)


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


def load_sizes(asm: Asm, number: Reg) -> None:
    """The slot's sizes are those of this call: a register with a number below CALLS."""
    asm.load_map_value(R2, "sizes")
    asm.move(R3, number)
    asm.alu("<<=", R3, 3)
    asm.alu("+=", R2, R3)
    asm.load(R3, R2, 0)
    asm.store(R7, record.SIZES, R3)


def mark(asm: Asm, items: int, size: int) -> None:
    """Each item says this, SKIPPED or a negative errno, until somebody reads it."""
    for item in range(items):
        asm.store(R7, item_offset(item), size)  # its sign fills the upper half, which is the size
        if size != record.SKIPPED:
            asm.store(R7, item_offset(item) + 4, size, 4)
