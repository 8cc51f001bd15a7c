"""docs/support-matrix.md and docs/verifier-cost.md, from rows.toml and what is in vm/results/.

python3 -m vm pages            write both
python3 -m vm pages --check    compare, write nothing; exit 1 on a difference
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vm import results
from vm.results import Result

ROOT = Path(__file__).parents[1]
_ROWS = Path(__file__).parent / "rows.toml"

COLUMNS = (
    results.HOST,
    *(
        f"amd64-{series}"
        for series in ("5.10", "6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3")
    ),
    *(f"arm64-{series}" for series in ("5.10", "6.1", "6.12", "6.18", "7.2")),
)

NOT_RUN = "."


@dataclass(frozen=True)
class Row:
    feature: str
    tests: tuple[str, ...]
    first: str | None = None
    slow: bool = False


def rows() -> tuple[Row, ...]:
    found = tomllib.loads(_ROWS.read_text())["row"]
    return tuple(
        Row(row["feature"], tuple(row["tests"]), row.get("first"), row.get("slow", False)) for row in found
    )


def proofs(*, quick: bool = False) -> list[str]:
    """All that prove a row; `quick`: but for those that take long in a guest."""
    return [test for row in rows() if not (quick and row.slow) for test in row.tests]


def of_row(row: Row, result: Result) -> dict[str, tuple[str, str]]:
    """What became of the tests of a row, those with parameters and those of a file too."""
    return {
        test: each
        for test, each in result.tests.items()
        if any(test == wanted or test.startswith((f"{wanted}[", f"{wanted}::")) for wanted in row.tests)
    }


def undeserved(result: Result) -> list[str]:
    """Tests that were skipped though every kernel is to have what they prove."""
    return [
        f"{test}: {why}"
        for row in rows()
        if row.first is None
        for test, (outcome, why) in of_row(row, result).items()
        if outcome == "skipped"
    ]


def cell(row: Row, result: Result | None, note: Callable[[str], int]) -> str:
    found = {} if result is None else of_row(row, result)
    if not found:
        return NOT_RUN
    failed = sum(outcome == "failed" for outcome, _ in found.values())
    if failed:
        return f"**failed** {failed} of {len(found)}" if len(found) > 1 else "**failed**"
    skipped = [why for outcome, why in found.values() if outcome == "skipped"]
    if skipped:
        notes = ",".join(str(note(why)) for why in sorted(set(skipped)))
        return f"no [{notes}]" if len(skipped) == len(found) else f"yes but [{notes}]"
    return "yes"


def of_file(tests: Sequence[tuple[str, str]], note: Callable[[str], int]) -> str:
    """How many passed; what became of the others."""
    if not tests:
        return NOT_RUN
    by = Counter(outcome for outcome, _ in tests)
    notes = ",".join(
        str(note(why)) for why in sorted({why for outcome, why in tests if outcome == "skipped"})
    )
    said = [str(by["passed"])]
    said += [f"{by['skipped']} no [{notes}]"] if notes else []
    said += [f"**{by['failed']} failed**"] if by["failed"] else []
    return ", ".join(said)


def pages() -> dict[str, str]:
    """Each by its path below the project's root."""
    found = {column: results.read(column) for column in COLUMNS}
    return {"docs/support-matrix.md": _matrix(found), "docs/verifier-cost.md": _costs(found)}


_MATRIX = """\
# Which kernels

Written by `python3 -m vm pages` from `vm/rows.toml` and the results in `vm/results/`; [vm.md](vm.md) says
how they come about. A cell is *yes* where every test of its row passed in that kernel, `.` where none was
run, and a number in brackets is a note below the second table: why a test was skipped. `host` is the machine
this was developed on.
"""

_ALL = """
## How many of all live tests

Those of each file of `tests/live` that ran and passed there; "no": skipped, for the reason of that number.
On arm64 `test_faults.py` has one fewer: nobody calls clone3 there, which it would have fail.
"""

_CHOSEN = """
## What was chosen

Each is asked of the kernel (`argtrace/probing.py`), and not told by its version. What else differs by it,
and why nothing waits for a page: [kernels.md](kernels.md).
"""

