"""The programs of kinds of calls: entry halves and exit halves.

The entry half fills the task's slot; the exit half reads again what could not be
read at entry (its page was not there; by now the kernel has touched it), reads what
the call has given, and sends the record. Both are straight lines: what differs between
calls is decided here, when they are generated, and not by a loop in the kernel. A program has
the halves of several kinds, one of which it finds by a few comparisons.

Not here: how a call gets to its collector is `dispatch.py`; execs, whose arrays
must be walked, are `execs.py`.
"""

from __future__ import annotations

import errno
import itertools
from collections.abc import Sequence

from argtrace.fetch import functions, origin, record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.context import Context, load_regs
from argtrace.fetch.copies import Copier, Copy
from argtrace.fetch.emit import (
    LEFT,
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
    item_offset,
    send_slot,
    tail_call,
)
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.functions import AGAIN
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import (
    CALL_ENTER,
    CALL_EXIT,
    CALL_MASK,
    CALL_SELECTOR,
    CALL_SHIFT,
    CALL_SIZES,
    VARIANT_INDEX,
    VARIANT_SIZES,
    Layout,
)
from argtrace.fetch.plan import CopyBlock, CopyStrings, Plan, Step
from argtrace.fetch.record import RECORD, Rest
from argtrace.fetch.slots import find_place, finish, finish_here
from argtrace.location.frames import IMAGE_SIZE, Frame
from argtrace.signature.meaning import On
from argtrace.value import frozen

# EINTR; ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND and ERESTART_RESTARTBLOCK, which become it
# or start the call again (include/linux/errno.h).
INTERRUPTED = (errno.EINTR, 512, 513, 514, 516)


@frozen
class Shape:
    """One kind of call, and where in the program arrays its halves are."""

    index: int
    plan: Plan


def enter(
    shapes: Sequence[Shape],
    layout: Layout,
    frame: Frame,
    context: Context,
    name: str,
    features: Features = ALL,
) -> Program:
    """The entry halves of these, as one program: to load a program costs as much as to verify
    a thousand instructions, whatever its length."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    header(asm, context)
    copy_image(asm, frame, context)
    asm.load(R1, R6, context.number)
    asm.store(R7, record.INDEX, R1, 4)
    if len(shapes) > 1:
        find_call(asm, R2, R1, "none")
        asm.load(R1, R2, CALL_ENTER, 4)
        asm.jump("!=", R1, 0, "found")
        asm.load(R1, R7, record.NEXT, 4)  # where `choose` sent it
        asm.label("found")
        _find(asm, R1, [shape.index for shape in shapes])
    for shape in shapes:
        with asm.scope(str(shape.index)):
            asm.label("half")
            _enter(asm, shape, context, features)
    if any(not shape.plan.returns for shape in shapes):
        asm.label("send")
        send_slot(asm, layout.record_space, "sent")
        asm.exit()
    if any(shape.plan.returns for shape in shapes):
        asm.label("finish")
        if features.functions or not asm.called():
            finish(asm, "finished")
        else:
            finish_here(asm, layout, "finished")
    asm.label("none")
    asm.exit()
    functions.append(asm, layout)
    return asm.assemble(name)


def _enter(asm: Asm, shape: Shape, context: Context, features: Features) -> None:
    plan = shape.plan
    kind(asm, plan.payload, flags=0 if plan.returns else record.Flag.NO_RESULT)
    if any(plan.sizes) and not plan.by_choice:
        asm.load(R1, R6, context.number)
        load_sizes(asm, R1)
    if plan.steps:
        asm.store(R7, record.HALF, shape.index, 4)
        asm.store(R7, record.REST, Rest.OUTPUT if plan.exit else 0, 2)
    copier = Copier(asm, plan.items, retries=True, in_line=not features.sends_in_functions)
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
    asm.goto("/finish" if plan.returns else "/send")
    copier.aside()


def exit(shapes: Sequence[Shape], layout: Layout, name: str, features: Features = ALL) -> Program:
    """The exit halves of these: each reads again what failed at entry, then what the call has
    given, and sends."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    if len(shapes) > 1:
        asm.load(R1, R7, record.HALF, 4)
        asm.jump(">=", R1, record.SHAPES, "found")
        find_call(asm, R2, R1, "none")  # `late` knows nothing but the number
        asm.load(R1, R2, CALL_EXIT, 4)
        asm.label("found")
        _find(asm, R1, [shape.index for shape in shapes])
    for shape in shapes:
        with asm.scope(str(shape.index)):
            asm.label("half")
            _exit(asm, shape.plan, features)
    asm.label("send")
    asm.store(R7, RECORD + record.SIZE, R8, 4)
    send_slot(asm, layout.record_space, "none")
    asm.exit()
    functions.append(asm, layout)
    return asm.assemble(name)


