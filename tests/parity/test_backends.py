"""Each program of the corpus under BPF and under ptrace: equal values, but where there is a reason."""

from __future__ import annotations

import copy
import os
from collections import Counter
from typing import Any

import pytest

from tests.parity import backends, runs
from tests.parity.backends import REASONS, Comparison, unexplained

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Comparison]:
    if os.geteuid():
        pytest.skip("The programs of the corpus mount and trace: they need root.")
    return backends.run(runs.names(), tmp_path_factory.mktemp("backends"))


def test_values_are_equal(compared: dict[str, Comparison]) -> None:
    found = [difference for comparison in compared.values() for difference in unexplained(comparison)]
    assert "\n".join(map(str, found)) == ""
    assert sum(comparison.events for comparison in compared.values()) > 6000
    assert sum(comparison.values for comparison in compared.values()) > 150_000


def test_most_reasons_are_needed(compared: dict[str, Comparison]) -> None:
    """Those that do not depend on who comes first."""
    used = Counter(
        reason.why
        for comparison in compared.values()
        for difference in comparison.differences
        for reason in REASONS
        if reason.explains(difference)
    )
    always = [reason.why for reason in REASONS if _is_sure(reason.why)]
    assert len(always) > 5
    assert [why for why in always if not used[why]] == []


def _is_sure(why: str) -> bool:
    return any(word in why for word in ("BPF", "no call gave", "one tracer", "the kernel still"))


def _event(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "call", "name": name, "pid": 7, "tid": 7, "time": 1, "duration": 2, "args": [], **more}


EVENTS = [
    _event("read", result={"raw": "0x7", "value": 7}),
    _event("close", result={"raw": "0x0", "value": 0}),
]


def test_ids_and_times_do_not_matter() -> None:
    other = [event | {"pid": 9, "tid": 9, "time": 100} for event in copy.deepcopy(EVENTS)]
    other[0]["result"] = {"raw": "0x9", "value": 9}
    assert backends.compare("one", EVENTS, EVENTS, other).differences == []


@pytest.mark.parametrize("change", ["value", "missing", "more", "order", "name"])
def test_a_difference_is_noticed(change: str) -> None:
    other = copy.deepcopy(EVENTS)
    if change == "value":
        other[1]["result"]["value"] = 1
    elif change == "missing":
        other.pop()
    elif change == "more":
        other.append(_event("close"))
    elif change == "order":
        other.reverse()
    else:
        other[1]["name"] = "dup"
    assert len(unexplained(backends.compare("one", EVENTS, EVENTS, other))) == 1


def test_what_varies_under_bpf_says_nothing() -> None:
    again = copy.deepcopy(EVENTS)
    again[1]["result"]["value"] = 5
    other = copy.deepcopy(EVENTS)
    other[1]["result"]["value"] = 6
    comparison = backends.compare("one", EVENTS, again, other)
    assert comparison.differences == []
    assert backends.compare("one", EVENTS, again[:1], other).varying == ["one, thread 0"]
