"""execve and execveat: a file name and two arrays of strings, however long.

Arrays are walked a stretch at a time, each stretch a tail call, so that one
small program, verified once, walks arrays of any length the record has room for
(32 strings each, and the kernel allows 33 tail calls in a row).

    enter ──> walk argv ──> walk argv ──> … ──> walk envp ──> … ──> done
    exit  ──> send                             it worked, all was read
          ──> read mm ──> send                 it worked, something was not: take the new program's
          ──> walk argv ──> … ──> send         it failed: the same walk again, pages are there now

An exec may fail when the caller's memory is already gone (fs/binfmt_elf.c, after begin_new_exec()):
then what was read at entry is all there will ever be. One whose entry nobody saw, since seccomp
refused it, is walked at its exit.

The record waits in a slot of `execs`, far larger than a task's own. Where all of
those are taken, the task's own slot is sent, its strings marked as not captured.

Not here: lists that are wanted whole, in chunks, are `exec_chunks.py`.

Sources: fs/exec.c (linux_binprm.filename; mm_struct.arg_start … env_end: the
new program's strings, one after the other, each with its NUL);
include/linux/bpf.h, MAX_TAIL_CALL_CNT.
"""

from __future__ import annotations

import errno
from typing import NamedTuple

from argtrace.fetch import exec_chunks, record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.collectors import begin, mark
from argtrace.fetch.context import Context
from argtrace.fetch.emit import (
    KEY,
    LEFT,
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
    find_current,
    follow,
    item_offset,
    read_kernel,
    send_slot,
    tail_call,
)
from argtrace.fetch.exec_chunks import forget
from argtrace.fetch.features import Features
from argtrace.fetch.fields import Fields
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import TAKE_ARGV, WALK_ARGV, WALK_ENVP, Layout
from argtrace.fetch.plan import TERMINATOR, CopyString, CopyStrings, Plan
from argtrace.fetch.record import RECORD, Phase, Rest, Turn
from argtrace.fetch.slots import find_place, keep_bytes
from argtrace.location.frames import Frame

STRETCH = 32
"""Strings that one tail call walks."""

_ELEMENT_HEADER = record.ELEMENT.size
_CONTEXT = WORD - 8  # where a walk keeps the context on its stack


class Steps(NamedTuple):
    """What an exec's plan consists of, in this order and no other."""

    filename: CopyString
    argv: CopyStrings
    envp: CopyStrings


def steps(plan: Plan) -> Steps:
    filename, argv, envp = plan.steps
    assert isinstance(filename, CopyString)
    assert isinstance(argv, CopyStrings)
    assert isinstance(envp, CopyStrings)
    return Steps(filename, argv, envp)


def enter(plan: Plan, half: int, frame: Frame, context: Context, fields: Fields, name: str) -> Program:
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    begin(asm, plan, frame, context, flags=0)
    mark(asm, plan.items, -errno.ENOBUFS)
    asm.store(R7, record.HALF, half, 4)
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.load(R1, R7, record.FAR, 4)
    asm.jump("==", R1, 0, "kept")
    keep_bytes(asm, RECORD + plan.payload - record.PHASE, "kept")
    asm.label("kept")
    asm.store(R10, KEY, R9, 4)
    asm.load_map_value(R3, "blank_exec")
    asm.move(R4, 0)
    call_map(asm, "map_update_elem", "execs")
    call_map(asm, "map_lookup_elem", "execs")
    asm.jump("==", R0, 0, "none")
    _copy_words(asm, R7, R0, record.PHASE, RECORD + record.ITEMS)
    asm.move(R7, R0)
    _load_mm(asm, R1, fields)
    asm.store(R7, RECORD + record.RESULT, R1)  # until there is one
    _begin_walk(asm, plan, Turn.ENTRY)
    asm.label("none")
    asm.exit()
    return asm.assemble(name)


