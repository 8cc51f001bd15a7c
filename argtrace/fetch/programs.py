"""The whole set: which programs a trace needs, where each is attached or reached.

Calls whose plans have the same shape share their programs, so the number of
programs is that of shapes and not that of calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from argtrace.fetch import (
    collectors,
    dispatch,
    exec_chunks,
    execs,
    function_types,
    opened,
    pace,
    record,
    settings,
    slots,
    taking,
    tasks,
)
from argtrace.fetch import gate as gates
from argtrace.fetch.asm import Program
from argtrace.fetch.choice import OPEN, Gate
from argtrace.fetch.choosing import IDENTIFY, Choosing
from argtrace.fetch.collectors import Shape
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import (
    CALL,
    FINISH,
    KEEP,
    LATE,
    ONE,
    PLAIN,
    SIGNAL,
    SYS_EXIT,
    TAKE_ARGV,
    TAKE_ENVP,
    TRACK,
    VARIANT,
    VARIANT_KEY,
    WALK_ARGV,
    WALK_ENVP,
    Layout,
    layout,
)
from argtrace.fetch.loadable import Code, Loadable
from argtrace.fetch.opened import Opening
from argtrace.fetch.plan import CopyBlock, Plan, Plans
from argtrace.fetch.settings import Setting
from argtrace.kernel.maps import MapSpec
from argtrace.location.frames import Frame
from argtrace.value import fresh, frozen, replace

TOGETHER, TOGETHER_IN_LINE, TOGETHER_IN_ROUNDS = 80, 24, 8
"""Copies in one program; where functions are verified with each call; and there with loops (`older.py`)."""

RUN = (TRACK, IDENTIFY)
"""What a session runs itself."""

ALWAYS_RAW = (*RUN, SIGNAL)
"""Those, and the one that needs a pointer no record has."""

RENAMES = ("at_rename", "at_rename_who")
"""Programs of task_rename."""


@frozen
class ProgramSet:
    """Everything to load, as data.

    `attached`: tracepoint → program; `before`: what is attached to it earlier, so that its
    records come first. `reached`: (program array, index) → program; a program may be
    reached at many indexes. `selected`: for each index, whether that call was asked for;
    `opens`: how its descriptors are looked at. `variants`: that
    map's keys and values; `calls`: the value of that map. `shapes`: of each
    plan's shape, the index of its halves.
    """

    layout: Layout
    attached: dict[str, Program]
    reached: dict[tuple[str, int], Program]
    selected: bytes
    variants: dict[bytes, bytes]
    calls: bytes
    shapes: dict[tuple[object, ...], int]
    before: dict[str, Program] = fresh(factory=dict)
    opens: bytes | None = None
    context: Context = RAW
    choosing: Choosing | None = None
    gate: Gate = OPEN
    tells_settings: bool = False
    features: Features = ALL

    def programs(self) -> dict[str, Program]:
        """Each program once, by name."""
        run = (slots.track(), *(() if self.choosing is None else self.choosing.run()))
        if not self.features.all:
            run = tuple(older().fit(program, self.features, run=True) for program in run)
        every = (*self.reached.values(), *self.before.values(), *self.attached.values(), *run)
        return {program.name: program for program in every}

    def maps(self) -> tuple[MapSpec, ...]:
        choosing = () if self.choosing is None else self.choosing.maps()
        opening = () if self.opens is None else opened.maps()
        setting = settings.maps() if self.tells_settings else ()
        pacing = pace.maps() if self.gate.paced else ()
        every = self.layout.maps() + opening + choosing + gates.maps(self.gate) + setting + pacing
        if self.features.all:
            return every
        return (*older().maps(every, self.features), *older().asking(self.features))

    def handed(self, program: str) -> Context:
        if program in ALWAYS_RAW:
            return RAW
        return self.context.renaming if program in RENAMES else self.context

    def loadable(self) -> Loadable:
        maps = self.maps()
        slot = next(spec.value_size for spec in maps if spec.name == "blank")
        values = [
            ("blank", ONE, record.slot(slot, record.Phase.NEWBORN)),
            ("selected", ONE, self.selected),
            ("calls", ONE, self.calls),
            *(("variants", key, value) for key, value in self.variants.items()),
        ]
        if self.opens is not None:
            values.append(("opens", ONE, self.opens))
        return Loadable(
            maps,
            tuple(
                code(program, self.handed(program.name).type, self.features)
                for program in self.programs().values()
            ),
            tuple((at, each.name) for at, each in (*self.before.items(), *self.attached.items())),
            tuple((array, index, each.name) for (array, index), each in self.reached.items()),
            tuple(values),
            function_types.btf(self.layout.place, self.layout.exec_slot) if self.features.functions else b"",
        )


def older() -> ModuleType:
    """What fits programs to older kernels: nothing of start-up on others."""
    from argtrace.fetch import older as fitting  # noqa: PLC0415

    return fitting


def code(program: Program, type: int, features: Features) -> Code:
    """Without the types of functions they are verified where they are called."""
    made = program.code(type)
    return made if features.functions else replace(made, functions=())


@frozen
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
    context: Context,
    *,
    ring_size: int,
    follow: bool,
    opening: Opening | None = None,
    setting: Setting | None = None,
    choosing: Choosing | None = None,
    gate: Gate = OPEN,
    features: Features = ALL,
    together: int = TOGETHER,
) -> ProgramSet:
    """`opening`: to have the kernel tell what descriptors are; `setting`: what execs are made in.
    `choosing`: who is traced, if the kernel is to decide that; `gate`: and when. `features`: what the
    kernel has. `together`: how many copies a program may make in all its halves; with 0 each half is a
    program of its own, whose cost can be told."""
    if not features.functions:
        chunks = any(_in_chunks(plan) for plans in selection.plans for plan in plans.all())
        together = min(together, TOGETHER_IN_ROUNDS if chunks else TOGETHER_IN_LINE)
    # A call that does not return neither fails nor takes its time.
    calls = tuple(plans for plans in selection.plans if plans.default.returns or not filters.any)
    sizes = layout(tuple(plan for plans in calls for plan in plans.all()), ring_size)
    shapes = _shapes(calls)
    reached = dict(_halves(shapes.values(), sizes, fields, frame, context, features, together))
    indexes = {shape: each.index for shape, each in shapes.items()}
    variants: dict[bytes, bytes] = {}
    choose = collectors.choose(context)
    for plans in calls:
        _reach_too(reached, indexes[plans.default.shape], plans.number)
        if plans.selector is not None:
            for value, plan in plans.variants:
                key = VARIANT_KEY.pack(plans.number, value)
                variants[key] = VARIANT.pack(*plan.sizes, indexes[plan.shape])
            reached["enter_calls", plans.number] = choose
    compat = collectors.compat(frame, context)
    reached |= {("enter_calls", record.COMPAT_BASE + number): compat for number in selection.compat}
    if selection.unknown:
        reached["enter_calls", record.UNKNOWN] = collectors.unknown(frame, context)
        reached["enter_calls", record.UNKNOWN_COMPAT] = compat
        # A known number without a program would count as an unknown one.
        for plans in set(selection.plans) - set(calls):
            reached["enter_calls", plans.number] = collectors.ignore()
    walked = next((plans.default for plans in calls if plans.default.walks), None)
    if walked is not None:
        for stage in (WALK_ARGV, WALK_ENVP):
            reached["exec_steps", stage] = execs.walk(walked, stage, sizes, features)
        if execs.steps(walked).argv.whole:
            for stage in (TAKE_ARGV, TAKE_ENVP):
                reached["exec_steps", stage] = exec_chunks.take(walked, stage, sizes, fields)

    takers = frozenset() if opening is None else taking.numbers(opening.calls)
    if opening is not None and takers:
        taker = taking.program(opening.fields, frame, context)
        reached |= {("enter_calls", plans.number): taker for plans in calls if plans.number in takers}
    if setting is not None:
        _tell_settings(reached, calls, settings.program(setting))

    sys_exit = dispatch.sys_exit(filters, fields, sizes, context)
    reached["exit_calls", LATE] = dispatch.late(fields, frame, sizes, context, gate)
    reached["exit_calls", SYS_EXIT] = sys_exit
    reached["exit_calls", KEEP] = slots.keep(sizes)
    attached = {
        "sys_exit": sys_exit,
        "sched_process_exit": tasks.exit(fields, filters, sizes, gate),
        "sched_process_exec": tasks.exec(walked, fields, sizes, context, gate),
        "task_rename": tasks.rename(fields, context.renaming, gate),
        "signal_deliver": tasks.signal(fields, gate=gate),
        "sys_enter": dispatch.sys_enter(fields, frame, context, gate, unknown=selection.unknown),
    }
    if gate.paced:
        waited = dispatch.sys_enter(fields, frame, context, unknown=selection.unknown, name="at_waited")
        reached |= pace.reached(waited)
    if follow:
        attached["sched_process_fork"] = tasks.fork(fields, context, gate)
    before = {} if choosing is None else choosing.programs(fields, context)
    if context.recorded:
        before["signal_deliver"] = attached["signal_deliver"]
        attached["signal_deliver"] = tasks.signal_left_out(fields, context, gate)
    chosen = {index for array, index in reached if array == "enter_calls" and index < record.INDEXES}
    selected = bytearray(selection.unknown or index in chosen for index in range(record.INDEXES))
    for plans in calls:
        alike = plans.selector is None and plans.number not in takers
        if alike and plans.default.returns and not plans.default.steps:
            selected[plans.number] = PLAIN
    known = _calls(calls, indexes, frame)
    opens = None
    if opening is not None:
        before["sys_exit"] = opened.program(opening.fields, frame, opening.arguments, context)
        opens = opened.opens(opening.calls)
    if not features.all:
        every = {program.name: program for each in (reached, attached, before) for program in each.values()}
        fitted = {name: older().fit(program, features) for name, program in every.items()}
        reached = {at: fitted[program.name] for at, program in reached.items()}
        attached = {at: fitted[program.name] for at, program in attached.items()}
        before = {at: fitted[program.name] for at, program in before.items()}
    return ProgramSet(
        sizes,
        attached,
        reached,
        bytes(selected),
        variants,
        known,
        indexes,
        before,
        opens,
        context,
        choosing,
        gate,
        setting is not None,
        features,
    )


def _in_chunks(plan: Plan) -> bool:
    """Whether it has a loop for each copy."""
    return any(isinstance(step, CopyBlock) and step.chunks for step in plan.steps)


def _tell_settings(reached: dict[tuple[str, int], Program], calls: Iterable[Plans], program: Program) -> None:
    """Before the exit half of an exec comes this; it goes on by the call's number."""
    for number in [plans.number for plans in calls if plans.default.walks]:
        exit = reached["exit_calls", number]
        for at in [at for at, each in reached.items() if at[0] == "exit_calls" and each is exit]:
            reached[at] = program
        reached["exec_steps", FINISH + number] = exit


