"""The programs of a summary: each call is counted where it happens, and nothing is sent.

Alone (`-s`), sys_enter notes time and number in the task's slot, and sys_exit adds
to the call's cell. Beside a trace (`-S`) these programs run before those of the trace and
take from the slot what its collectors noted. No cell has two writers: cells are a CPU's
own, or a thread's own, and nothing comes between: the programs run with preemption off
(`context.py`), and no system call is made in an interrupt.

Sources: include/trace/events/syscalls.h.

Not here: what is done to a cell is `summary_cells.py`, maps are `summary_layout.py`; who is
traced is `tasks.py`.
"""

from __future__ import annotations

from argtrace.fetch import gate as gates
from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.choice import OPEN, Gate
from argtrace.fetch.context import Context
from argtrace.fetch.emit import R0, R1, R2, R3, R4, R6, R7, R8, R9, R10, find_current
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.isa import Reg
from argtrace.fetch.predicates import reject
from argtrace.fetch.record import RECORD, Phase
from argtrace.fetch.summary_cells import COMM, IDS, NO_TIME, count, number_at
from argtrace.fetch.summary_layout import (
    COMPAT,
    EXEC,
    NO_RETURN,
    Summing,
)
from argtrace.kernel import uapi
from argtrace.location.frames import Frame
from argtrace.value import replace


def enter(summing: Summing, fields: Fields, context: Context, gate: Gate = OPEN) -> Program:
    """Alone: note when the call began. Always: count one that does not return."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R8, R6, context.number)
    if summing.alone:  # else the trace's own sees to it, behind us
        gates.enter(asm, gate, fields, "shut", "let_in")
    asm.call("get_current_task_btf")
    asm.load(R2, R0, fields.task_status, 4)
    asm.move(R1, R8)
    asm.jump("<", R1, record.CALLS, "known")
    asm.move(R1, record.UNKNOWN)
    asm.jump("&", R2, fields.compat, "unknown_compat")
    asm.goto("look")
    asm.label("unknown_compat")
    asm.move(R1, record.UNKNOWN_COMPAT)
    asm.goto("look")
    asm.label("known")
    asm.alu("&=", R2, fields.compat)
    asm.jump("==", R2, 0, "look")
    asm.alu("+=", R1, record.COMPAT_BASE)
    asm.label("look")
    load_word(asm, R6)
    asm.jump("==", R6, 0, "none")
    if not summing.alone:
        asm.move(R1, R6)
        asm.alu("&=", R1, NO_RETURN)
        asm.jump("==", R1, 0, "none")
        gates.late(asm, gate, "none")
    if summing.alone:
        asm.jump("&", R6, NO_RETURN, "no_return")
        asm.call("ktime_get_ns")
        asm.store(R7, _start_at(summing), R0)
        asm.store(R7, record.NEXT, R6, 4)
        asm.alu("<<=", R8, 32)  # phase, rest and index in one store
        asm.alu("|=", R8, Phase.COUNTED)
        asm.store(R7, record.PHASE, R8)
        asm.label("none")
        asm.exit()
        if gate.any:
            asm.label("shut")
            gates.pass_over(asm)
            asm.exit()
        asm.label("no_return")
        # Should it come back after all (rt_sigreturn does), that is no call.
        asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.store(R7, number_at(summing), R8, 4)
    asm.load_map_value(R1, "launching")
    asm.load(R1, R1, 0)
    asm.jump("==", R1, R9, "done")
    _keep_ids(asm, summing)
    asm.move(R8, NO_TIME)
    asm.move(R9, 0)
    count(asm, summing, "done")
    asm.label("done")
    if not summing.alone:
        asm.label("none")
    asm.exit()
    return asm.assemble("at_sum_enter")


def exit(
    summing: Summing, filters: Filters, fields: Fields, frame: Frame, context: Context, gate: Gate = OPEN
) -> Program:
    """A call returns: count it, if its entry was noted, or was not there to be seen."""
    asm = Asm()
    asm.move(R6, R1)
    find_current(asm, "tasks", "none")
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.COUNTED if summing.alone else Phase.PENDING, "not_noted")
    asm.call("ktime_get_ns")
    asm.load(R1, R7, _start_at(summing))
    asm.move(R8, R0)
    asm.alu("-=", R8, R1)
    if summing.alone:
        asm.store(R7, record.PHASE, Phase.IDLE, 2)
        asm.load(R1, R6, context.result)
        asm.load(R6, R7, record.NEXT, 4)
    else:
        asm.load(R2, R6, context.result)
        asm.load(R1, R7, record.INDEX, 4)
        asm.jump(">=", R1, record.INDEXES, "none")  # never, but the verifier cannot know
        asm.move(R3, R2)
        load_word(asm, R6)
        asm.jump("==", R6, 0, "none")
        asm.move(R1, R3)
    asm.label("returned")
    asm.load_map_value(R2, "launching")
    asm.load(R2, R2, 0)
    asm.jump("==", R2, R9, "launching")
    asm.label("launched")
    _keep_ids(asm, summing)
    asm.move(R9, R1)
    asm.jump("&", R6, COMPAT, "compat")
    asm.label("result")
    reject(asm, replace(filters, duration=0), "none")
    _reject_short(asm, filters, "none")
    count(asm, summing, "none")
    asm.label("none")
    asm.exit()

    asm.label("launching")
    asm.jump("&", R6, EXEC, "launched")
    asm.goto("none")

    asm.label("compat")
    asm.alu("<<=", R9, 32)  # a 32-bit result: its sign is bit 31
    asm.alu("s>>=", R9, 32)
    asm.goto("result")

    asm.label("not_noted")
    if summing.alone:
        asm.store(R7, record.PHASE, Phase.IDLE, 2)
    asm.jump("==", R1, Phase.NEWBORN, "none")
    if fields.task_seccomp_mode is None:
        asm.jump("!=", R1, Phase.ATTACHED, "none")
    else:
        # Idle: the entry was not asked for, or seccomp refused the call before it.
        asm.jump("==", R1, Phase.ATTACHED, "late")
        asm.call("get_current_task_btf")
        asm.load(R1, R0, fields.task_seccomp_mode, 4)
        asm.jump("==", R1, 0, "none")
        asm.label("late")
    gates.late(asm, gate, "none")
    _late(asm, summing, fields, frame, context)
    asm.goto("returned")
    return asm.assemble("at_sum_exit")


def task_exit(summing: Summing, filters: Filters) -> Program:
    """A task ends. A call it dies in is counted, if one without a result can pass."""
    asm = Asm()
    find_current(asm, "tasks", "none")
    if summing.by_task:
        asm.store(R10, IDS, R9)
        keep_comm(asm)
    asm.load(R1, R7, record.PHASE, 2)
    asm.jump("!=", R1, Phase.COUNTED if summing.alone else Phase.PENDING, "none")
    asm.load_map_value(R1, "launching")
    asm.load(R1, R1, 0)
    asm.jump("==", R1, R9, "none")
    if summing.alone:
        asm.store(R7, record.PHASE, Phase.IDLE, 2)
        asm.load(R6, R7, record.NEXT, 4)
    else:
        asm.load(R1, R7, record.INDEX, 4)
        asm.jump(">=", R1, record.INDEXES, "none")
        load_word(asm, R6)
        asm.jump("==", R6, 0, "none")
    if filters.duration:
        asm.call("ktime_get_ns")
        asm.load(R1, R7, _start_at(summing))
        asm.move(R8, R0)
        asm.alu("-=", R8, R1)
        _reject_short(asm, filters, "none")
    if not filters.on_result:
        asm.move(R8, NO_TIME)
        asm.move(R9, 0)
        count(asm, summing, "none")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_sum_death")


def launched() -> Program:
    """The command runs its program: from now on its calls are its own."""
    asm = Asm()
    asm.call("get_current_pid_tgid")
    asm.load_map_value(R1, "launching")
    asm.load(R2, R1, 0)
    asm.jump("!=", R2, R0, "none")
    asm.store(R1, 0, 0)
    asm.label("none")
    asm.exit()
    return asm.assemble("at_sum_launch")


def _start_at(summing: Summing) -> int:
    """Where in a slot the call's beginning is: alone, in a cache line with what else is noted."""
    return record.SIZES if summing.alone else RECORD + record.START