def exit(plan: Plan, layout: Layout, fields: Fields, name: str) -> Program:
    """The call returned: finish the record with what sys_exit noted in the task's slot."""
    parts = steps(plan)
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    asm.store(R10, KEY, R9, 4)
    call_map(asm, "map_lookup_elem", "execs")
    asm.jump("==", R0, 0, "absent")
    asm.load(R8, R0, RECORD + record.RESULT)
    # Time, start and result; number and size are the exec slot's own.
    _copy_words(asm, R7, R0, RECORD + record.TIME, RECORD + record.NUMBER)
    asm.move(R7, R0)
    asm.store(R7, record.PHASE, Phase.IDLE, 2)  # a walk from here on ends in sending
    asm.load(R1, R7, record.REST, 2)
    asm.jump("==", R1, 0, "send")
    asm.load(R1, R7, RECORD + record.RESULT)
    asm.jump("==", R1, 0, "worked")
    _load_mm(asm, R1, fields)
    asm.jump("!=", R1, R8, "send")
    asm.label("failed")
    _begin_walk(asm, plan, Turn.EXIT)
    asm.exit()

    asm.label("worked")
    if parts.argv.whole:
        tail_call(asm, "exec_steps", TAKE_ARGV)
    else:
        _load_mm(asm, R6, fields)
        asm.jump("==", R6, 0, "send")
        argv_at = plan.payload + parts.filename.space
        envp_at = argv_at + parts.argv.space
        _copy_blob(asm, parts.argv, argv_at, fields.mm_arg_start, fields.mm_arg_end)
        _copy_blob(asm, parts.envp, envp_at, fields.mm_env_start, fields.mm_env_end)
        asm.store(R7, RECORD + record.SIZE, envp_at + parts.envp.space, 4)
    asm.label("send")
    send_slot(asm, layout.exec_space, "sent")
    forget(asm)
    asm.exit()

    asm.label("absent")
    asm.load(R1, R7, RECORD + record.FLAGS, 2)
    asm.alu("&=", R1, record.Flag.LATE)
    asm.jump("==", R1, 0, "no_room")
    asm.load_map_value(R3, "blank_exec")
    asm.move(R4, 0)
    call_map(asm, "map_update_elem", "execs")
    call_map(asm, "map_lookup_elem", "execs")
    asm.jump("==", R0, 0, "no_room")
    _copy_words(asm, R7, R0, record.PHASE, RECORD + record.ITEMS)
    asm.move(R7, R0)
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.store(R7, item_offset(parts.filename.item), record.SKIPPED)
    asm.load(R1, R7, RECORD + record.RESULT)
    asm.jump("==", R1, 0, "worked")
    asm.goto("failed")

    asm.label("no_room")
    send_slot(asm, layout.record_space, "none")
    asm.exit()
    return asm.assemble(name)


def walk(plan: Plan, stage: int, layout: Layout, features: Features) -> Program:
    """Append up to STRETCH strings of one array, then go on: here, to envp, or to the end.

    The end of a walk at exit sends from here: there may be no tail call left.
    """
    parts = steps(plan)
    if parts.argv.whole:
        return exec_chunks.walk(plan, stage, layout, in_line=not features.sends_in_functions)
    step = parts.argv if stage == WALK_ARGV else parts.envp
    end = plan.payload + parts.filename.space + parts.argv.space
    if stage == WALK_ENVP:
        end += parts.envp.space
    cursor = _cursor(step)
    asm = Asm()
    asm.store(R10, _CONTEXT, R1)
    find_current(asm, "execs", "none")
    asm.load(R8, R7, RECORD + record.SIZE, 4)
    asm.load(R9, R7, cursor)
    asm.move(R6, 0)

    asm.label("string", most=STRETCH)
    asm.move(R1, R10)
    asm.alu("+=", R1, WORD)
    asm.move(R2, 8)
    asm.move(R3, R9)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, "unreadable")
    asm.load(R3, R10, WORD)
    asm.jump("==", R3, 0, "ended")
    asm.jump(">", R8, end - _ELEMENT_HEADER - _element(step), "cut")
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.alu("+=", R1, RECORD + _ELEMENT_HEADER)
    asm.move(R2, _element(step))
    asm.call("probe_read_user_str")
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.store(R1, RECORD, R0, 4)
    asm.load(R2, R10, WORD)
    asm.store(R1, RECORD + 4, R2)
    asm.jump(">", R0, _element(step), "string_failed")
    asm.label("string_copied")
    asm.alu("+=", R8, R0)
    asm.alu("+=", R8, _ELEMENT_HEADER)
    asm.alu("+=", R9, 8)
    asm.alu("+=", R6, 1)
    asm.jump("<", R6, STRETCH, "string")
    _note(asm, step)
    asm.store(R7, cursor, R9)
    asm.load(R6, R10, _CONTEXT)
    tail_call(asm, "exec_steps", stage)
    asm.move(R6, 0)  # these are counted; and no tail call is left
    asm.label("cut")
    asm.move(R0, record.CUT)

    asm.label("end")
    asm.store(R7, item_offset(step.item + 1) + 4, R0, 4)
    _note(asm, step)
    asm.load(R6, R10, _CONTEXT)
    if stage == WALK_ARGV:
        asm.store(R7, item_offset(parts.envp.item), R8, 4)
        tail_call(asm, "exec_steps", WALK_ENVP)
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.IDLE, "none")
    send_slot(asm, layout.exec_space, "sent")
    forget(asm)
    asm.label("none")
    asm.exit()

    asm.label("ended")
    asm.move(R0, record.ENDED)
    asm.goto("end")
    asm.label("unreadable")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.goto("end")
    asm.label("string_failed")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.move(R0, 0)
    asm.goto("string_copied")
    return asm.assemble("at_exec_argv" if stage == WALK_ARGV else "at_exec_envp")


