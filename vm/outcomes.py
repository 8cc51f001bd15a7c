"""What came of the tests in a guest: a plugin of pytest there writes it, the host reads it.

A line of JSON a test, written when the test has ended, so that a guest that dies has told of those before:

    {"test": "tests/live/test_trace.py::test_filters[a]", "outcome": "passed", "why": "", "seconds": 1.5}

Other modules of the suite add lines of their own (`variants`, `costs`), each once.

Source: pytest's reference, "Hooks".
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FILE = "ARGTRACE_VM_OUTCOMES"
"""The variable of the environment that names the file."""

_LONGEST = 400  # characters of a reason

_WORSE = ("passed", "skipped", "failed")


@dataclass(frozen=True)
class Outcome:
    """`outcome` is one of passed, skipped, failed; `why` what the skip or the failure said."""

    outcome: str
    why: str
    seconds: float


@dataclass(frozen=True)
class Outcomes:
    """`known`: all tests that there are, whether they ran or not."""

    tests: dict[str, Outcome] = field(default_factory=dict)
    variants: dict[str, str] = field(default_factory=dict)
    costs: dict[str, Any] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


def read(path: Path, known: frozenset[str] = frozenset()) -> Outcomes:
    found = Outcomes(known=known)
    for line in path.read_text().splitlines() if path.exists() else ():
        match json.loads(line):
            case {"test": test, "outcome": outcome, "why": why, "seconds": seconds}:
                found.tests[test] = Outcome(outcome, why, seconds)
            case {"variants": variants}:
                found.variants.update(variants)
            case {"costs": costs}:
                found.costs.update(costs)
    return found


def add(value: Mapping[str, Any]) -> None:
    with open(os.environ[FILE], "a") as file:
        file.write(json.dumps(value) + "\n")


def pytest_sessionstart() -> None:
    from vm import variants  # noqa: PLC0415 (in a guest alone: the host reads what it says)

    add({"variants": variants.chosen()})


class _Test:
    """A test that is under way: the worst of its setup, call and teardown, and their time."""

    def __init__(self) -> None:
        self.outcome, self.why, self.seconds = "passed", "", 0.0

    def has(self, report: pytest.TestReport) -> None:
        self.seconds += report.duration
        if _WORSE.index(report.outcome) > _WORSE.index(self.outcome):
            self.outcome, self.why = report.outcome, _reason(report)


_under_way: dict[str, _Test] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    test = _under_way.setdefault(report.nodeid, _Test())
    test.has(report)
    if report.when == "teardown":
        del _under_way[report.nodeid]
        seconds = round(test.seconds, 2)
        add({"test": report.nodeid, "outcome": test.outcome, "why": test.why, "seconds": seconds})


def _reason(report: pytest.TestReport) -> str:
    match report.longrepr:
        case (_, _, str(reason)):  # of a skip: file, line, reason
            return reason.removeprefix("Skipped: ")[:_LONGEST]
        case None:
            return ""
        case trouble:
            crash = getattr(trouble, "reprcrash", None)
            return (str(trouble) if crash is None else crash.message)[:_LONGEST]
