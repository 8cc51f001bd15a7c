"""The verifier of the running kernel: it accepts every program, and what that costs it.

Nothing is attached here: no task is traced.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from argtrace.fetch.predicates import Filters
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ObjInfo, ProgInfo
from argtrace.kernel.calls import Linux
from argtrace.kernel.programs import Cost, Program
from argtrace.prepare import Options
from argtrace.session import Session

pytestmark = pytest.mark.live

SECOND = 1_000_000_000

# The walks have a loop, which the verifier goes through again and again.
WALKS = {"at_exec_argv", "at_exec_envp"}
MOST = 150
MOST_IN_A_WALK = 5000


@contextlib.contextmanager
def loaded(options: Options) -> Iterator[Session]:
    session = Session(options)
    try:
        session.load()
        yield session
    finally:
        session.close()


@pytest.fixture(scope="module")
def costs() -> dict[str, Cost]:
    """Of each program of the full selection."""
    with loaded(Options()) as session:
        return {name: program.cost() for name, program in session.loaded.items()}


@pytest.fixture
def processed(costs: dict[str, Cost]) -> dict[str, int]:
    """Instructions that the verifier went through, by program."""
    found = {name: cost.verified for name, cost in costs.items() if cost.verified is not None}
    if not found:
        pytest.skip("This kernel does not tell what the verifier processed; Linux 5.16 does.")
    return found


def test_every_program_loads(costs: dict[str, Cost]) -> None:
    assert len(costs) > 30
    assert all(cost.instructions and cost.jited_bytes for cost in costs.values())


def test_cost_is_that_of_straight_lines(processed: dict[str, int]) -> None:
    """The exec's exit half is the longest: three ways to its end, one with the start of a walk in it."""
    dear = {name: count for name, count in processed.items() if count > MOST and name not in WALKS}

    assert all(name.startswith("at_exit_exec") for name in dear), dear


def test_cost_grows_with_length_alone(processed: dict[str, int], costs: dict[str, Cost]) -> None:
    branching = {
        name: count
        for name, count in processed.items()
        if count > 2 * costs[name].instructions and name not in WALKS
    }

    assert branching == {}


def test_cost_of_a_walk_has_a_bound(processed: dict[str, int]) -> None:
    assert max(processed[name] for name in WALKS) <= MOST_IN_A_WALK


@pytest.mark.parametrize(
    "call", ["getppid", "openat", "renameat", "mount", "execve", "execveat", "exit_group", "write", "none"]
)
def test_one_call_alone(call: str) -> None:
    with loaded(Options(calls=(call,))) as session:
        assert "at_sys_enter" in session.loaded


@pytest.mark.parametrize(
    "filters",
    [
        pytest.param(Filters(failed=True), id="what failed"),
        pytest.param(Filters(failed=False), id="what did not"),
        pytest.param(Filters(errnos=(2, 13)), id="two errnos"),
        pytest.param(Filters(errnos=tuple(range(1, 134))), id="every errno there is"),
        pytest.param(Filters(duration=1), id="a nanosecond"),
        pytest.param(Filters(duration=3 * SECOND), id="more than an immediate holds"),
        pytest.param(Filters(duration=10**15), id="the longest the command line takes"),
        pytest.param(Filters(failed=True, errnos=(4,), duration=SECOND), id="all together"),
    ],
)
def test_filters(filters: Filters) -> None:
    with loaded(Options(filters=filters)) as session:
        cost = session.loaded["at_sys_exit"].cost()

    assert (cost.verified or 0) <= 2 * cost.instructions


@pytest.mark.parametrize("limit", [1, 32, 4096, 16384])
def test_string_limits(limit: int, costs: dict[str, Cost]) -> None:
    """A limit is a number in the program: it costs nothing."""
    with loaded(Options(string_limit=limit)) as session:
        found = {name: program.cost() for name, program in session.loaded.items() if name not in WALKS}

    for name, cost in found.items():
        assert cost.instructions == costs[name].instructions
        assert abs((cost.verified or 0) - (costs[name].verified or 0)) <= 2, name


def test_without_children() -> None:
    with loaded(Options(follow=False)) as session:
        assert "at_fork" not in session.loaded


def _id(program: Program) -> int:
    info = ProgInfo()
    attr = ObjInfo(bpf_fd=program.fileno(), info_len=ctypes.sizeof(info), info=ctypes.addressof(info))
    Linux().bpf(uapi.BPF_OBJ_GET_INFO_BY_FD, attr)
    return int(info.id)


def _listed() -> set[int]:
    listed = subprocess.run(["bpftool", "-j", "prog", "list"], capture_output=True, text=True, check=True)
    return {program["id"] for program in json.loads(listed.stdout)}


def test_nothing_is_left_in_the_kernel() -> None:
    if not shutil.which("bpftool"):
        pytest.skip("bpftool is needed to see what the kernel holds; install it.")
    with loaded(Options()) as session:
        ours = {_id(program) for program in session.loaded.values()}
        assert ours <= _listed()

    # The kernel frees programs after a grace period.
    deadline = time.monotonic() + 3
    while (left := ours & _listed()) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert left == set()