def _begin_walk(asm: Asm, plan: Plan, turn: Turn) -> None:
    """The file name, empty arrays, and off to the first. r7 is the exec slot."""
    parts = steps(plan)
    asm.store(R7, record.REST, 0, 2)
    asm.move(R8, plan.payload)
    _file_name(asm, parts.filename, plan.items)
    asm.store(R7, RECORD + record.SIZE, R8, 4)
    for place in reversed(exec_chunks.places(plan) if parts.argv.whole else ()):
        asm.load(R1, R7, RECORD + place.step.pointer.offset(plan.items))
        exec_chunks.begin(asm, place, turn)
    for step in () if parts.argv.whole else (parts.argv, parts.envp):
        asm.store(R7, item_offset(step.item), R8, 4)
        asm.store(R7, item_offset(step.item) + 4, 0, 4)
        asm.store(R7, item_offset(step.item + 1), 0, 4)
        asm.store(R7, item_offset(step.item + 1) + 4, record.CUT, 4)
        asm.load(R1, R7, RECORD + step.pointer.offset(plan.items))
        asm.store(R7, _cursor(step), R1)
    tail_call(asm, "exec_steps", WALK_ARGV)


def _file_name(asm: Asm, step: CopyString, items: int) -> None:
    """Append it at r8."""
    asm.store(R7, item_offset(step.item), record.SKIPPED)
    asm.load(R3, R7, RECORD + step.pointer.offset(items))
    asm.jump("==", R3, 0, "filename")
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.alu("+=", R1, RECORD)
    asm.move(R2, step.space)
    asm.call("probe_read_user_str")
    asm.store(R7, item_offset(step.item), R8, 4)
    asm.store(R7, item_offset(step.item) + 4, R0, 4)
    asm.jump(">", R0, step.space, "filename_failed")
    asm.alu("+=", R8, R0)
    asm.goto("filename")
    asm.label("filename_failed")
    asm.store(R7, record.REST, Rest.RETRY, 2)
    asm.label("filename")


def _copy_blob(asm: Asm, step: CopyStrings, at: int, start: int, end: int) -> None:
    """A list as the kernel laid it out for the new program: r6 is its mm."""
    label = f"blob{step.item}"
    if end == start + 8:  # as in include/linux/mm_types.h ever since
        read_kernel(asm, LEFT, R6, start, 16)
        asm.load(R3, R10, LEFT)
        asm.load(R8, R10, WORD)
    else:
        follow(asm, R8, R6, end)
        follow(asm, R3, R6, start)
    asm.alu("-=", R8, R3)
    asm.move(R9, record.BLOB)
    asm.jump("<=", R8, step.space, f"{label}_fits")
    asm.move(R8, step.space)
    asm.move(R9, record.BLOB_CUT)
    asm.label(f"{label}_fits")
    asm.move(R1, R7)
    asm.alu("+=", R1, RECORD + at)
    asm.move(R2, R8)
    asm.call("probe_read_user")
    asm.jump("==", R0, 0, f"{label}_read")
    asm.move(R8, 0)
    asm.move(R9, R0)
    asm.label(f"{label}_read")
    asm.store(R7, item_offset(step.item), at, 4)
    asm.store(R7, item_offset(step.item) + 4, R8, 4)
    asm.store(R7, item_offset(step.item + 1), 0, 4)
    asm.store(R7, item_offset(step.item + 1) + 4, R9, 4)


def _note(asm: Asm, step: CopyStrings) -> None:
    """r6 more strings, and the payload now ends at r8."""
    asm.load(R1, R7, item_offset(step.item), 4)
    asm.move(R2, R8)
    asm.alu("-=", R2, R1)
    asm.store(R7, item_offset(step.item) + 4, R2, 4)
    asm.load(R1, R7, item_offset(step.item + 1), 4)
    asm.alu("+=", R1, R6)
    asm.store(R7, item_offset(step.item + 1), R1, 4)
    asm.store(R7, RECORD + record.SIZE, R8, 4)


def _load_mm(asm: Asm, to: Reg, fields: Fields) -> None:
    """The address of the current task's memory, for comparison."""
    asm.call("get_current_task_btf")
    follow(asm, to, R0, fields.task_mm)


def _copy_words(asm: Asm, source: Reg, target: Reg, begin: int, end: int) -> None:
    """Slot to slot, offsets in the slot. Loses r1."""
    for offset in range(begin, end, 8):
        asm.load(R1, source, offset)
        asm.store(target, offset, R1)


def _cursor(step: CopyStrings) -> int:
    """Where in the slot the walk keeps the address it has come to."""
    return item_offset(step.item + 2)


def _element(step: CopyStrings) -> int:
    return step.limit + TERMINATOR