def load_word(asm: Asm, to: Reg) -> None:
    """The word of the call with index r1, which is below INDEXES. Loses r1 and r2."""
    asm.load_map_value(R2, "words")
    asm.alu("<<=", R1, 1)
    asm.alu("+=", R2, R1)
    asm.load(to, R2, 0, 2)


def load_number(asm: Asm, frame: Frame) -> None:
    """r1 = the number of the call whose pt_regs r0 points to, as wide as the register."""
    asm.load(R1, R0, frame.number, frame.number_size)
    if frame.number_size == 4:
        asm.alu("<<=", R1, 32)
        asm.alu("s>>=", R1, 32)


def _keep_ids(asm: Asm, summing: Summing) -> None:
    """r9 is wanted for the result: the task's ids go to the stack, if anybody asks for them."""
    if summing.by_task:
        asm.store(R10, IDS, R9)


def _reject_short(asm: Asm, filters: Filters, label: str) -> None:
    """Go to `label` if the duration r8 is less than is asked for; one that is not known never is."""
    if filters.duration:
        asm.move(R2, filters.duration >> 31)  # two immediates, of 31 bits each
        asm.alu("<<=", R2, 31)
        asm.alu("|=", R2, filters.duration & 0x7FFF_FFFF)
        asm.jump("<", R8, R2, label)


def keep_comm(asm: Asm) -> None:
    """The task's name, for the table: when that is printed, nobody else knows it."""
    asm.move(R1, R10)
    asm.alu("+=", R1, COMM)
    asm.move(R2, record.COMM_SIZE)
    asm.call("get_current_comm")
    asm.load_map(R1, "comms")
    asm.move(R2, R10)
    asm.alu("+=", R2, IDS)
    asm.move(R3, R10)
    asm.alu("+=", R3, COMM)
    asm.move(R4, uapi.BPF_ANY)
    asm.call("map_update_elem")


def _late(asm: Asm, summing: Summing, fields: Fields, frame: Frame, context: Context) -> None:
    """A call whose entry nobody saw (`dispatch.late`): r6 is its word, r1 its result, r8 NO_TIME."""
    asm.call("get_current_task_btf")
    asm.load(R8, R0, fields.task_status, 4)
    asm.alu("&=", R8, fields.compat)
    asm.move(R1, R0)
    asm.call("task_pt_regs")
    load_number(asm, frame)
    asm.jump(">=", R1, record.CALLS, "none")  # -1: rt_sigreturn's exit
    asm.store(R7, number_at(summing), R1, 4)
    asm.jump("==", R8, 0, "late_word")
    asm.alu("+=", R1, record.COMPAT_BASE)
    asm.label("late_word")
    load_word(asm, R8)
    asm.jump("==", R8, 0, "none")
    asm.load(R1, R6, context.result)
    asm.move(R6, R8)
    asm.move(R8, NO_TIME)
