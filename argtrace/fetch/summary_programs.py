"""What a summary gives to the kernel: alone, or in front of what a trace gives.

Who is traced is kept by the trace's own programs (`tasks.py`) in both cases. Alone, there
is no sys_enter and no sys_exit but the summary's, so no record of any call.
"""

from __future__ import annotations

from collections.abc import Mapping

from argtrace.fetch import record, summary, summary_counts
from argtrace.fetch.asm import Program
from argtrace.fetch.choice import OPEN, Gate
from argtrace.fetch.choosing import AT_CALL, IDENTIFY
from argtrace.fetch.context import Context
from argtrace.fetch.features import ALL, Features
from argtrace.fetch.fields import Fields
from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import ONE, TRACK
from argtrace.fetch.loadable import Loadable
from argtrace.fetch.plan import NEVER_RETURN
from argtrace.fetch.programs import code, older
from argtrace.fetch.summary_layout import COMPAT, EXEC, HASHED, NO_RETURN, WANTED, WORD, Summing, maps
from argtrace.location.frames import Frame
from argtrace.value import frozen, replace

EXECS = frozenset({"execve", "execveat"})

RING = 1 << 20
"""Bytes, for the events of tasks alone."""

# Of a trace's programs, those that tell of calls, or what nobody shows.
OF_CALLS = frozenset({"sys_enter", "sys_exit", "signal_deliver"})


@frozen
class Counted:
    """Which calls: names by number, those of 32-bit ones, and whether numbers that no table has."""

    names: Mapping[int, str]
    compat: Mapping[int, str]
    unknown: bool


def words(calls: Counted, filters: Filters, summing: Summing) -> bytes:
    """The value of the map `words`: how the call at each index is counted."""
    # As in a trace: a call that does not return neither fails nor takes its time.
    never = 0 if filters.any else NO_RETURN
    found = [0] * record.INDEXES
    if calls.unknown:
        found[: record.COMPAT_BASE] = [WANTED | HASHED] * record.CALLS
        found[record.COMPAT_BASE : record.UNKNOWN] = [WANTED | HASHED | COMPAT] * record.CALLS
        found[record.UNKNOWN] = WANTED | HASHED
        found[record.UNKNOWN_COMPAT] = WANTED | HASHED | COMPAT
    for number, name in calls.compat.items():
        word = WANTED | HASHED | COMPAT
        # Beside a trace, which sees 32-bit ones come to their end with the task, so do we.
        if summing.alone and name in NEVER_RETURN:
            word = word | never if never else 0
        found[record.COMPAT_BASE + number] = word
    for ordinal, number in enumerate(ordinals(calls), 1):
        name = calls.names[number]
        word = WANTED | ordinal | (EXEC if name in EXECS else 0)
        if name in NEVER_RETURN:
            word = word | never if never else 0
        found[number] = word
    return b"".join(WORD.pack(word) for word in found)


def ordinals(calls: Counted) -> list[int]:
    """The numbers of the 64-bit calls in the order of their ordinals, which begin at 1."""
    return sorted(calls.names)


def alone(trace: Loadable) -> Loadable:
    """Of a trace what keeps its tasks, and tells of them."""
    attached = tuple((at, name) for at, name in trace.attached if at not in OF_CALLS or name == AT_CALL)
    kept = {TRACK, IDENTIFY, *(name for _, name in attached)}
    codes = tuple(code for code in trace.codes if code.name in kept)
    return replace(trace, codes=codes, attached=attached, reached=())


def programs(
    summing: Summing, filters: Filters, fields: Fields, frame: Frame, context: Context, gate: Gate = OPEN
) -> dict[str, Program]:
    """Those that count, by tracepoint."""
    found = {"sched_process_exec": summary.launched()}
    if summing.times:
        found["sys_exit"] = summary.exit(summing, filters, fields, frame, context, gate)
        found["sched_process_exit"] = summary.task_exit(summing, filters)
        found["sys_enter"] = summary.enter(summing, fields, context, gate)
    else:
        found["sys_exit"] = summary_counts.exit(summing, filters, fields, frame, context)
        found["sched_process_exit"] = summary_counts.task_exit(summing, fields, frame)
    return found


def summed(
    trace: Loadable,
    summing: Summing,
    calls: Counted,
    filters: Filters,
    fields: Fields,
    frame: Frame,
    context: Context,
    gate: Gate = OPEN,
    features: Features = ALL,
) -> Loadable:
    """A trace whose calls are counted too. What counts runs before what sends, and forgets; and behind
    what decides who is traced."""
    counting = programs(summing, filters, fields, frame, context, gate)
    counted = maps(len(calls.names))
    if not features.all:
        counting = {at: older().fit(program, features) for at, program in counting.items()}
        counted = older().maps(counted, features)
    choosing = tuple((at, name) for at, name in trace.attached if name == AT_CALL)
    others = tuple(each for each in trace.attached if each not in choosing)
    return replace(
        trace,
        maps=(*trace.maps, *counted),
        codes=(*(code(program, context.type, features) for program in counting.values()), *trace.codes),
        attached=(*choosing, *((at, program.name) for at, program in counting.items()), *others),
        values=(*trace.values, ("words", ONE, words(calls, filters, summing))),
    )
