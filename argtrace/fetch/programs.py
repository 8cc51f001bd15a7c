"""The whole set: which programs a trace needs, where each is attached or reached.

Calls whose plans have the same shape share their programs, so the number of
programs is that of shapes, about twenty, and not that of calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from argtrace.fetch import collectors, dispatch, execs, record, tasks
from argtrace.fetch.asm import Program
from argtrace.fetch.fields import Fields
from argtrace.fetch.layout import WALK_ARGV, WALK_ENVP, Layout, layout, most_items
from argtrace.fetch.plan import Plan
from argtrace.fetch.predicates import Filters
from argtrace.location.frames import Frame


@dataclass(frozen=True, slots=True)
class ProgramSet:
    """Everything to load, as data.

    `attached`: tracepoint → program. `reached`: (program array, index) → program;
    a program may be reached at many indexes. `selected`: for each index, whether that
    call was asked for.
    """

    layout: Layout
    attached: dict[str, Program]
    reached: dict[tuple[str, int], Program]
    selected: bytes

    def programs(self) -> dict[str, Program]:
        """Each program once, by name."""
        return {program.name: program for program in (*self.reached.values(), *self.attached.values())}


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls: `plans` of the 64-bit ones, numbers of the 32-bit ones, and whether
    numbers that no table has are asked for too."""

    plans: tuple[Plan, ...]
    compat: tuple[int, ...] = ()
    unknown: bool = False


def generate(
    selection: Selection, filters: Filters, fields: Fields, frame: Frame, *, ring_size: int, follow: bool
) -> ProgramSet:
    # A call that does not return neither fails nor takes its time.
    plans = tuple(plan for plan in selection.plans if plan.returns or not filters.any)
    sizes = layout(plans, ring_size)
    reached: dict[tuple[str, int], Program] = {}
    halves: dict[tuple[object, ...], tuple[Program, Program | None]] = {}
    for plan in plans:
        if plan.shape not in halves:
            halves[plan.shape] = _halves(plan, len(halves), sizes, fields, frame)
        enter, exit = halves[plan.shape]
        reached["enter_calls", plan.number] = enter
        if exit is not None:
            reached["exit_calls", plan.number] = exit
    compat = collectors.compat()
    reached |= {("enter_calls", record.COMPAT_BASE + number): compat for number in selection.compat}
    if selection.unknown:
        reached["enter_calls", record.UNKNOWN] = collectors.unknown(frame)
        reached["enter_calls", record.UNKNOWN_COMPAT] = compat
        # A known number without a program would count as an unknown one.
        for plan in set(selection.plans) - set(plans):
            reached["enter_calls", plan.number] = collectors.ignore()
    walked = next((plan for plan in plans if plan.walks), None)
    if walked is not None:
        for stage in (WALK_ARGV, WALK_ENVP):
            reached["exec_steps", stage] = execs.walk(walked, stage, sizes)

    sys_exit = dispatch.sys_exit(filters, fields, sizes)
    reached["exit_calls", dispatch.LATE] = dispatch.late(fields, frame, most_items(plans))
    reached["exit_calls", dispatch.SYS_EXIT] = sys_exit
    attached = {
        "sys_exit": sys_exit,
        "sched_process_exit": tasks.exit(fields, filters, sizes),
        "sched_process_exec": tasks.exec(walked, fields),
        "task_rename": tasks.rename(fields),
        "signal_deliver": tasks.signal(fields),
        "sys_enter": dispatch.sys_enter(fields, unknown=selection.unknown),
    }
    if follow:
        attached["sched_process_fork"] = tasks.fork(fields)
    chosen = {index for array, index in reached if array == "enter_calls"}
    selected = bytes(selection.unknown or index in chosen for index in range(record.INDEXES))
    return ProgramSet(sizes, attached, reached, selected)


def _halves(
    plan: Plan, ordinal: int, sizes: Layout, fields: Fields, frame: Frame
) -> tuple[Program, Program | None]:
    if plan.walks:
        return (
            execs.enter(plan, frame, f"at_enter_exec{ordinal}"),
            execs.exit(plan, sizes, fields, f"at_exit_exec{ordinal}"),
        )
    enter = collectors.enter(plan, sizes, frame, f"at_enter_{ordinal}")
    # Without strings there is nothing to read again: sys_exit sends by itself.
    return enter, collectors.exit(plan, sizes, f"at_exit_{ordinal}") if plan.steps else None
