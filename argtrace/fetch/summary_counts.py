"""The programs of a summary without times: each call is counted when it returns, and only then.

So nothing is attached to sys_enter, and no clock is read, which is more than half of what
counting with times costs. What a call was is in the registers it was made with. A call that a
thread dies in is not seen, but for those that do not return (exit_group).

Sources: Linux 6.18 arch/x86/kernel/signal_64.c, restore_sigcontext() (orig_ax is -1 after
rt_sigreturn), arch/x86/kernel/process_64.c, __set_personality_x32() and _ia32() (orig_ax after an
exec is the new program's own number of execve), arch/x86/entry/entry_64.S, idtentry_body (-1 in an
exception). arch/arm64/kernel/signal.c, restore_sigframe(), and entry.S, kernel_entry: the same there;
but arch/arm64/include/asm/processor.h, start_thread_common(): after an exec the number is that of the
old program, so one of a 64-bit program that starts a 32-bit one is counted by another name.

Not here: the same with times is `summary.py`.
"""

from __future__ import annotations

import errno

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.context import Context
from argtrace.fetch.emit import R0, R1, R6, R7, R8, R9, R10, find_current
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.predicates import reject
from argtrace.fetch.record import Phase
from argtrace.fetch.summary import keep_comm, load_number, load_word
from argtrace.fetch.summary_cells import IDS, NO_TIME, count
from argtrace.fetch.summary_layout import COMPAT, EXEC, NO_RETURN, Summing
from argtrace.location.frames import Frame


def exit(summing: Summing, filters: Filters, fields: Fields, frame: Frame, context: Context) -> Program:
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.IDLE, "new")
    asm.label("known")
    if summing.by_task:
        asm.store(R10, IDS, R9)
    asm.load(R6, R6, context.result)
    asm.load_map_value(R1, "launching")
    asm.load(R8, R1, 0)
    asm.alu("-=", R8, R9)  # 0 for the command before its exec
    asm.move(R9, R6)
    _load_call(asm, fields, frame, "-1")
    asm.label("numbered")
    asm.jump("==", R6, 0, "none")
    asm.jump("==", R8, 0, "launching")
    asm.label("launched")
    asm.jump("&", R6, COMPAT, "compat")
    asm.label("result")
    reject(asm, filters, "none")
    asm.move(R8, NO_TIME)
    count(asm, summing, "none")
    asm.label("none")
    asm.exit()

    asm.label("new")
    asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.jump("==", R1, Phase.NEWBORN, "none")  # the parent's call returns in it
    asm.goto("known")

    asm.label("launching")
    asm.jump("&", R6, EXEC, "launched")
    asm.goto("none")

    asm.label("compat")
    asm.alu("<<=", R9, 32)  # a 32-bit result: its sign is bit 31
    asm.alu("s>>=", R9, 32)
    asm.goto("result")

    # rt_sigreturn leaves no number behind; nor has a call with the number -1 any.
    asm.label("-1")
    asm.jump("==", R9, -errno.ENOSYS, "unknown")
    asm.move(R1, frame.sigreturn)
    asm.store(R7, record.INDEX, R1, 4)
    load_word(asm, R6)
    asm.goto("numbered")
    return asm.assemble("at_sum_exit")


def task_exit(summing: Summing, fields: Fields, frame: Frame) -> Program:
    """A task ends, perhaps since it asked for that."""
    asm = Asm()
    find_current(asm, "tasks", "none")
    if summing.by_task:
        asm.store(R10, IDS, R9)
        keep_comm(asm)
    asm.load_map_value(R1, "launching")
    asm.load(R1, R1, 0)
    asm.jump("==", R1, R9, "none")
    _load_call(asm, fields, frame, "none")
    asm.label("numbered")
    asm.move(R1, R6)
    asm.alu("&=", R1, NO_RETURN)
    asm.jump("==", R1, 0, "none")
    asm.move(R8, NO_TIME)
    asm.move(R9, 0)
    count(asm, summing, "none")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_sum_death")


def _load_call(asm: Asm, fields: Fields, frame: Frame, none: str) -> None:
    """r6 = the word of the call that the current task is in, whose number goes to the slot r7.

    Goes to `numbered`; to `none` where there is no call.
    """
    asm.call("get_current_task_btf")
    asm.load(R6, R0, fields.task_status, 4)
    asm.alu("&=", R6, fields.compat)
    asm.move(R1, R0)
    asm.call("task_pt_regs")
    load_number(asm, frame)
    asm.store(R7, record.INDEX, R1, 4)
    asm.jump("==", R1, -1, none)
    asm.jump(">=", R1, record.CALLS, "unknown")
    asm.jump("==", R6, 0, "look")
    asm.alu("+=", R1, record.COMPAT_BASE)
    asm.goto("look")
    asm.label("unknown")
    asm.move(R1, record.UNKNOWN)
    asm.jump("==", R6, 0, "look")
    asm.move(R1, record.UNKNOWN_COMPAT)
    asm.label("look")
    load_word(asm, R6)
    asm.goto("numbered")
