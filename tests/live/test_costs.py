"""What each kind of program costs the verifier, on any kernel: within its budget, and growing with the
number of copies and with nothing else.

The numbers are those of docs/verifier-cost.md. Where functions are verified at each call (Linux 5.10), a
copy costs what the function costs.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from argtrace import kept, running_kernel
from argtrace.kept import Ready
from argtrace.options import Options
from argtrace.prepare import prepare
from argtrace.start import Begun
from argtrace.target import host
from tests.support.verifying import Verified, Verifying
from vm import outcomes

pytestmark = pytest.mark.live

DEFAULTS = Options(paced=True)
"""As a command is traced by default."""

OF_ALL = 1_000_000  # BPF_COMPLEXITY_LIMIT_INSNS

# Of a half of a call: what it has without a copy, and with each. And of any other program, but for the two
# that walk along a list of strings in a loop.
BASE, COPY, INLINED = 400, 60, 200
ANY, ANY_INLINED, WALK = 500, 800, 6000
WALKS = {"at_exec_argv", "at_exec_envp"}
TOGETHER, TOGETHER_INLINED = 5000, 25_000


@dataclass(frozen=True)
class Half:
    call: str
    copies: int
    verified: Verified


@dataclass(frozen=True)
class Found:
    """Every half of every kind of call by itself; the programs beside them; what a trace loads."""

    enters: list[Half]
    exits: list[Half]
    others: dict[str, Verified]
    together: dict[str, Verified]


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    prepared = prepare(DEFAULTS, together=0)
    apart = _verified(Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden))
    enters, exits = [], []
    for plans in prepared.plans:
        call = prepared.signatures[plans.number].name
        for plan in plans.all():
            index = prepared.programs.shapes[plan.shape]
            enter = prepared.programs.reached["enter_calls", index]
            enters.append(Half(call, len(plan.entry), apart[enter.name]))
            exit = prepared.programs.reached.get(("exit_calls", index))
            if exit is not None:
                exits.append(Half(call, len(plan.steps), apart[exit.name]))
    others = {name: each for name, each in apart.items() if not name.startswith(("at_enter_", "at_exit_"))}
    made = Found(enters, exits, others, _verified(kept.ready(DEFAULTS, host())))
    yield made
    if outcomes.FILE in os.environ:
        outcomes.add({"costs": _rows(made)})


def _verified(ready: Ready) -> dict[str, Verified]:
    kernel = Verifying(running_kernel.running())
    with contextlib.closing(Begun(kernel, ready)) as begun:
        begun.finish()
        return kernel.programs


def _rows(found: Found) -> dict[str, list[float]]:
    """Of each kind the dearest: instructions, processed, milliseconds."""
    rows: dict[str, Verified] = {}
    for which, halves in (("entry", found.enters), ("exit", found.exits)):
        for half in sorted(halves, key=lambda half: (half.copies, half.verified.processed)):
            rows[f"{which}, {half.copies} copies"] = half.verified
    rows |= found.others
    whole = Verified(
        sum(each.instructions for each in found.together.values()),
        sum(each.processed for each in found.together.values()),
        sum(each.seconds for each in found.together.values()),
    )
    rows[f"all {len(found.together)} programs of a trace"] = whole
    return {
        name: [each.instructions, each.processed, round(each.seconds * 1000, 2)]
        for name, each in rows.items()
    }


def test_a_copy_costs_the_same_however_many_there_are(found: Found) -> None:
    copy = COPY if running_kernel.features().functions else INLINED
    halves = [*found.enters, *found.exits]
    dear = [half for half in halves if half.verified.processed > BASE + copy * half.copies]

    assert dear == []


def test_every_other_program_is_within_its_budget(found: Found) -> None:
    any_other = ANY if running_kernel.features().functions else ANY_INLINED
    dear = {
        name: each.processed
        for name, each in found.others.items()
        if each.processed > (WALK if name in WALKS else any_other)
    }

    assert dear == {}


def test_programs_of_many_halves_are_within_theirs(found: Found) -> None:
    most = TOGETHER if running_kernel.features().functions else TOGETHER_INLINED

    assert max(each.processed for each in found.together.values()) <= most


def test_a_trace_takes_a_small_part_of_what_the_verifier_gives_one_program(found: Found) -> None:
    part = 4 if running_kernel.features().functions else 3
    assert sum(each.processed for each in found.together.values()) < OF_ALL / part
