"""The whole set: which programs a trace needs, where each is attached or reached.

Calls whose plans have the same shape share their programs, so the number of
programs is that of shapes and not that of calls.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from argtrace.fetch import collectors, dispatch, execs, opened, record, tasks
from argtrace.fetch.asm import Program
from argtrace.fetch.fields import Fields
from argtrace.fetch.layout import ONE, SIZES, VARIANT, VARIANT_KEY, WALK_ARGV, WALK_ENVP, Layout, layout
from argtrace.fetch.loadable import Loadable
from argtrace.fetch.opened import Opening
from argtrace.fetch.plan import Plan, Plans
from argtrace.fetch.predicates import Filters
from argtrace.kernel.maps import MapSpec
from argtrace.location.frames import Frame


@dataclass(frozen=True, slots=True)
class ProgramSet:
    """Everything to load, as data.

    `attached`: tracepoint → program; `before`: what is attached to it earlier, so that its
    records come first. `reached`: (program array, index) → program; a program may be
    reached at many indexes. `selected`: for each index, whether that call was asked for;
    `opens`: how its descriptors are looked at. `variants`: that
    map's keys and values; `sizes`: the value of that map. `shapes`: of each
    plan's shape, the index of its halves.
    """

    layout: Layout
    attached: dict[str, Program]
    reached: dict[tuple[str, int], Program]
    selected: bytes
    variants: dict[bytes, bytes]
    sizes: bytes
    shapes: dict[tuple[object, ...], int]
    before: dict[str, Program] = field(default_factory=dict)
    opens: bytes | None = None

    def programs(self) -> dict[str, Program]:
        """Each program once, by name."""
        every = (*self.reached.values(), *self.before.values(), *self.attached.values())
        return {program.name: program for program in every}

    def maps(self) -> tuple[MapSpec, ...]:
        return self.layout.maps() + (opened.maps() if self.before else ())

    def loadable(self) -> Loadable:
        maps = self.maps()
        slot = next(spec.value_size for spec in maps if spec.name == "blank")
        values = [
            ("blank", ONE, record.slot(slot, record.Phase.NEWBORN)),
            ("selected", ONE, self.selected),
            ("sizes", ONE, self.sizes),
            *(("variants", key, value) for key, value in self.variants.items()),
        ]
        if self.opens is not None:
            values.append(("opens", ONE, self.opens))
        return Loadable(
            maps,
            tuple(program.code() for program in self.programs().values()),
            tuple((at, each.name) for at, each in (*self.before.items(), *self.attached.items())),
            tuple((array, index, each.name) for (array, index), each in self.reached.items()),
            tuple(values),
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls: `plans` of the 64-bit ones, numbers of the 32-bit ones, and whether
    numbers that no table has are asked for too."""

    plans: tuple[Plans, ...]
    compat: tuple[int, ...] = ()
    unknown: bool = False


def generate(
    selection: Selection,
    filters: Filters,
    fields: Fields,
    frame: Frame,
    *,
    ring_size: int,
    follow: bool,
    opening: Opening | None = None,
) -> ProgramSet:
    """`opening`: to have the kernel tell what descriptors are."""
    # A call that does not return neither fails nor takes its time.
    calls = tuple(plans for plans in selection.plans if plans.default.returns or not filters.any)
    sizes = layout(tuple(plan for plans in calls for plan in plans.all()), ring_size)
    shapes = _Shapes(sizes, fields, frame)
    reached = shapes.reached
    variants: dict[bytes, bytes] = {}
    for plans in calls:
        index = shapes.index(plans.default)
        _reach_too(reached, index, plans.number)
        if plans.selector is not None:
            for value, plan in plans.variants:
                key = VARIANT_KEY.pack(plans.number, value)
                variants[key] = VARIANT.pack(*plan.sizes, shapes.index(plan))
            reached["enter_calls", plans.number] = collectors.choose(plans, index, frame)
    compat = collectors.compat()
    reached |= {("enter_calls", record.COMPAT_BASE + number): compat for number in selection.compat}
    if selection.unknown:
        reached["enter_calls", record.UNKNOWN] = collectors.unknown(frame)
        reached["enter_calls", record.UNKNOWN_COMPAT] = compat
        # A known number without a program would count as an unknown one.
        for plans in set(selection.plans) - set(calls):
            reached["enter_calls", plans.number] = collectors.ignore()
    walked = next((plans.default for plans in calls if plans.default.walks), None)
    if walked is not None:
        for stage in (WALK_ARGV, WALK_ENVP):
            reached["exec_steps", stage] = execs.walk(walked, stage, sizes)

    sys_exit = dispatch.sys_exit(filters, fields, sizes)
    reached["exit_calls", dispatch.LATE] = dispatch.late(fields, frame, sizes)
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
    chosen = {index for array, index in reached if array == "enter_calls" and index < record.INDEXES}
    selected = bytes(selection.unknown or index in chosen for index in range(record.INDEXES))
    generated = ProgramSet(sizes, attached, reached, selected, variants, _sizes(calls), shapes.indexes)
    if opening is None:
        return generated
    before = {"sys_exit": opened.program(opening.fields, frame, opening.arguments)}
    return replace(generated, before=before, opens=opened.opens(opening.calls))


class _Shapes:
    """The two halves of each shape, made once, each pair at an index of its own."""

    def __init__(self, sizes: Layout, fields: Fields, frame: Frame) -> None:
        self._sizes, self._fields, self._frame = sizes, fields, frame
        self.indexes: dict[tuple[object, ...], int] = {}
        self.reached: dict[tuple[str, int], Program] = {}

    def index(self, plan: Plan) -> int:
        if plan.shape not in self.indexes:
            index = record.SHAPES + len(self.indexes)
            self.indexes[plan.shape] = index
            enter, exit = self._halves(plan, index)
            self.reached["enter_calls", index] = enter
            if exit is not None:
                self.reached["exit_calls", index] = exit
        return self.indexes[plan.shape]

    def _halves(self, plan: Plan, index: int) -> tuple[Program, Program | None]:
        sizes, ordinal = self._sizes, index - record.SHAPES
        if plan.walks:
            return (
                execs.enter(plan, index, self._frame, f"at_enter_x{ordinal}"),
                execs.exit(plan, sizes, self._fields, f"at_exit_x{ordinal}"),
            )
        enter = collectors.enter(plan, index, sizes, self._frame, f"at_enter_{ordinal}")
        # Where nothing is fetched there is nothing left to do: sys_exit sends by itself.
        return enter, collectors.exit(plan, sizes, f"at_exit_{ordinal}") if plan.steps else None


def _sizes(calls: Iterable[Plans]) -> bytes:
    """The value of the map `sizes`."""
    value = bytearray(SIZES.size * record.CALLS)
    for plans in calls:
        SIZES.pack_into(value, SIZES.size * plans.number, *plans.default.sizes)
    return bytes(value)


def _reach_too(reached: dict[tuple[str, int], Program], shape: int, number: int) -> None:
    """What is at the shape's index is at the call's number as well: its entry, and the end of
    a call whose entry was not seen."""
    for array in ("enter_calls", "exit_calls"):
        if (array, shape) in reached:
            reached[array, number] = reached[array, shape]