_BUILDS = """
## Which builds, and how long

Seconds from QEMU's start to the command, and those that the tests took, on two cores that others used too.

| kernel | release | package | to the command | tests | took |
|---|---|---|---|---|---|
"""

_COSTS = """\
# What the verifier makes of each program

Written by `python3 -m vm pages` from what `tests/live/test_costs.py` measured in each kernel of
[support-matrix.md](support-matrix.md), and checked there. Of each kind of program the dearest: instructions
that the verifier went through / milliseconds of the load, with the JIT. The kernels of guests are emulated,
on a machine that others used too: their times compare roughly with each other, and with no other machine's.

A half of a call that makes n copies may cost {BASE} + {COPY} n, or {BASE} + {INLINED} n where functions are
verified at each call; any other program {ANY} or {ANY_INLINED}, a walk along strings {WALK}, and a program of
many halves {TOGETHER} or {TOGETHER_INLINED}.
"""


def _matrix(found: Mapping[str, Result | None]) -> str:
    notes: list[str] = []

    def note(why: str) -> int:
        if why not in notes:
            notes.append(why)
        return notes.index(why) + 1

    features = [(row.feature, [cell(row, each, note) for each in found.values()]) for row in rows()]
    proofs = []
    for row in rows():
        since = f" Since Linux {row.first}." if row.first else ""
        proofs.append(f"- {row.feature}: {', '.join(f'`{test}`' for test in row.tests)}.{since}\n")
    builds = [
        f"| {name} | {each.release} | {each.version} | {each.boot} | {each.count} | {each.seconds:.0f} |\n"
        for name, each in found.items()
        if each
    ]
    return "".join(
        (
            _MATRIX,
            _table("", features),
            _ALL,
            _table("", list(_files(found, note))),
            *(f"{number}. {why}\n" for number, why in enumerate(notes, 1)),
            _CHOSEN,
            _table("", _lines({name: each.variants if each else {} for name, each in found.items()})),
            "\n## Which tests\n\n",
            *proofs,
            _BUILDS,
            *builds,
        )
    )


def _files(found: Mapping[str, Result | None], note: Callable[[str], int]) -> Iterator[tuple[str, list[str]]]:
    tests = {name: each.tests if each else {} for name, each in found.items()}
    files: dict[str, set[str]] = {}
    for test in (test for column in tests.values() for test in column):
        files.setdefault(test.partition("::")[0], set()).add(test)
    for file in sorted(files):
        yield (
            f"`{file.removeprefix('tests/live/')}` of {len(files[file])}",
            [
                of_file([each for test, each in column.items() if test.startswith(f"{file}::")], note)
                for column in tests.values()
            ],
        )


def _costs(found: Mapping[str, Result | None]) -> str:
    numbers = {
        name: {kind: f"{cost[1]} / {cost[2]:.1f}" for kind, cost in each.costs.items()} if each else {}
        for name, each in found.items()
    }
    return _COSTS.format_map(budgets()) + _table("processed / ms", _lines(numbers))


def budgets() -> dict[str, int]:
    """Those that the test checks, by name."""
    text = (ROOT / "tests/live/test_costs.py").read_text()
    found: dict[str, int] = {}
    for names, numbers in re.findall(r"^((?:[A-Z_]+(?:, )?)+) = ([\d_, ]+)", text, re.MULTILINE):
        found.update(zip(names.split(", "), map(int, numbers.split(", ")), strict=False))
    return found


def _lines(columns: Mapping[str, Mapping[str, str]]) -> list[tuple[str, list[str]]]:
    kinds = dict.fromkeys(kind for column in columns.values() for kind in column)
    return [(kind, [column.get(kind, NOT_RUN) for column in columns.values()]) for kind in kinds]


def _table(corner: str, lines: Sequence[tuple[str, Sequence[str]]]) -> str:
    out = [f"| {corner} | {' | '.join(column.replace('amd64-', '') for column in COLUMNS)} |\n"]
    out.append("|---|" + "---|" * len(COLUMNS) + "\n")
    out += [f"| {name} | {' | '.join(cells)} |\n" for name, cells in lines]
    return "\n" + "".join(out) + "\n"
