"""-a, and -C alone: every process there is. For guests, where no others live.

ARGTRACE_EVERYBODY=1 python -m pytest tests/live/test_everybody.py
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.live import ARGTRACE, ENVIRONMENT, arg, here
from tests.support.subjects import ROOT, Subjects, Tracing, marks

pytestmark = pytest.mark.skipif(
    os.environ.get("ARGTRACE_EVERYBODY") != "1",
    reason="It traces every process: for a guest that has no others, with ARGTRACE_EVERYBODY=1.",
)

OPEN = ["-e", here("open,openat")]


@pytest.fixture
def subjects(tmp_path: Path) -> Iterator[Subjects]:
    found = Subjects(tmp_path)
    yield found
    found.close()


def test_everybody_but_ourselves(subjects: Subjects) -> None:
    """Who was there before and who comes later; neither argtrace nor who started it."""
    subjects.start("before")
    tracing = Tracing(subjects.directory, [*OPEN, "-a"])
    subjects.start("after")
    subjects.go()
    lines = tracing.stop()

    assert marks(lines) == {"before", "after"}
    assert not {line["pid"] for line in lines if "pid" in line} & {tracing.process.pid, os.getpid()}


def test_with_ancestors(subjects: Subjects) -> None:
    tracing = Tracing(subjects.directory, [*OPEN, "-a", "--with-ancestors"])
    Path("/etc/hostname").read_text()
    pids = {line["pid"] for line in tracing.stop() if line["type"] == "call"}

    assert os.getpid() in pids
    assert tracing.process.pid not in pids


def test_what_argtrace_starts_is_its_own(subjects: Subjects) -> None:
    """Else what the filter does would be shown to the filter."""
    file = subjects.directory / "filtered"
    script = "true < /nosuch/1; sleep 1; true < /nosuch/2"
    process = subprocess.run(
        [*ARGTRACE, "-a", "-o", f"|cat > {file}", "--", "/bin/sh", "-c", script],
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    text = file.read_text()

    assert process.returncode == 2  # dash's, of the second
    assert ("/nosuch/1" in text, "/nosuch/2" in text) == (True, True)
    assert "cat/" not in text


def test_it_ends_with_the_command_beside_it(subjects: Subjects) -> None:
    subjects.start("beside")
    process = subprocess.Popen(
        [*ARGTRACE, "-a", *OPEN, "--json", "-o", str(subjects.directory / "trace.json"), "--", "sleep", "2"],
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
    )
    assert process.wait(120) == 0
    subjects.go()


def test_but_for_some(subjects: Subjects) -> None:
    shell = subjects.named("argtraced-a")
    subjects.start("in")
    subjects.start("out, by name", shell)
    out = subjects.start("out, by id")
    tracing = Tracing(subjects.directory, [*OPEN, "-a", "--exclude", f"argtraced-a,{out}"])
    subjects.start("out, by name, later", shell)
    subjects.go()

    assert marks(tracing.stop()) == {"in"}


def test_a_cpu_of_everybody(subjects: Subjects) -> None:
    allowed = sorted(os.sched_getaffinity(0))
    here, there = allowed[0], allowed[-1]
    tracing = Tracing(subjects.directory, [*OPEN, "-C", str(there), "--show", "cpu"])
    subjects.start("in", prepare=lambda: os.sched_setaffinity(0, [there]))
    if here != there:
        subjects.start("out", prepare=lambda: os.sched_setaffinity(0, [here]))
    subjects.go()
    lines = tracing.stop()

    assert marks(lines) == {"in"}
    assert {line["cpu"] for line in lines if line["type"] == "call"} == {there}


def test_more_tasks_than_places(subjects: Subjects) -> None:
    """Beyond 512 a task's slot is in a hash."""
    waiting = [subprocess.Popen(["sleep", "600"]) for _ in range(600)]
    try:
        tracing = Tracing(subjects.directory, [*OPEN, "-a"])
        for at in range(5):
            subjects.start(str(at))
        subjects.go()
        lines = tracing.stop()
    finally:
        for process in waiting:
            process.kill()
            process.wait()
    assert marks(lines) == {str(at) for at in range(5)}
    assert lines[-1]["lost"] == 0
    assert all(arg(line, "filename") for line in lines if line["type"] == "call")
