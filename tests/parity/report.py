"""How far argtrace says what strace says: run the corpus, count, print.

    python -m tests.parity.report [--write FILE] [--all] [PROGRAM...]

`--write` writes the report as Markdown; `--all` prints every difference, not one of each place.

Not here: running is `runs.py`, comparing `compare.py`, reasons `explained.py`.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.parity import everyday, runs
from tests.parity import strace_tree as tree
from tests.parity.compare import Comparison, Difference, Expected, Json, Outcome, Tally, compare
from tests.parity.explained import EXPLAINED, Row, explanation
from tests.parity.runs import Observed, Runs

TARGETS = {"calls": 1.0, "scalars": 0.99, "pointers": 0.97}

_COUNTED = ("calls", "results", "scalars", "pointers", "signals", "files")


@dataclass(slots=True)
class Report:
    """`families`: by the first word of the programs' names. `cold`: see `_cold`."""

    families: dict[str, Comparison] = field(default_factory=dict)
    explained: dict[Row, list[Difference]] = field(default_factory=dict)
    unexplained: list[Difference] = field(default_factory=list)
    cold: Tally = field(default_factory=Tally)
    programs: int = 0
    lost: int = 0
    seconds: float = 0

    def total(self) -> Comparison:
        total = Comparison()
        for comparison in self.families.values():
            _add(total, comparison)
        return total

    def missed(self) -> list[str]:
        """Targets that are not reached."""
        total = self.total()
        shares = {name: getattr(total, name).share for name in TARGETS}
        return [f"{name}: {shares[name]:.2%}" for name, target in TARGETS.items() if shares[name] < target]


def _add(total: Comparison, part: Comparison) -> None:
    for name in _COUNTED:
        getattr(total, name).include(getattr(part, name))
    total.members += part.members
    total.differences += part.differences
    total.more += part.more


def compared(name: str, observed: Observed, numbers: Mapping[int, str], source: str = "") -> Comparison:
    expected = [
        (call, Expected(args, result, error)) for call, args, result, error in tree.expectations(source)
    ]
    return compare(name, observed.strace, observed.argtrace, numbers, expected, _explains)


def _explains(difference: Difference) -> bool:
    return explanation(difference) is not None


def corpus(names: Sequence[str], scratch: Path) -> tuple[Report, Runs]:
    """Our own programs, or some of them."""
    built = runs.build([runs.PROGRAMS / f"{name}.c" for name in names])
    commands = {name: [str(built[name])] for name in names}
    report, observed = _run(commands, scratch)
    alone = runs.alone(commands, scratch)
    for name in names:
        report.cold.include(cold(observed.programs[name].argtrace, alone[name]))
    return report, observed


def everyday_programs(scratch: Path) -> tuple[Report, Runs]:
    return _run(everyday.commands(), scratch)


def _run(commands: Mapping[str, Sequence[str]], scratch: Path) -> tuple[Report, Runs]:
    observed = runs.together(commands, scratch)
    report = Report(programs=len(commands), lost=observed.lost, seconds=observed.seconds)
    for name in commands:
        source = runs.source(name) if (runs.PROGRAMS / f"{name}.c").exists() else ""
        comparison = compared(name, observed.programs[name], observed.numbers, source)
        _add(report.families.setdefault(name.split("_")[0], Comparison()), comparison)
        for difference in comparison.differences:
            row = explanation(difference)
            if row is None:
                report.unexplained.append(difference)
            else:
                report.explained.setdefault(row, []).append(difference)
    return report, observed


# ---------------------------------------------------------------- without strace's help


def cold(together: Sequence[Json], alone: Sequence[Json]) -> Tally:
    """Pointers that could be read when strace had read them before; `equal` of them also without it."""
    tally = Tally()
    for theirs, ours in zip(_threads(together), _threads(alone), strict=False):
        for one, other in zip(theirs, ours, strict=False):
            if one["name"] != other["name"] or len(one["args"]) != len(other["args"]):
                break
            for with_strace, without in zip(one["args"], other["args"], strict=True):
                if with_strace["kind"] in _READ and not _unreadable(with_strace):
                    tally.add(Outcome.DIFFERENT if _unreadable(without) else Outcome.EQUAL)
    return tally


_READ = frozenset({"string", "bytes", "list", "struct", "changed"})


def _threads(events: Sequence[Json]) -> list[list[Json]]:
    threads: dict[int, list[Json]] = {}
    for event in events:
        if event["type"] == "call":
            threads.setdefault(event["tid"], []).append(event)
    return list(threads.values())


def _unreadable(json: object) -> bool:
    if isinstance(json, dict):
        return json.get("kind") == "missing" or any(_unreadable(value) for value in json.values())
    return isinstance(json, list) and any(_unreadable(item) for item in json)


# ---------------------------------------------------------------- for people


def _row(name: str, comparison: Comparison) -> tuple[str, ...]:
    tallies = [getattr(comparison, counted) for counted in _COUNTED]
    cells = (f"{tally.equal} of {tally.total}" if tally.total else "" for tally in tallies)
    return (name, *cells, str(comparison.members))


