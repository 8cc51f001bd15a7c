"""How much of what strace says does argtrace say? Run programs, compare, count by family.

Not here: running is `runs.py`, comparing `compare.py`, reasons `explained.py`; for people is `report.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.parity import runs
from tests.parity import strace_tree as tree
from tests.parity.compare import Comparison, Difference, Expected, Json, Outcome, Tally, compare
from tests.parity.everyday import commands
from tests.parity.explained import EXPLAINED, Row, explanation
from tests.parity.runs import Observed, Runs

TARGETS = {"calls": 1.0, "scalars": 0.99, "pointers": 0.97}

COUNTED = ("calls", "results", "scalars", "pointers", "signals", "files")


@dataclass(slots=True)
class Report:
    """`families`: by the first word of the programs' names. `cold`: see `cold`. `unknown`: calls of which
    the program says what it passed, as strace does not know them."""

    families: dict[str, Comparison] = field(default_factory=dict)
    explained: dict[Row, list[Difference]] = field(default_factory=dict)
    unexplained: list[Difference] = field(default_factory=list)
    cold: Tally = field(default_factory=Tally)
    programs: int = 0
    unknown: int = 0
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
    for name in COUNTED:
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
    words = {name: [str(built[name])] for name in names}
    report, observed = run(words, scratch)
    alone = runs.alone(words, scratch)
    for name in names:
        report.cold.include(cold(observed.programs[name].argtrace, alone[name]))
    return report, observed


def everyday_programs(scratch: Path) -> tuple[Report, Runs]:
    return run(commands(), scratch)


def run(words: Mapping[str, Sequence[str]], scratch: Path, broken: str = "") -> tuple[Report, Runs]:
    """`broken`: what of argtrace is broken on purpose (`broken.py`)."""
    observed = runs.together(words, scratch, broken)
    report = Report(programs=len(words), lost=observed.lost, seconds=observed.seconds)
    for name in words:
        source = runs.source(name) if (runs.PROGRAMS / f"{name}.c").exists() else ""
        comparison = compared(name, observed.programs[name], observed.numbers, source)
        _add(report.families.setdefault(name.split("_")[0], Comparison()), comparison)
        report.unknown += len(tree.expectations(source))
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


# ---------------------------------------------------------------- tables

_DETAILED = ("scalars", "pointers")
_OUTCOMES = tuple(outcome.value for outcome in Outcome)


def _cells(name: str, comparison: Comparison) -> tuple[str, ...]:
    cells = [name]
    for counted in COUNTED:
        tally = getattr(comparison, counted)
        if counted in _DETAILED:
            cells += [str(getattr(tally, outcome) or "") for outcome in _OUTCOMES]
        else:
            cells.append(f"{tally.equal + tally.more} of {tally.total}" if tally.total else "")
    return tuple(cells)


def table(report: Report, of: str = "family") -> list[tuple[str, ...]]:
    """Rows of cells: a head, each family, a total, its shares."""
    total = report.total()
    head, shares = [of], [""]
    for counted in COUNTED:
        detailed = counted in _DETAILED
        head += [f"{counted}: {_OUTCOMES[0]}", *_OUTCOMES[1:]] if detailed else [counted]
        shares += [_percent(getattr(total, counted).share), *([""] * (len(_OUTCOMES) - 1) * detailed)]
    families = (_cells(name, report.families[name]) for name in sorted(report.families))
    return [tuple(head), *families, _cells("all", total), tuple(shares)]


def _percent(share: float) -> str:
    """Never rounded up to all."""
    return f"{int(share * 10000) / 100:.2f} %"


def unused(*reports: Report) -> list[Row]:
    """Reasons that no difference needs, though each run has one that does."""
    return [
        row for row in EXPLAINED if not row.rare and not any(row in report.explained for report in reports)
    ]


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
