"""What does tracing cost, and what is lost? argtrace beside its peers, in one alternating run.

    python -m bench.tracing [--rounds N] [--only WORKLOAD] [--peers NAME ...] [--quick] [--markdown]

Every round runs each workload alone, then under each tracer in turn. "added" is the time a call
takes longer than in the same round alone, by the workload's own clock; "x" is that, divided by
argtrace's in the same round: the figure to read, since machines are noisy. "CPU s/M" is the
tracer's own for a million calls, without what it takes for a program that does nothing. Of the calls
that must be shown ("expected") a tool showed "shown"; "says lost" is its own word on that.

The second table is of a trace that selects a call which does not occur, with a pair of empty programs
on sys_enter and sys_exit beside it: no tracer that uses these can cost less.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argtrace.kernel.calls import Linux
from bench import printing, running
from bench.peers import ABSENT, BenchError, Peer, choose
from bench.printing import figure, median
from bench.running import Run
from bench.subjects import NAMES, Builder, Size, Subject

_QUICK = 20
_MIB = 1 << 20
_TRIES = 2
_FLOOR = "(empty programs)"


@dataclass(slots=True)
class Measured:
    """A workload's runs. Each round is the run alone, and those under each peer that did not fail."""

    subject: Subject
    filtered: bool
    rounds: list[tuple[Run, dict[str, Run]]] = field(default_factory=list)
    failed: dict[str, list[str]] = field(default_factory=dict)

    def under(self, peer: str) -> list[Run]:
        return [runs[peer] for _, runs in self.rounds if peer in runs]

    def added(self, peer: str) -> list[float]:
        """Microseconds a call."""
        return [self._added(alone, runs[peer]) for alone, runs in self.rounds if peer in runs]

    def ratios(self, peer: str, to: str) -> list[float]:
        """What the one adds by what the other adds, in rounds that have both."""
        return [
            self._added(alone, runs[peer]) / self._added(alone, runs[to])
            for alone, runs in self.rounds
            if peer in runs and to in runs and self._added(alone, runs[to]) > 0
        ]

    def _added(self, alone: Run, run: Run) -> float:
        return (run.ns - alone.ns) / self.subject.calls / 1000


def measure(
    subject: Subject, used: Sequence[Peer], wanted: argparse.Namespace, *, filtered: bool
) -> Measured:
    """All rounds of one workload. A peer that failed twice is not tried again."""
    measured = Measured(subject, filtered)
    kernel = Linux()
    running.alone(subject)  # warms caches
    for _ in range(wanted.rounds):
        runs: dict[str, Run] = {}
        measured.rounds.append((running.alone(subject), runs))
        if filtered:
            runs[_FLOOR] = running.beside_empty_programs(subject, kernel)
        for peer in used:
            if len(measured.failed.get(peer.name, ())) == _TRIES:
                continue
            with tempfile.TemporaryDirectory(dir=wanted.directory) as directory:
                try:
                    runs[peer.name] = running.traced(
                        peer, subject, Path(directory), filtered=filtered, timeout=wanted.timeout
                    )
                except BenchError as error:
                    measured.failed.setdefault(peer.name, []).append(str(error))
    return measured


HEAD = (
    "tracer",
    "added us",
    "x",
    "CPU s/M",
    "RSS MiB",
    "expected",
    "shown",
    "missing",
    "says lost",
    "whole s",
)


def rows(measured: Measured, idle: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """`idle`: CPU seconds of each peer for a command that does nothing."""
    subject = measured.subject
    expected = sum(subject.compared.values())
    for name in dict.fromkeys(name for _, runs in measured.rounds for name in runs):
        runs = measured.under(name)
        ratios = measured.ratios(name, "argtrace")
        cpu = median(run.cpu - idle.get(name, 0) for run in runs) / subject.calls * 1e6
        memory = max(run.memory for run in runs) / _MIB
        shown = [sum((run.shown or {}).values()) for run in runs]
        missing = [max(0, 100 * (1 - each / expected)) for each in shown]
        losses = [run.lost for run in runs]
        yield (
            name,
            figure(median(measured.added(name))),
            figure(median(ratios)) if ratios else "",
            figure(max(0.0, cpu)),
            figure(memory, 0),
            "" if measured.filtered else str(expected),
            "" if measured.filtered else _span(shown),
            "" if measured.filtered else f"{min(missing):.1f}-{max(missing):.1f} %" if max(missing) else "0",
            "cannot" if None in losses else _span([lost or 0 for lost in losses]),
            figure(median(run.whole for run in runs)),
        )


def _span(figures: Sequence[int]) -> str:
    least, most = min(figures), max(figures)
    return str(least) if least == most else f"{least}-{most}"


def title(measured: Measured) -> str:
    subject = measured.subject
    alone = median(alone.ns for alone, _ in measured.rounds)
    chosen = f" -e {ABSENT}" if measured.filtered else ""
    each = alone / subject.calls
    return f"{subject.name}{chosen}: {subject.calls} calls, {each:.0f} ns each when not traced"


def idle_seconds(builder: Builder, used: Sequence[Peer], wanted: argparse.Namespace) -> dict[str, float]:
    """What each peer takes to start and to end."""
    nothing = builder.loop("getppid", 1)
    measured = measure(nothing, used, wanted, filtered=False)
    return {peer.name: median(run.cpu for run in measured.under(peer.name)) for peer in used}


def _arguments() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", action="append", choices=NAMES, metavar="WORKLOAD", help=", ".join(NAMES))
    parser.add_argument("--peers", nargs="+", default=[], metavar="NAME", help="or how it begins")
    parser.add_argument("--quick", action="store_true", help=f"a {_QUICK}th of the work")
    parser.add_argument("--no-filtered", dest="filtered", action="store_false", help="only the first table")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one run")
    parser.add_argument("--directory", help="for traces of some hundred MB, deleted when read")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def main() -> None:
    wanted = _arguments()
    size = Size().shrunk(_QUICK) if wanted.quick else Size()
    try:
        used, left_out = choose(wanted.peers)
        print(printing.surroundings(used))
        with tempfile.TemporaryDirectory(dir=wanted.directory) as directory:
            builder = Builder(Path(directory))
            everything = [peer for peer in used if peer.everything]
            idle = idle_seconds(builder, everything, wanted)
            for name in wanted.only or NAMES:
                subject = builder.subject(name, size)
                for filtered in (False, True) if wanted.filtered else (False,):
                    chosen = [peer for peer in used if (peer.filtered if filtered else peer.everything)]
                    measured = measure(subject, chosen, wanted, filtered=filtered)
                    print(f"\n{title(measured)}\n")
                    print(printing.table(HEAD, rows(measured, idle), markdown=wanted.markdown), flush=True)
                    left_out |= {
                        f"{peer} on {name}, {len(why)} of {wanted.rounds} runs": why[0]
                        for peer, why in measured.failed.items()
                    }
    except BenchError as error:
        sys.exit(f"bench.tracing: {error}")
    for name, why in left_out.items():
        print(f"left out: {name}: {why}")


if __name__ == "__main__":
    main()