def table(report: Report) -> list[tuple[str, ...]]:
    """Rows of cells: a head, each family, a total, its shares."""
    total = report.total()
    shares = [getattr(total, counted).share for counted in _COUNTED]
    return [
        ("family", *_COUNTED, "values"),
        *(_row(name, report.families[name]) for name in sorted(report.families)),
        _row("all", total),
        ("", *(f"{share:.2%}" for share in shares), ""),
    ]


def unused(*reports: Report) -> list[Row]:
    """Reasons that no difference needs."""
    return [row for row in EXPLAINED if not any(row in report.explained for report in reports)]


def grouped(differences: Sequence[Difference]) -> Iterator[tuple[int, Difference]]:
    """One of each place, with how many there are of it; most first."""
    kinds: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], Difference] = {}
    for difference in differences:
        key = re.sub(r"\[\d+\]", "[]", difference.place), difference.what
        kinds[key] += 1
        first.setdefault(key, difference)
    for key, count in kinds.most_common():
        yield count, first[key]


def text(report: Report, *, every: bool = False) -> Iterator[str]:
    lines = table(report)
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    for line in lines:
        yield _padded(line, widths)
    yield ""
    yield (f"{report.programs} programs in {report.seconds:.1f} s, {report.lost} events lost")
    if report.cold.total:
        of = f"{report.cold.equal} of {report.cold.total}"
        yield f"alone, argtrace could read {of} arguments that it could read after strace had"
    explained = sum(map(len, report.explained.values()))
    yield f"{explained} differences with a reason, {len(report.unexplained)} without"
    for row, found in report.explained.items():
        yield f"  {len(found)}  {row.place} ({row.what}): {row.why}"
    yield ""
    if every:
        yield from map(str, report.unexplained)
    else:
        yield from (f"  {count}  {difference}" for count, difference in grouped(report.unexplained))


def _padded(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(line, widths, strict=True)
    return "  ".join((first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)))


def markdown(report: Report, everyday: Report | None = None) -> Iterator[str]:
    yield "# Parity with strace"
    yield ""
    yield (
        "Generated by `make parity WRITE=docs/parity.md`. Each of "
        f"{report.programs} programs in `tests/parity/programs` ran under "
        "`strace -f -v -s 4096 -X verbose -yy` and `argtrace --json -v -yy --string-limit 4096` at once, so "
        "that process ids, addresses and times are the same, and every argument was compared by value "
        "(`tests/parity/compare.py`)."
    )
    yield ""
    yield from _markdown_table(report)
    yield ""
    yield (
        "`scalars` are arguments that are numbers, `pointers` those that are addresses, with everything "
        "behind them; `values` counts the numbers and strings compared, `files` the descriptors whose name "
        "strace prints. The targets are "
        + ", ".join(f"{name} {target:.0%}" for name, target in TARGETS.items())
        + "."
    )
    yield ""
    yield (
        "strace reads a program's memory before argtrace does, and so brings in pages that were not there. "
        f"Alone, argtrace could read {report.cold.equal} of the {report.cold.total} arguments that it could "
        "read after strace had."
    )
    if everyday is not None:
        yield ""
        yield "## Programs of every day"
        yield ""
        yield from _markdown_table(everyday)
    yield ""
    yield "## Differences, and their reasons"
    yield ""
    yield "| differences | where | what | why |"
    yield "|--:|---|---|---|"
    counts: Counter[Row] = Counter()
    for each in (report, everyday):
        for row, found in (each.explained if each else {}).items():
            counts[row] += len(found)
    for row, count in counts.most_common():
        place = row.place.replace("|", "\\|")
        yield f"| {count} | `{place}` | {row.what.replace('|', ' or ')} | {row.why} |"
    unexplained = [*report.unexplained, *(everyday.unexplained if everyday else ())]
    if unexplained:
        yield ""
        yield "## Differences without a reason"
        yield ""
        yield from (f"- {count} of: {difference}" for count, difference in grouped(unexplained))


def _markdown_table(report: Report) -> Iterator[str]:
    head, *lines = table(report)
    yield f"| {' | '.join(head)} |"
    yield f"|---{'|--:' * (len(head) - 1)}|"
    for line in lines:
        yield f"| {' | '.join(line)} |"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.parity.report", description=__doc__)
    parser.add_argument("--write", metavar="FILE", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("programs", nargs="*", metavar="PROGRAM")
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="argtrace-parity-") as scratch:
        reports = [corpus(wanted.programs or runs.names(), Path(scratch))[0]]
        if not wanted.programs:
            reports.append(everyday_programs(Path(scratch))[0])
    for report in reports:
        for line in text(report, every=wanted.all):
            print(line)
        print()
    failed = any(report.unexplained for report in reports)
    if not wanted.programs:
        for row in unused(*reports):
            failed = True
            print(f"not needed: {row.place} ({row.what})")
        for missed in reports[0].missed():
            failed = True
            print(f"target missed: {missed}")
    if wanted.write:
        wanted.write.write_text("\n".join(markdown(*reports)) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
