"""A summary put together: what a session loads for it, and what is read back at the end.

`-s` prepares no collector at all, so it begins sooner than a trace does. `-S` takes what
was prepared, or kept, for the trace, and puts the counting programs in front.

Not here: the programs are `fetch/summary.py`; the table is `present/summary.py`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping

from argtrace import kept, processes, running_kernel
from argtrace.decode import summary as rows
from argtrace.decode.summary import NOTHING, Row, Summary
from argtrace.fetch import programs, record
from argtrace.fetch.filters import Filters
from argtrace.fetch.programs import Selection
from argtrace.fetch.record import RECORD, Flag, Phase
from argtrace.fetch.summary_layout import COMPAT, Summing
from argtrace.fetch.summary_programs import RING, Counted, alone, ordinals, summed
from argtrace.kept import Ready
from argtrace.kernel import maps
from argtrace.kernel.maps import Map
from argtrace.location import frames
from argtrace.options import Options
from argtrace.signature import syscalls
from argtrace.signature.select import select
from argtrace.target import Target
from argtrace.targets import gate
from argtrace.value import replace

_OTHERS = -1
"""The number of calls that have none in a table."""


def counted(options: Options, target: Target) -> Counted:
    """The calls that are asked for, as `prepare` has them."""
    named = syscalls.signatures(syscalls.names(target), None, target)
    chosen = select(options.calls, named)
    names = {number: named[number].name for number in chosen}
    everything = len(chosen) == len(named)
    compat = syscalls.compat_of(names.values(), target, everything=everything)
    return Counted(names, compat, everything)


def ready(options: Options, target: Target) -> Ready:
    """What a session loads: for the table alone, or for a trace with a table."""
    summing = _wanted(options)
    fields, frame = running_kernel.fields(target), frames.frame(target)
    context = running_kernel.context()
    wanted = gate(options.targets, options.window)
    features = running_kernel.features()
    trace = replace(options, summary=None)
    if summing.alone:
        tasks = programs.generate(
            Selection(()),
            Filters(),
            fields,
            frame,
            context,
            ring_size=RING,
            follow=options.follow,
            choosing=running_kernel.choosing(options.targets.choice),
            gate=wanted,
            features=features,
        )
        made = Ready(alone(tasks.loadable()), {}, frozenset())
    else:
        made = kept.ready(trace, target)
    loadable = summed(
        made.loadable,
        summing,
        counted(options, target),
        options.filters,
        fields,
        frame,
        context,
        wanted,
        features,
    )
    return replace(made, loadable=loadable)


def read(
    found: Mapping[str, Map],
    slots: Iterable[tuple[int, bytes]],
    options: Options,
    target: Target,
    missed: int,
) -> Summary:
    """What was counted, once nothing is attached any more. `slots`: of each task that is still there."""
    summing, calls = _wanted(options), counted(options, target)
    by_call = list(_by_call(found["totals"], calls))
    unsplit = sum(row.tally.calls for row in by_call if summing.by or row.number == _OTHERS)
    cells = found["cells"]
    split = (
        rows.row(key, cells.lookup(key) or b"", target, summing)
        for key in cells.keys()  # noqa: SIM118 (a map of the kernel's)
    )
    table = rows.merged((*by_call, *split, *_pending(slots, calls, summing, target)))
    named = (replace(row, comm=_comm(row, found["comms"])) if row.pid else row for row in table)
    told = tuple(row for row in named if row.tally.calls or row.pending)
    return Summary(told, summing.by_task, summing.times, unsplit, missed)


def _by_call(totals: Map, calls: Counted) -> Iterator[Row]:
    """What was counted without a look at who calls; calls without a row of their own are one."""
    cpus = maps.possible_cpus()
    for ordinal, number in enumerate((None, *ordinals(calls))):
        tally = rows.tally(totals.lookup(ordinal.to_bytes(4, "little"), cpus=cpus) or b"")
        if tally.calls:
            name = "(others)" if number is None else calls.names[number]
            yield Row(name, _OTHERS if number is None else number, None, 0, 0, None, tally)


def _comm(row: Row, ended: Map) -> str:
    """The name of a task: as it was when it ended, else as it is."""
    tid = row.tid or row.pid
    name = ended.lookup(struct.pack("<II", tid, row.pid))
    known = processes.comm(tid) if name is None else name.split(b"\0", 1)[0]
    return known.decode(errors="surrogateescape")


def _wanted(options: Options) -> Summing:
    assert options.summary is not None
    return options.summary


def _pending(
    slots: Iterable[tuple[int, bytes]], calls: Counted, summing: Summing, target: Target
) -> Iterator[Row]:
    """A row for each call that somebody is in."""
    for tid, slot in slots:
        phase = int.from_bytes(slot[record.PHASE : record.PHASE + 2], "little")
        if phase != (Phase.COUNTED if summing.alone else Phase.PENDING):
            continue
        at = record.INDEX if summing.alone else RECORD + record.NUMBER
        number = int.from_bytes(slot[at : at + 4], "little")
        at = record.NEXT if summing.alone else RECORD + record.FLAGS
        marks = int.from_bytes(slot[at : at + 2], "little")
        compat = bool(marks & (COMPAT if summing.alone else Flag.COMPAT))
        if not calls.unknown and number not in (calls.compat if compat else calls.names):
            continue  # traced for what it tells of descriptors
        name, abi = rows.call(number, target, compat=compat)
        yield Row(
            name,
            number,
            abi,
            0 if summing.by_cpu else tid,
            processes.tgid(tid) if summing.by_task else 0,
            0 if summing.by_errno else None,
            NOTHING,
            pending=1,
        )
