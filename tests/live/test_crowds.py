"""Every traced task has a slot of its own, however many there are and whatever their ids."""

from __future__ import annotations

import collections
import re
from pathlib import Path

import pytest

from argtrace.fetch.layout import SLOTS
from tests.live.conftest import Target
from tests.support import live
from tests.support.live import Json, Trace

pytestmark = pytest.mark.live

ROUNDS = 3
LOOKED_FOR = re.compile(r"/nowhere/(\d+)/(\d+)")


def _by_thread(trace: Trace, *names: str) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = collections.defaultdict(list)
    for call in trace.calls():
        if call["name"] in names:
            found[call["tid"]].append(call)
    return found


ACCESS = live.here("access")


def _path(call: Json) -> str:
    name = next(arg for arg in call["args"] if arg["name"] in ("filename", "pathname"))
    return str(name["value"])


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(20, id="few"),
        pytest.param(3 * SLOTS, id="three for each place"),
    ],
)
def test_threads_that_are_in_calls_at_the_same_time(count: int, target: Target, tmp_path: Path) -> None:
    trace = live.run(
        target("crowd"), str(count), options=["-e", f"{ACCESS},read,getppid,clone3,exit"], directory=tmp_path
    )

    assert (trace.status, trace.lost) == (0, 0)
    seen = set()
    for tid, calls in _by_thread(trace, ACCESS, "read", "getppid").items():
        if tid == calls[0]["pid"]:
            continue
        names = [call["name"] for call in calls]
        assert names == [ACCESS, "read", "getppid"] * ROUNDS, (tid, names)
        for round in range(ROUNDS):
            access, read, getppid = calls[3 * round : 3 * round + 3]
            number, found_round = map(int, LOOKED_FOR.fullmatch(_path(access)).groups())  # type: ignore[union-attr]
            assert found_round == round
            assert read["result"]["value"] == 1 + (number + round) % 60
            assert {call["entry_seen"] for call in (access, read, getppid)} == {True}
            assert len(live.arg(read, "buf")["value"]) >= 1
            seen.add((number, round))
    assert seen == {(number, round) for number in range(count) for round in range(ROUNDS)}
    assert len(trace.of("exit")) == count + 1


def test_children_that_want_the_place_of_their_parent(target: Target, tmp_path: Path) -> None:
    most = Path("/proc/sys/kernel/pid_max").read_text().strip()
    trace = live.run(
        target("lookalikes"), str(SLOTS), most, options=["-e", f"{ACCESS},execve,wait4"], directory=tmp_path
    )

    assert (trace.status, trace.stdout) == (0, "10\n")
    parents = {_path(call) for call in trace.calls(ACCESS) if "/parent/" in _path(call)}
    children = {call["pid"] for call in trace.calls(ACCESS) if "/child/" in _path(call)}
    assert {int(path.rpartition("/")[2]) for path in parents} == children
    for call in trace.calls(ACCESS):
        if "/child/" in _path(call):
            assert int(_path(call).rpartition("/")[2]) == call["pid"]
    executed = [call for call in trace.calls("execve") if call["pid"] in children]
    assert len(executed) >= 4
    for call in executed:
        assert live.arg(call, "argv")["value"][1]["value"] == f"/child/{call['pid']}"
        assert call["result"]["value"] == 0


@pytest.mark.parametrize("others", [0, 5, 2 * SLOTS], ids=["alone", "a few others", "many others"])
def test_an_exec_by_a_thread(others: int, target: Target, tmp_path: Path) -> None:
    trace = live.run(
        target("thread_exec"), str(others), options=["-e", "execve,write,exit_group"], directory=tmp_path
    )

    assert (trace.status, trace.stdout) == (0, "from a thread\n")
    last = trace.calls("execve")[-1]
    assert [word["value"] for word in live.arg(last, "argv")["value"]] == ["echo", "from a thread"]
    assert last["result"]["value"] == 0
    (written,) = trace.calls("write")
    assert written["pid"] == written["tid"]
    assert trace.calls("exit_group")[-1]["tid"] == written["tid"]


def test_many_short_lives(tmp_path: Path) -> None:
    """Ids go round the places several times: each child begins with an empty slot."""
    lives = 4 * SLOTS
    script = f"i=0; while [ $i -lt {lives} ]; do (exit $((i % 7))); i=$((i + 1)); done"
    trace = live.run(
        "sh", "-c", script, options=["-e", live.here("exit_group,clone,fork,vfork")], directory=tmp_path
    )

    assert (trace.status, trace.lost) == (0, 0)
    ends = collections.Counter(line["status"] for line in trace.of("exit"))
    assert sum(ends.values()) == lives + 1
    assert len(trace.calls("exit_group")) == lives + 1
    assert {call["entry_seen"] for call in trace.calls()} == {True}
