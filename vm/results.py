"""What runs came to, kept as JSON in vm/results/: a file a kernel, and one for the host.

A run of some tests takes the place of their lines and leaves the others, but for tests that are no more; a
run under another build of the kernel takes the place of all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vm.kernels import Kernel
from vm.outcomes import Outcomes

RESULTS = Path(__file__).parent / "results"
HOST = "host"


@dataclass(frozen=True)
class Result:
    """`name` is `host` or amd64-6.12; `tests` has outcome and reason; `costs`: tests/live/test_costs.py.
    `boot` and `seconds`: until the command began; of the run with the most tests, and how many those were."""

    name: str
    release: str
    version: str
    tests: dict[str, tuple[str, str]] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    costs: dict[str, Any] = field(default_factory=dict)
    boot: float = 0
    seconds: float = 0
    count: int = 0


def read(name: str) -> Result | None:
    path = RESULTS / f"{name}.json"
    if not path.exists():
        return None
    found = json.loads(path.read_text())
    tests = {test: (outcome, why) for test, (outcome, why) in found.pop("tests").items()}
    return Result(name, tests=tests, **found)


def name_of(kernel: Kernel) -> str:
    return f"{kernel.arch}-{kernel.series}"


def add(before: Result, outcomes: Outcomes, boot: float) -> Result:
    """With what a run came to."""
    ran = {test: (each.outcome, each.why) for test, each in outcomes.tests.items()}
    kept = {test: each for test, each in before.tests.items() if test in (outcomes.known or before.tests)}
    seconds = sum(each.seconds for each in outcomes.tests.values())
    larger = len(ran) >= before.count
    return Result(
        before.name,
        before.release,
        before.version,
        tests=dict(sorted((kept | ran).items())),
        variants=outcomes.variants or before.variants,
        costs=outcomes.costs or before.costs,
        boot=round(boot, 1) if larger else before.boot,
        seconds=round(seconds) if larger else before.seconds,
        count=len(ran) if larger else before.count,
    )


def before(name: str, release: str, version: str) -> Result:
    """What is kept of that build of the kernel."""
    kept = read(name)
    same = kept is not None and (kept.release, kept.version) == (release, version)
    return kept if kept is not None and same else Result(name, release, version)


def keep(result: Result) -> None:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{result.name}.json").write_text(_text(result))


def _text(result: Result) -> str:
    """A line a test: what has changed can be seen."""
    parts: Mapping[str, Any] = {
        "release": result.release,
        "version": result.version,
        "boot": result.boot,
        "seconds": result.seconds,
        "count": result.count,
    }
    lines = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in parts.items()]
    for key in ("variants", "costs", "tests"):
        rows = [f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in getattr(result, key).items()]
        lines.append(f' "{key}": {{\n' + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"
