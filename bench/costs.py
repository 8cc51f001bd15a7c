"""What does each call cost: bytes of its record, instructions the verifier goes through?

    python -m bench.costs [--markdown] [-e LIST]

Needs the rights to load programs. A record has at least its header, an item for each thing
that may be fetched, and the fixed part; at most all of what the limits allow. Of a call that
an argument decides (fcntl's cmd) the dearest variant counts.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from argtrace.fetch.plan import Plan
from argtrace.fetch.programs import ProgramSet
from argtrace.kept import Ready
from argtrace.kernel.calls import Linux
from argtrace.kernel.programs import Program
from argtrace.options import Options
from argtrace.prepare import Prepared, prepare
from argtrace.start import Begun


class Row(NamedTuple):
    name: str
    copies: int
    least: int
    most: int
    enter: int
    exit: int
    variants: int


def rows(loaded: Mapping[str, Program], prepared: Prepared) -> Iterator[Row]:
    costs = {name: program.cost().verified or 0 for name, program in loaded.items()}
    for plans in prepared.plans:
        plan = max(plans.all(), key=lambda plan: plan.space)
        enters, exits = zip(*(_programs(prepared.programs, each) for each in plans.all()), strict=True)
        yield Row(
            prepared.signatures[plans.number].name,
            max(len(each.steps) for each in plans.all()),
            min(each.payload for each in plans.all()),
            plan.space,
            max(costs.get(name, 0) for name in enters),
            max(costs.get(name, 0) for name in exits),
            len(plans.variants),
        )


def _programs(generated: ProgramSet, plan: Plan) -> tuple[str, str]:
    """The names of a plan's two halves; "" for one that it has not."""
    index = generated.shapes[plan.shape]
    halves = (generated.reached.get((array, index)) for array in ("enter_calls", "exit_calls"))
    enter, exit = ("" if half is None else half.name for half in halves)
    return enter, exit


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("-e", dest="calls", action="append", default=[])
    parser.add_argument("--markdown", action="store_true")
    wanted = parser.parse_args()
    options = Options(calls=tuple(wanted.calls))
    # Each half by itself: a trace has many of them in a program.
    prepared = prepare(options, together=0)
    ready = Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)
    with contextlib.closing(Begun(Linux(), ready)) as begun:
        begun.finish()
        table = sorted(rows(begun.programs, prepared), key=lambda row: row.name)
    plain = "{:<24}{:>7}{:>7}{:>7}{:>7}{:>7}{:>9}"
    line = "|" + " {} |" * 7 if wanted.markdown else plain
    head = ("call", "copies", "least", "most", "enter", "exit", "variants")
    print(line.format(*head))
    if wanted.markdown:
        print("|---|" + "---:|" * 6)
    for row in table:
        print(line.format(*row))


if __name__ == "__main__":
    main()
