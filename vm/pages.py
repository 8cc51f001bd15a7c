"""docs/support-matrix.md and docs/verifier-cost.md, from rows.toml and what is in vm/results/.

python3 -m vm pages            write both
python3 -m vm pages --check    compare, write nothing; exit 1 on a difference
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
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


def rows() -> tuple[Row, ...]:
    found = tomllib.loads(_ROWS.read_text())["row"]
    return tuple(Row(row["feature"], tuple(row["tests"]), row.get("first")) for row in found)


def tests() -> list[str]:
    """All that prove a row."""
    return [test for row in rows() for test in row.tests]


def of_row(row: Row, result: Result) -> dict[str, tuple[str, str]]:
    """What became of the tests of a row, those with parameters and those of a file too."""
    return {
        test: each
        for test, each in result.tests.items()
        if any(test == wanted or test.startswith((f"{wanted}[", f"{wanted}::")) for wanted in row.tests)
    }


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


def pages() -> dict[str, str]:
    """Each by its path below the project's root."""
    found = {column: results.read(column) for column in COLUMNS}
    return {"docs/support-matrix.md": _matrix(found), "docs/verifier-cost.md": _costs(found)}


_HEADER = """\
# Which kernels

Written by `python3 -m vm pages` from `vm/rows.toml` and the results in `vm/results/`; docs/vm.md says how they
come about. A cell is *yes* where every test of its row passed in that kernel; `.` is not run yet; a number
is a note below. The column of the host is the machine that this was developed on.
"""


def _matrix(found: dict[str, Result | None]) -> str:
    notes: list[str] = []

    def note(why: str) -> int:
        if why not in notes:
            notes.append(why)
        return notes.index(why) + 1

    out = [
        _HEADER,
        _table("", [(row.feature, [cell(row, each, note) for each in found.values()]) for row in rows()]),
    ]
    out += [f"{number}. {why}\n" for number, why in enumerate(notes, 1)]
    out.append(
        "\n## What was chosen\n\nEach is asked of the kernel (`argtrace/probing.py`), not told by its version.\n\n"
    )
    kinds = list(dict.fromkeys(kind for each in found.values() if each for kind in each.variants))
    out.append(
        _table(
            "",
            [
                (kind, [each.variants.get(kind, NOT_RUN) if each else NOT_RUN for each in found.values()])
                for kind in kinds
            ],
        )
    )
    out.append("\n## Which tests\n\n")
    for row in rows():
        since = f" Since Linux {row.first}." if row.first else ""
        out.append(f"- {row.feature}: {', '.join(f'`{test}`' for test in row.tests)}.{since}\n")
    out.append(
        "\n## Which builds, and how long\n\n| kernel | release | package | to the command, s | tests | seconds |\n|---|---|---|---|---|---|\n"
    )
    for column, each in found.items():
        if each:
            out.append(
                f"| {column} | {each.release} | {each.version} | {each.boot} | {each.count} | {each.seconds:.0f} |\n"
            )
    return "".join(out)


_COSTS = """\
# What the verifier makes of each program

Written by `python3 -m vm pages` from what `tests/live/test_costs.py` measured in each kernel of
[support-matrix.md](support-matrix.md), with its budgets checked there. Of each kind of program the dearest:
instructions that the verifier went through, and milliseconds of the load (with the JIT). The kernels of guests
are emulated: their times compare with each other, not with a machine's.

A half of a call that makes n copies may cost 400 + 60 n (120 n where functions are verified at each call).
"""


def _costs(found: dict[str, Result | None]) -> str:
    kinds = list(dict.fromkeys(kind for each in found.values() if each for kind in each.costs))
    table = []
    for kind in kinds:
        cells = [each.costs.get(kind) if each else None for each in found.values()]
        table.append((kind, [NOT_RUN if each is None else f"{each[1]} / {each[2]:.1f}" for each in cells]))
    return f"{_COSTS}\n{_table('processed / ms', table)}"


def _table(corner: str, lines: Sequence[tuple[str, Sequence[str]]]) -> str:
    out = [f"| {corner} | {' | '.join(column.replace('amd64-', '') for column in COLUMNS)} |\n"]
    out.append("|---|" + "---|" * len(COLUMNS) + "\n")
    out += [f"| {name} | {' | '.join(cells)} |\n" for name, cells in lines]
    return "\n" + "".join(out) + "\n"
