"""The table of a summary: perf trace's columns, or strace -c's; or an object a row.

Times are those of the clock between entry and exit, as perf trace has them; strace -c
has time on a CPU unless `-w` is given. The last column of perf's table is called stddev,
but is the error of the mean: ours is the standard deviation, as a share of the average.

Sources: the output of perf 6.1 (`trace -s`) and strace 6.1 (`-c`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from argtrace.decode.events import Process
from argtrace.decode.summary import NOTHING, Row, Summary, Tally, joined
from argtrace.present.escape import plain
from argtrace.present.jsonl import Json, who
from argtrace.value import frozen, replace

_MILLION = 1_000_000

SORTS: dict[str, Callable[[Row], Any]] = {
    "time": lambda row: -row.tally.total,
    "calls": lambda row: -row.tally.calls,
    "errors": lambda row: -row.tally.errors,
    "name": lambda row: row.name,
    "avg": lambda row: -row.tally.average,
    "max": lambda row: -row.tally.longest,
    "min": lambda row: -row.tally.shortest,
}
"""By what rows are sorted: the largest first, names from a on."""


@frozen
class Look:
    """`top`: how many rows of each table, None for all. `histogram`: durations by powers of two.

    `times` and `calls` are the summary's: whether there are durations, how many calls in all.
    """

    sort: str = "time"
    top: int | None = None
    histogram: bool = False
    style: str = "perf"
    times: bool = True
    calls: int = 0


@frozen
class Block:
    """A table: all rows, or those of a thread or process."""

    title: str
    rows: tuple[Row, ...]

    @property
    def tally(self) -> Tally:
        return sum((row.tally for row in self.rows), NOTHING)


def to_text(summary: Summary, look: Look) -> str:
    calls = sum(row.tally.calls for row in summary.rows)
    table = _strace if look.style == "strace" and summary.times else _perf
    blocks = (table(block, replace(look, times=summary.times, calls=calls)) for block in _blocks(summary))
    return "\n Summary of events:\n" + "".join(f"\n{block}" for block in blocks) + _notes(summary)


def to_json(summary: Summary, look: Look) -> Iterator[Json]:
    """An object for each row."""
    for block in _blocks(summary):
        rows = sorted(block.rows, key=lambda row: (SORTS[look.sort](row), row.name))
        for row in rows[: look.top]:
            yield _object(row)


def _object(row: Row) -> Json:
    tally = row.tally
    timed = tally.timed > 0
    return {
        "type": "summary",
        "name": row.name,
        "number": row.number if row.number >= 0 else None,
        "abi": row.abi,
        **_task(row),
        "error": row.error,
        "calls": tally.calls,
        "errors": tally.errors,
        "untimed": tally.untimed,
        "pending": row.pending,
        "total": tally.total,
        "min": tally.shortest if timed else None,
        "avg": round(tally.average, 3) if timed else None,
        "max": tally.longest if timed else None,
        "stddev": round(tally.deviation, 3) if tally.timed > 1 else None,
        "histogram": [list(bucket) for bucket in tally.histogram()],
    }


def _task(row: Row) -> Json:
    if not row.pid:
        return {"pid": None, "tid": None, "comm": None}
    told = who(Process(row.tid, row.pid, row.comm))
    return {name: of for name, of in told.items() if name != "started"} | {"tid": row.tid or None}


def _blocks(summary: Summary) -> list[Block]:
    """One for each thread or process, that with the most calls first."""
    tables: dict[tuple[int, int], list[Row]] = {}
    for row in summary.rows:
        tables.setdefault((row.pid, row.tid), []).append(row)
    blocks = [Block(_title(rows[0], by_task=summary.by_task), tuple(rows)) for rows in tables.values()]
    return sorted(blocks, key=lambda block: -block.tally.calls)


def _title(row: Row, *, by_task: bool) -> str:
    if not row.pid:
        return "of no task" if by_task else "total"
    name = plain(row.comm.encode(errors="surrogateescape")) or f":{row.tid or row.pid}"
    inside = f", of {row.pid}" if row.tid and row.tid != row.pid else ""
    return f"{name} ({row.tid or row.pid}{inside})"


def _lines(block: Block, look: Look) -> Iterator[tuple[Row, tuple[Row, ...]]]:
    """Each call that has returned, or died, and its rows by errno, if it has such."""
    calls: dict[tuple[int, str | None], list[Row]] = {}
    for row in block.rows:
        calls.setdefault((row.number, row.abi), []).append(row)
    key = SORTS[look.sort]
    found = [(joined(rows), rows) for rows in calls.values()]
    found = [(row, rows) for row, rows in found if row.tally.calls]
    found.sort(key=lambda line: (key(line[0]), line[0].name))
    for row, rows in found[: look.top]:
        yield row, tuple(sorted((each for each in rows if each.errno), key=key))


def _called(row: Row) -> str:
    return row.name if row.abi is None else f"{row.name}@{row.abi}"


_COUNTS_HEAD = """\
   syscall            calls  errors
   --------------- --------  ------