def _shapes(calls: Iterable[Plans]) -> dict[tuple[object, ...], Shape]:
    shapes: dict[tuple[object, ...], Shape] = {}
    for plan in itertools.chain.from_iterable(plans.all() for plans in calls):
        shapes.setdefault(plan.shape, Shape(record.SHAPES + len(shapes), plan))
    return shapes


def _halves(
    shapes: Iterable[Shape],
    sizes: Layout,
    fields: Fields,
    frame: Frame,
    context: Context,
    features: Features,
    together: int,
) -> Iterator[tuple[tuple[str, int], Program]]:
    """What is reached at each shape's index."""
    for group in _groups(shapes, together):
        ordinal = group[0].index - record.SHAPES
        index, plan = group[0].index, group[0].plan
        if plan.walks:
            yield (
                ("enter_calls", index),
                execs.enter(plan, index, frame, context, fields, f"at_enter_x{ordinal}"),
            )
            yield ("exit_calls", index), execs.exit(plan, sizes, fields, f"at_exit_x{ordinal}")
            continue
        enter = collectors.enter(group, sizes, frame, context, f"at_enter_{ordinal}", features)
        yield from ((("enter_calls", shape.index), enter) for shape in group)
        # Where nothing is fetched there is nothing left to do: sys_exit sends by itself.
        if plan.steps:
            exit = collectors.exit(group, sizes, f"at_exit_{ordinal}", features)
            yield from ((("exit_calls", shape.index), exit) for shape in group)


