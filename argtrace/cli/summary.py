"""`-s` and `-S` on the command line: their options, what is shown meanwhile, the table at the end."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argtrace.decode.events import Event
    from argtrace.fetch.summary_layout import Summing
    from argtrace.present import Sink
    from argtrace.present.output import Output
    from argtrace.ptrace.session import PtraceSession
    from argtrace.session import Session

# As `present/summary.py` has them, which is not imported before the command is forked.
_SORTS = ("time", "calls", "errors", "name", "avg", "max", "min")
_BY = ("thread", "process", "errno")


def add_options(top: argparse.ArgumentParser) -> None:
    group = top.add_argument_group("summary (counted in the kernel)")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "-s", "--summary", dest="summary", action="store_const", const="alone",
        help="no lines: a table of calls, errors and times at the end (perf's -s, strace's -c)",
    )  # fmt: skip
    which.add_argument(
        "-S", "--with-summary", dest="summary", action="store_const", const="beside",
        help="lines, then the table (perf's -S, strace's -C)",
    )  # fmt: skip
    group.add_argument(
        "--by", metavar="WHAT[,WHAT]", type=_by, action="extend", default=[],
        help="split rows by thread, process, errno",
    )  # fmt: skip
    group.add_argument("--sort", choices=_SORTS, default="time", help="order of rows (default: time)")
    group.add_argument("--top", "--max-summary", metavar="N", type=_rows, help="so many rows of each table")
    group.add_argument(
        "--no-times", dest="times", action="store_false",
        help="with -s: calls and errors alone, at half the cost for what is traced",
    )  # fmt: skip
    group.add_argument("--histogram", action="store_true", help="below each table durations by powers of two")


def _by(text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in _BY:
            raise argparse.ArgumentTypeError(f"'{word}' is no way to split rows; write {', '.join(_BY)}")
    return words


def _rows(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no positive number")
    return int(text)


def check(parser: argparse.ArgumentParser, wanted: argparse.Namespace) -> None:
    """Options that say nothing together, to the user and out."""
    if wanted.summary is None:
        if wanted.by or wanted.top or wanted.histogram or not wanted.times:
            parser.error("--by, --top, --histogram and --no-times are for a summary: add -s or -S")
    elif wanted.max_events is not None:
        parser.error("--max-events ends a trace in the middle, which -s and -S count to its end")
    elif not wanted.times and (wanted.summary != "alone" or wanted.duration or wanted.histogram):
        parser.error("--no-times goes with -s, and without --duration and --histogram, which need times")


def summing(wanted: argparse.Namespace) -> Summing | None:
    """What the kernel is to count."""
    if wanted.summary is None:
        return None
    from argtrace.fetch.summary_layout import Summing  # noqa: PLC0415 (after the fork)

    return Summing(frozenset(wanted.by), wanted.summary == "alone", wanted.times)


def show(session: Session | PtraceSession, wanted: argparse.Namespace, sink: Sink) -> None:
    """The table, where the lines went."""
    from argtrace.decode.events import Note  # noqa: PLC0415 (after the fork)
    from argtrace.present import jsonl, summary  # noqa: PLC0415

    sort = "calls" if wanted.sort == "time" and not wanted.times else wanted.sort
    look = summary.Look(sort, wanted.top, wanted.histogram, wanted.style)
    found = session.summary()
    if wanted.json:
        for row in summary.to_json(found, look):
            sink.output.write(jsonl.encode(row) + "\n")
        for warning in summary.warnings(found):
            sink.event(Note(time.clock_gettime_ns(time.CLOCK_MONOTONIC), warning))
    else:
        sink.output.write(summary.to_text(found, look))


class Silent:
    """A sink in front of another under `-s`: notes get there, and no event does."""

    json = False

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self.output: Output = sink.output

    def event(self, event: Event) -> bool:
        from argtrace.decode.events import Note  # noqa: PLC0415 (after the fork)

        if isinstance(event, Note):
            self._sink.event(event)
        return False

    def written(self, event: Event) -> str:
        return self._sink.written(event)

    def flush(self) -> None:
        self._sink.flush()

    def close(self) -> None:
        self._sink.close()