def _exit(asm: Asm, plan: Plan, features: Features) -> None:
    copier = Copier(asm, plan.items, retries=False, in_line=not features.sends_in_functions)
    again, outputs = _copies(plan.entry), _copies(plan.exit)
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    if again:
        asm.load(R1, R7, record.REST, 2)
        asm.alu("&=", R1, Rest.RETRY)
        asm.jump("==", R1, 0, "read")
    for step in again:
        done = f"item{step.item}"
        asm.load(R1, R7, item_offset(step.item) + 4, 4)
        asm.jump("<=", R1, S32_MAX, done)
        appended = isinstance(step, CopyBlock) and step.fixed is None
        copier.copy(step, done, AGAIN if appended else 0)
        asm.label(done)
    asm.label("read")
    for on, steps in itertools.groupby(outputs, key=lambda step: step.on):
        _unless(asm, on, f"no_{on}")
        for step in steps:
            copier.copy(step, f"item{step.item}")
            asm.label(f"item{step.item}")
        asm.label(f"no_{on}")
    asm.goto("/send")
    copier.aside()


def _find(asm: Asm, register: Reg, indexes: Sequence[int]) -> None:
    """Go to the half with the index that the register holds, by halving."""
    if len(indexes) == 1:
        asm.goto(f"{indexes[0]}.half")
        return
    middle = len(indexes) // 2
    asm.jump(">=", register, indexes[middle], f"from{indexes[middle]}")
    _find(asm, register, indexes[:middle])
    asm.label(f"from{indexes[middle]}")
    _find(asm, register, indexes[middle:])


def choose(context: Context) -> Program:
    """One of several entry halves, by the argument that decides what the others are."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    asm.load(R1, R6, context.number)
    asm.store(R10, WORD, R1, 4)  # the key: number, value
    find_call(asm, R8, R1, "none")
    load_regs(asm, context, R3)
    asm.load(R1, R8, CALL_SELECTOR, 4)
    asm.alu("+=", R3, R1)
    asm.move(R2, 8)
    asm.move(R1, R10)
    asm.alu("+=", R1, LEFT)
    asm.call("probe_read_kernel")
    asm.load(R1, R10, LEFT)
    asm.load(R2, R8, CALL_MASK, 4)
    asm.alu("&=", R1, R2)
    asm.store(R10, WORD + 4, R1, 4)
    asm.load_map(R1, "variants")
    asm.move(R2, R10)
    asm.alu("+=", R2, WORD)
    asm.call("map_lookup_elem")
    asm.load(R3, R8, CALL_EXIT, 4)
    asm.jump("==", R0, 0, "chosen")
    asm.load(R3, R0, VARIANT_INDEX, 4)
    asm.load(R1, R0, VARIANT_SIZES)
    asm.store(R7, record.SIZES, R1)
    asm.label("chosen")
    asm.store(R7, record.NEXT, R3, 4)
    tail_call(asm, "enter_calls")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_choose")


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


def unknown(frame: Frame, context: Context) -> Program:
    """A number that no table has: six words, whatever they mean."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    header(asm, context)
    kind(asm, record.payload_offset(0), flags=0)
    copy_image(asm, frame, context)
    restore_first(asm, frame, context)
    asm.store(R7, record.INDEX, record.UNKNOWN, 4)
    finish(asm, "none")
    asm.exit()
    return asm.assemble("at_enter_unk")


def compat(frame: Frame, context: Context) -> Program:
    """A 32-bit call: its six registers, which on x86-64 are not those of 64-bit calls."""
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    header(asm, context)
    kind(asm, record.payload_offset(0), flags=record.Flag.COMPAT)
    asm.load(R1, R6, context.number)
    asm.jump("<", R1, record.CALLS, "known")
    asm.move(R1, record.UNKNOWN_COMPAT - record.COMPAT_BASE)
    asm.label("known")
    asm.alu("+=", R1, record.COMPAT_BASE)
    asm.store(R7, record.INDEX, R1, 4)
    copy_compat_image(asm, frame, context)
    if frame.first is not None:
        asm.load(R1, R7, record.INDEX, 4)
        asm.jump("!=", R1, record.UNKNOWN_COMPAT, "noted")
        restore_first(asm, frame, context)
        asm.label("noted")
    finish(asm, "none")
    asm.exit()
    return asm.assemble("at_enter_i386" if frame.compat_from else "at_enter_arm")


