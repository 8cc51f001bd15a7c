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
from dataclasses import dataclass
from typing import NamedTuple

import pytest

from argtrace.cli.options import limits, parser
from argtrace.fetch.filters import Filters
from argtrace.fetch.limits import Limits
from argtrace.kept import Ready
from argtrace.kernel import uapi
from argtrace.kernel.attrs import ObjInfo, ProgInfo
from argtrace.kernel.calls import Linux
from argtrace.kernel.programs import Cost, Program
from argtrace.options import Options
from argtrace.prepare import prepare
from argtrace.session import Session
from argtrace.start import Begun

pytestmark = pytest.mark.live

SECOND = 1_000_000_000

# The walks have a loop, which the verifier goes through again and again.
WALKS = {"at_exec_argv", "at_exec_envp"}
# A task's slot may be in either of two maps: what follows is gone through for each.
MOST = 350
MOST_IN_A_WALK = 5000

# Of a half that is a program of its own: what it has without any copy, the two functions that make
# copies among it, and what each copy adds.
ENTER, ENTER_COPY = 330, 40
EXIT, EXIT_COPY = 360, 45

# Of the million that it takes: the half with the most copies (sendmmsg), and that with chunks.
MOST_OF_ALL = 1_400
MOST_WITH_CHUNKS = 7_000
# And of a program with many halves.
MOST_TOGETHER = 4_500


of_functions = pytest.mark.needs("functions", since="5.12, and 6.0 on aarch64")
"""What is verified with each call costs more: tests/live/test_pretended.py."""
of_exchanges = pytest.mark.needs("exchange", since="5.12, and 5.18 on aarch64")
"""A hash instead costs more: tests/live/test_costs.py."""


@contextlib.contextmanager
def loaded(options: Options) -> Iterator[Session]:
    session = Session(options)
    try:
        session.load()
        yield session
    finally:
        session.close()


class Half(NamedTuple):
    """One half of a kind of call: its first call, how many copies it may have to make, its cost."""

    call: str
    copies: int
    verified: int


@dataclass(frozen=True)
class Everything:
    """The full selection, loaded: each program's cost, and each half of it."""

    costs: dict[str, Cost]
    enters: list[Half]
    exits: list[Half]


def everything(options: Options) -> Everything:
    prepared = prepare(options, together=0)
    ready = Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)
    with contextlib.closing(Begun(Linux(), ready)) as begun:
        begun.finish()
        costs = {name: program.cost() for name, program in begun.programs.items()}
        enters, exits = [], []
        for plans in prepared.plans:
            name = prepared.signatures[plans.number].name
            for plan in plans.all():
                index = prepared.programs.shapes[plan.shape]
                enter = prepared.programs.reached["enter_calls", index]
                enters.append(Half(name, len(plan.entry), costs[enter.name].verified or 0))
                exit = prepared.programs.reached.get(("exit_calls", index))
                if exit is not None:
                    exits.append(Half(name, len(plan.steps), costs[exit.name].verified or 0))
        return Everything(costs, enters, exits)


@pytest.fixture(scope="module")
def full() -> Everything:
    return everything(Options(paced=True))


@pytest.fixture
def processed(full: Everything) -> dict[str, int]:
    """Instructions that the verifier went through, by program."""
    found = {name: cost.verified for name, cost in full.costs.items() if cost.verified is not None}
    if not found:
        pytest.skip("This kernel does not tell what the verifier processed; Linux 5.16 does.")
    return found


def test_every_program_loads(full: Everything) -> None:
    assert len(full.costs) > 300
    assert all(cost.instructions and cost.jited_bytes for cost in full.costs.values())


@of_exchanges
def test_cost_of_what_every_trace_has(processed: dict[str, int]) -> None:
    halves = ("at_enter_", "at_exit_")
    dear = {
        name: count
        for name, count in processed.items()
        if count > MOST and name not in WALKS and not name.startswith(halves)
    }

    assert dear == {}


@of_exchanges
def test_cost_grows_with_the_number_of_copies_alone(full: Everything, processed: dict[str, int]) -> None:
    dear = [half for half in full.enters if half.verified > ENTER + ENTER_COPY * half.copies]
    dear += [half for half in full.exits if half.verified > EXIT + EXIT_COPY * half.copies]

    assert dear == []


@of_functions
def test_cost_grows_with_length_alone(processed: dict[str, int], full: Everything) -> None:
    """Straight lines: what is behind a meeting of ways is not gone through for each of them."""
    branching = {
        name: count
        for name, count in processed.items()
        if count > 4 * full.costs[name].instructions and name not in WALKS
    }

    assert branching == {}


@of_functions
def test_cost_of_the_dearest(full: Everything, processed: dict[str, int]) -> None:
    dearest = max(full.exits, key=lambda half: half.verified)

    assert dearest.call in ("sendmmsg", "recvmmsg"), dearest
    assert dearest.verified <= MOST_OF_ALL


@of_functions
def test_cost_of_what_a_trace_loads() -> None:
    with loaded(Options(paced=True)) as session:
        costs = {name: program.cost().verified or 0 for name, program in session.loaded.items()}

    assert len(costs) < 50
    assert max(costs.values()) <= MOST_TOGETHER


@of_functions
def test_cost_of_buffers_that_are_wanted_whole(processed: dict[str, int]) -> None:
    whole = everything(Options(limits=limits(parser().parse_args(["--string-limit", "0", "true"]))))
    dearest = max((*whole.enters, *whole.exits), key=lambda half: half.verified)

    assert MOST_OF_ALL < dearest.verified <= MOST_WITH_CHUNKS, dearest


@of_functions
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
def test_string_limits(limit: int, full: Everything) -> None:
    """A limit is a number in the program: it costs next to nothing."""
    costs = everything(Options(limits=Limits(strings=limit), paced=True)).costs
    found = {name: cost for name, cost in costs.items() if name not in WALKS}

    assert found.keys() == full.costs.keys() - WALKS
    for name, cost in found.items():
        usual = full.costs[name]
        assert cost.instructions == usual.instructions, name
        assert abs((cost.verified or 0) - (usual.verified or 0)) <= 2 + 0.05 * (usual.verified or 0), name


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
    deadline = time.monotonic() + 60
    while (left := ours & _listed()) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert left == set()
