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
from argtrace.fetch.summary_layout import COMPAT, ERRNO, THREAD, Summing
from argtrace.fetch.summary_programs import RING, Counted, alone, ordinals, summed
from argtrace.kept import Ready
from argtrace.kernel import maps, uapi
from argtrace.kernel.maps import Map
from argtrace.location import frames
from argtrace.options import Options
from argtrace.signature import syscalls
from argtrace.signature.select import select
from argtrace.target import Target
from argtrace.targets import gate
from argtrace.value import replace


def counted(options: Options) -> Counted:
    """The calls that are asked for, as `prepare` has them."""
    named = syscalls.signatures(syscalls.NAMES, None)
    chosen = select(options.calls, named)
    names = {number: named[number].name for number in chosen}
    everything = len(chosen) == len(named)
    return Counted(names, tuple(syscalls.compat_of(names.values(), everything=everything)), everything)


def ready(options: Options, target: Target) -> Ready:
    """What a session loads: for the table alone, or for a trace with a table."""
    summing = _wanted(options)
    fields, frame = running_kernel.fields(), frames.frame(target)
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
        made.loadable, summing, counted(options), options.filters, fields, frame, context, wanted, features
    )
    return replace(made, loadable=loadable)


def read(
    found: Mapping[str, Map], slots: Iterable[tuple[int, bytes]], options: Options, missed: int
) -> Summary:
    """What was counted, once nothing is attached any more. `slots`: of each task that is still there."""
    summing, calls = _wanted(options), counted(options)
    cpus = maps.possible_cpus()
    split = bool(summing.by)
    table: dict[tuple[object, ...], Row] = {}
    unsplit = 0
    for ordinal, number in enumerate((None, *ordinals(calls))):
        tally = rows.tally(found["totals"].lookup(ordinal.to_bytes(4, "little"), cpus=cpus) or b"")
        if not tally.calls:
            continue
        unsplit += tally.calls if split or number is None else 0
        name = "(others)" if number is None else calls.names[number]
        row = Row(name, -1 if number is None else number, None, 0, 0, None, tally)
        table[_identity(row)] = row
    cells = found["cells"]
    per_cpu = cells.spec.type == uapi.BPF_MAP_TYPE_PERCPU_HASH
    for key in cells.keys():  # noqa: SIM118 (a map of the kernel's)
        value = cells.lookup(key, cpus=cpus if per_cpu else 0)
        row = rows.row(key, value or b"", by_errno=ERRNO in summing.by)
        if row.tally.calls:
            table[_identity(row)] = row
    for row in _pending(slots, calls, summing):
        known = table.get(_identity(row))
        table[_identity(row)] = row if known is None else replace(known, pending=known.pending + 1)
    named = (replace(row, comm=_comm(row, found["comms"])) if row.pid else row for row in table.values())
    return Summary(tuple(named), summing.by_task, summing.times, unsplit, missed)


def _comm(row: Row, ended: Map) -> str:
    """The name of a task: as it was when it ended, else as it is."""
    tid = row.tid or row.pid
    name = ended.lookup(struct.pack("<II", tid, row.pid))
    known = processes.comm(tid) if name is None else name.split(b"\0", 1)[0]
    return known.decode(errors="surrogateescape")


def _identity(row: Row) -> tuple[object, ...]:
    return row.tid, row.pid, row.number, row.abi, row.errno


def _wanted(options: Options) -> Summing:
    assert options.summary is not None
    return options.summary


def _pending(slots: Iterable[tuple[int, bytes]], calls: Counted, summing: Summing) -> Iterator[Row]:
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
        name, abi = rows.call(number, compat)
        yield Row(
            name,
            number,
            abi,
            tid if THREAD in summing.by else 0,
            processes.tgid(tid) if summing.by_task else 0,
            0 if ERRNO in summing.by else None,
            NOTHING,
            pending=1,
        )