def begin(asm: Asm, plan: Plan, frame: Frame, context: Context, flags: int) -> None:
    """The slot's header, with the image of a 64-bit call's registers. Loses r9."""
    header(asm, context)
    kind(asm, plan.payload, flags)
    asm.load(R1, R6, context.number)
    asm.store(R7, record.INDEX, R1, 4)
    copy_image(asm, frame, context)


def header(asm: Asm, context: Context) -> None:
    """What every call's record has before the image, from the context of sys_enter. r9 is pid_tgid."""
    asm.call("ktime_get_ns")
    asm.store(R7, RECORD + record.START, R0)
    asm.store(R7, RECORD + record.TID, R9)  # tid below, tgid above: both at once
    asm.load(R1, R6, context.number)
    asm.store(R7, RECORD + record.NUMBER, R1, 4)
    asm.store(R7, record.PHASE, record.Phase.PENDING, 4)  # and nothing left to do


def kind(asm: Asm, size: int, flags: int) -> None:
    """What the header has that differs between kinds of call."""
    asm.store(R7, RECORD + record.KIND, record.Kind.CALL | flags << 16, 4)
    asm.store(R7, RECORD + record.SIZE, size, 4)


def copy_image(asm: Asm, frame: Frame, context: Context) -> None:
    load_regs(asm, context, R3)
    asm.alu("+=", R3, frame.start)
    asm.move(R2, IMAGE_SIZE)
    asm.move(R1, R7)
    asm.alu("+=", R1, RECORD + record.IMAGE)
    asm.call("probe_read_kernel")
    origin.note(asm, frame)


def copy_compat_image(asm: Asm, frame: Frame, context: Context) -> None:
    """The six registers of a 32-bit call, which on x86-64 do not lie side by side. Loses r8."""
    if not frame.compat_from:
        copy_image(asm, frame, context)
        return
    load_regs(asm, context, R8)
    for begin, offset in zip(frame.compat_from, frame.compat, strict=True):
        asm.move(R3, R8)
        asm.alu("+=", R3, begin)
        asm.move(R2, 8)
        asm.move(R1, R7)
        asm.alu("+=", R1, RECORD + record.IMAGE + offset)
        asm.call("probe_read_kernel")
    origin.note(asm, frame)


def restore_first(asm: Asm, frame: Frame, context: Context) -> None:
    """The image was copied where the result may stand in the first argument's place: at sys_exit; and at
    the entry of call -1, whose result arm64 sets before (arch/arm64/kernel/syscall.c)."""
    if frame.first is None:
        return
    load_regs(asm, context, R3)
    asm.alu("+=", R3, frame.first)
    asm.move(R2, 8)
    asm.move(R1, R7)
    asm.alu("+=", R1, RECORD + record.IMAGE + frame.arguments[0])
    asm.call("probe_read_kernel")


def load_sizes(asm: Asm, number: Reg) -> None:
    """The slot's sizes are those of this call: a register with a number. Goes to `none` if it is none."""
    find_call(asm, R2, number, "/none")
    asm.load(R3, R2, CALL_SIZES)
    asm.store(R7, record.SIZES, R3)


def find_call(asm: Asm, to: Reg, number: Reg, beyond: str) -> None:
    """What `calls` says of this number. Loses r3."""
    asm.jump(">=", number, record.CALLS, beyond)
    asm.load_map_value(to, "calls")
    asm.move(R3, number)
    asm.alu("<<=", R3, CALL_SHIFT)
    asm.alu("+=", to, R3)


def mark(asm: Asm, items: int, size: int) -> None:
    """Each item says this, SKIPPED or a negative errno, until somebody reads it."""
    for item in range(items):
        asm.store(R7, item_offset(item), size)  # its sign fills the upper half, which is the size
        if size != record.SKIPPED:
            asm.store(R7, item_offset(item) + 4, size, 4)
