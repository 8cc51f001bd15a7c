"""Both kinds of programs (`fetch/context.py`) on the real kernel, whichever it would be there."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from argtrace import Command, Options, Session, running_kernel
from argtrace.decode.events import Call, Note
from argtrace.fetch.context import is_preemptible
from argtrace.kernel import uapi
from argtrace.kernel.calls import Linux
from argtrace.kernel.programs import Program
from argtrace.running_kernel import FORCED_TRACEPOINTS
from argtrace.start import Begun, ready
from argtrace.value import replace
from tests.live.conftest import Target
from tests.live.nothing_left_out import CHECKS, Check, build
from tests.support import live

pytestmark = pytest.mark.live

TYPES = {"raw": uapi.BPF_PROG_TYPE_RAW_TRACEPOINT, "event": uapi.BPF_PROG_TYPE_TRACEPOINT}


@pytest.fixture(
    params=["raw", pytest.param("event", marks=pytest.mark.needs("bpf_task_from_pid", since="6.2"))]
)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(live.ENVIRONMENT, FORCED_TRACEPOINTS, request.param)
    monkeypatch.setenv(FORCED_TRACEPOINTS, request.param)
    return str(request.param)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("programs")
    build(directory)
    return directory


def test_the_kind_is_that_of_every_program_of_calls_and_tasks(kind: str) -> None:
    with Session(Options(("openat",))) as session:
        types = {name: program.type for name, program in session.loaded.items()}

    assert {types.pop(name) for name in ("at_track", "at_signal")} == {TYPES["raw"]}
    assert types.pop("at_rename") == running_kernel.context().renaming.type
    assert set(types.values()) == {TYPES[kind]}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_nothing_is_left_out(kind: str, check: Check, programs: Path, tmp_path: Path) -> None:
    said = check(programs, tmp_path)
    if kind == "raw" and is_preemptible(running_kernel.btf()):
        assert not said or "left out" in said, "why they are not used there: it is told, at least"
    else:
        assert said == ""


@pytest.mark.usefixtures("kind")
def test_strings_results_descriptors_and_programs(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "cat /etc/hostname; cat /nonexistent", options=["-y"], directory=tmp_path)

    ran = [live.arg(call, "argv")["value"][-1]["value"] for call in trace.calls("execve")]
    assert ran[-2:] == ["/etc/hostname", "/nonexistent"]
    opened = {live.arg(call, "filename")["value"]: call["result"] for call in trace.calls("openat")}
    assert opened["/nonexistent"]["error"] == "ENOENT"
    read = next(call for call in trace.calls("read") if live.arg(call, "fd")["path"] == "/etc/hostname")
    assert read["result"]["value"] == len(Path("/etc/hostname").read_bytes())
    assert {call["entry_seen"] for call in trace.calls()} == {True}
    assert len(trace.of("exec")) == 3


@pytest.mark.usefixtures("kind")
def test_a_call_that_was_under_way() -> None:
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as cat:
        assert cat.stdin is not None
        with Session(Options(("read",))) as session:
            session.attach(cat.pid)
            cat.stdin.close()
            calls = [each for events in session.batches() for each in events if isinstance(each, Call)]

    assert [(call.name, call.start) for call in calls] == [("read", None)]
    assert [value.raw for value in calls[0].args.values()][::2] == [0, 128 << 10]


@pytest.mark.usefixtures("kind")
def test_a_call_that_seccomp_refuses(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("refused"), options=["-e", live.here("mkdir")], directory=tmp_path)

    (refused,) = trace.calls(live.here("mkdir"))
    assert (refused["result"]["error"], refused["entry_seen"]) == ("EACCES", False)
    assert live.arg(refused, "pathname")["value"] == "/refused"


def test_what_was_left_out_before_the_command_began_was_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Program, "missed", lambda program: int(program.name == "at_task_exit"))
    with Session(Options((live.here("pause"),))) as session:
        command = Command(["true"])
        session.run(command)
        events = [event for batch in session.batches() for event in batch]

    assert not [event for event in events if isinstance(event, Note)]


def test_an_end_that_nobody_saw_does_not_keep_the_trace_going(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the kernel had left the program out that tells of it, which counts nothing else."""
    prepared = ready(Options((live.here("pause"),)))
    blind = tuple(each for each in prepared.loadable.attached if each[0] != "sched_process_exit")
    begun = Begun(Linux(), replace(prepared, loadable=replace(prepared.loadable, attached=blind)))
    began = time.monotonic()
    with Session(Options((live.here("pause"),)), begun=begun) as session:
        command = Command(["sh", "-c", f"kill -{signal.SIGKILL:d} $$"])
        session.run(command)
        monkeypatch.setattr(Program, "missed", lambda program: int(program.name == "at_task_exit"))
        events = [event for batch in session.batches() for event in batch]

    assert [event.text for event in events if isinstance(event, Note)] == [
        f"how {command.pid} ended, and their last calls, may be missing",
        "the kernel left out our programs 1 times: calls may be missing",
    ]
    assert time.monotonic() - began < 30