def _groups(shapes: Iterable[Shape], together: int) -> Iterator[list[Shape]]:
    """Which of them are one program."""
    group: list[Shape] = []
    copies = 0
    for shape in shapes:
        steps = len(shape.plan.steps)
        if not steps or shape.plan.walks:
            yield [shape]  # the first are most calls, and are not to look for themselves
            continue
        if group and copies + steps > together:
            yield group
            group, copies = [], 0
        group.append(shape)
        copies += steps
    if group:
        yield group


def _calls(calls: Iterable[Plans], indexes: Mapping[tuple[object, ...], int], frame: Frame) -> bytes:
    """The value of the map `calls`."""
    value = bytearray(CALL.size * record.CALLS)
    for plans in calls:
        index = indexes[plans.default.shape]
        enter, at = (index, 0) if plans.selector is None else (0, frame.start + plans.selector.spot.at)
        CALL.pack_into(
            value, CALL.size * plans.number, *plans.default.sizes, enter, index, at, plans.mask & 0xFFFF_FFFF
        )
    return bytes(value)


def _reach_too(reached: dict[tuple[str, int], Program], shape: int, number: int) -> None:
    """What is at the shape's index is at the call's number as well: its entry, and the end of
    a call whose entry was not seen."""
    for array in ("enter_calls", "exit_calls"):
        if (array, shape) in reached:
            reached[array, number] = reached[array, shape]