"""

_PERF_HEAD = """\
   syscall            calls  errors  total       min       avg       max       stddev
                                     (msec)    (msec)    (msec)    (msec)        (%)
   --------------- --------  ------ -------- --------- --------- ---------     ------
"""


def _perf(block: Block, look: Look) -> str:
    tally = block.tally
    share = 100 * tally.calls / (look.calls or 1)
    lines = [
        f" {block.title}, {tally.calls} calls, {share:.1f}%\n\n",
        _PERF_HEAD if look.times else _COUNTS_HEAD,
    ]
    rows = list(_lines(block, look))
    for row, by_errno in rows:
        lines.append(_perf_row(_called(row), row.tally))
        lines += (_perf_row(f"  {each.error}", each.tally) for each in by_errno)
    if look.histogram:
        lines += (_histogram(row) for row, _ in rows if row.tally.timed)
    return "".join(lines)


def _perf_row(name: str, tally: Tally) -> str:
    line = f"   {name:15} {tally.calls:8} {tally.errors:6}"
    if not tally.timed:
        return line + "\n"
    times = (tally.total, tally.shortest, tally.average, tally.longest)
    line += "".join(f" {time / _MILLION:9.3f}" for time in times)
    share = 100 * tally.deviation / tally.average if tally.average else 0.0
    return f"{line} {share:9.2f}%\n"


_STRACE_RULE = "------ ----------- ----------- --------- --------- ----------------\n"


def _strace(block: Block, look: Look) -> str:
    head = "% time     seconds  usecs/call     calls    errors syscall\n"
    lines = [f" {block.title}\n" if block.title != "total" else "", head, _STRACE_RULE]
    rows = list(_lines(block, look))
    whole = block.tally.total or 1
    for row, by_errno in rows:
        lines.append(_strace_row(_called(row), row.tally, whole))
        lines += (_strace_row(f"  {each.error}", each.tally, whole) for each in by_errno)
    lines += [_STRACE_RULE, _strace_row("total", block.tally, whole)]
    if look.histogram:
        lines += (_histogram(row) for row, _ in rows if row.tally.timed)
    return "".join(lines)


def _strace_row(name: str, tally: Tally, whole: int) -> str:
    seconds, each = tally.total / 1e9, round(tally.average / 1000)
    return (
        f"{100 * tally.total / whole:6.2f} {seconds:11.6f} {each:11} {tally.calls:9} "
        f"{tally.errors or '':>9} {name}\n"
    )


_BAR = 40


def _histogram(row: Row) -> str:
    """As bpftrace draws it: from this duration to less than that, and how often."""
    counts = dict(row.tally.histogram())
    if not counts:  # calls, and no bucket: a cell that is not what it should be
        return ""
    lines = [f"\n   {_called(row)}\n"]
    least, most = min(counts), max(counts)
    edge, largest = least, max(counts.values())
    while edge <= most:
        following = max(2 * edge, 2)
        bar = "@" * math.ceil(_BAR * counts.get(edge, 0) / largest)
        between = f"[{_time(edge)}, {_time(following)})"
        lines.append(f"   {between:22} {counts.get(edge, 0):10} |{bar:{_BAR}}|\n")
        edge = following
    return "".join(lines)


def _time(ns: int) -> str:
    """Three figures: 512 ns, 1.02 us, 16.8 ms."""
    value, unit = float(ns), "ns"
    for larger in ("us", "ms", "s"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"


def _notes(summary: Summary) -> str:
    """What a row cannot say."""
    notes = []
    untimed = _counts((row, row.tally.untimed) for row in summary.rows)
    if untimed and summary.times:
        notes.append(f"without a duration (no return, or no entry seen): {untimed}")
    pending = _counts((row, row.pending) for row in summary.rows)
    if pending:
        notes.append(f"not returned when the trace ended, and not in the table: {pending}")
    notes += warnings(summary)
    return "\n" + "".join(f" {note}\n" for note in notes) if notes else ""


def warnings(summary: Summary) -> list[str]:
    """Where the table is not what was asked for."""
    found = []
    if summary.unsplit:
        found.append(f"{summary.unsplit} calls were not split: there was no room for more rows")
    if summary.missed:
        times = f"{summary.missed} times the kernel left out a program that counts"
        found.append(f"{times}: so many calls may be missing")
    return found


def _counts(counts: Iterable[tuple[Row, int]]) -> str:
    sums: dict[str, int] = {}
    for row, count in counts:
        if count:
            sums[_called(row)] = sums.get(_called(row), 0) + count
    return ", ".join(f"{name} {count}" for name, count in sorted(sums.items(), key=lambda item: -item[1]))
