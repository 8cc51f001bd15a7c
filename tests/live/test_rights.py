"""What argtrace may still do while it traces, and that it does everything nevertheless."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from argtrace import processes
from argtrace.kernel import capabilities, memlock
from argtrace.kernel.capabilities import (
    CAP_BPF,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    CAP_KILL,
    CAP_SYS_PTRACE,
    mask,
)
from tests.live import freeze_kills as kills
from tests.live.conftest import Target, holding
from tests.support import live
from tests.support.live import ARGTRACE, ENVIRONMENT, arg
from tests.support.pen import becomes

pytestmark = pytest.mark.live

of_two = pytest.mark.needs("ring", since="5.8, as CAP_BPF and CAP_PERFMON")

ROOT = str(Path(__file__).parents[2])

OF_A_COMMAND = mask(CAP_KILL, CAP_DAC_OVERRIDE)
"""At most: whether the cgroup takes CAP_DAC_OVERRIDE depends on where we are."""
OF_DESCRIPTORS = mask(CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH)
OF_MAPS = 0 if live.LINUX >= (5, 19) else mask(CAP_BPF)
"""Looking into a map that one has takes a right before that."""


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in found.split()]


def comm(pid: int) -> str:
    """Nothing, of one that has ended."""
    return processes.comm(pid).decode()


class Running:
    """An argtrace in the middle of its work, in a session of its own."""

    def __init__(self, *words: str, prefix: Sequence[str] = (), argtrace: Sequence[str] = ARGTRACE) -> None:
        self.process = subprocess.Popen(
            [*prefix, *argtrace, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT | {"PYTHONPATH": ROOT},
            start_new_session=True,
        )

    def has_dropped(self, before: int) -> bool:
        """Whether it has come so far: it has less than it was started with."""
        sets = [capabilities.of_process(f"{self.pid}/task/{tid}") for tid in self._threads()]
        return bool(sets) and all(found.get("permitted", before) != before for found in sets)

    def _threads(self) -> list[str]:
        try:
            return os.listdir(f"/proc/{self.pid}/task")
        except FileNotFoundError:
            return []

    @property
    def pid(self) -> int:
        return self.process.pid

    def end(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGTERM)
        return self.process.communicate(timeout=60)


OURS = capabilities.permitted()


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        pytest.param((), OF_A_COMMAND, id="lines"),
        pytest.param(("-s",), mask(CAP_KILL), id="a summary"),
        pytest.param(("--no-backpressure",), mask(CAP_KILL), id="never frozen"),
        pytest.param(("-y",), OF_A_COMMAND | OF_DESCRIPTORS, id="descriptors"),
    ],
)
def test_what_is_kept(options: tuple[str, ...], kept: int) -> None:
    running = Running(*options, "--", "sleep", "60")
    assert becomes(partial(running.has_dropped, OURS))
    sets = capabilities.of_process(running.pid)
    by_name = {comm(pid): capabilities.of_process(pid) for pid in children(running.pid)}
    running.end()

    assert sets["permitted"] & ~(kept | OF_MAPS) == 0
    assert sets["permitted"] & mask(CAP_KILL)
    assert sets["effective"] == sets["bounding"] == sets["permitted"]
    assert sets["inheritable"] == sets["ambient"] == 0
    assert by_name["sleep"] == capabilities.of_process(), "the command has what it would have without us"
    if "thaw-guard" in by_name:
        assert by_name["thaw-guard"]["permitted"] & ~mask(CAP_DAC_OVERRIDE) == 0
    assert not kills.leaves(running.pid)


def test_of_a_process_that_was_there_nothing_is_kept() -> None:
    with subprocess.Popen(["sleep", "60"]) as sleeping:
        running = Running("-p", str(sleeping.pid))
        assert becomes(partial(running.has_dropped, OURS))
        sets = capabilities.of_process(running.pid)
        running.end()
        sleeping.kill()

    assert sets["permitted"] == sets["effective"] == sets["bounding"] == OF_MAPS


@holding
def test_the_guard_and_its_standby_keep_what_the_cgroup_takes() -> None:
    running = Running("--", "sleep", "60")
    assert becomes(partial(running.has_dropped, OURS))
    guard = next(pid for pid in children(running.pid) if comm(pid) == "thaw-guard")

    def dropped() -> bool:
        standbys = children(guard)
        sets = [capabilities.of_process(pid) for pid in (guard, *standbys)]
        return len(standbys) == 1 and all(
            s.get("permitted", OURS) & ~mask(CAP_DAC_OVERRIDE) == 0 for s in sets
        )

    assert becomes(dropped)
    running.end()
    assert becomes(lambda: not kills.leaves(running.pid))


def test_a_command_that_became_another_user_is_ended() -> None:
    """kill(2) asks for the same user, or for CAP_KILL."""
    running = Running("-o", os.devnull, "--", "setpriv", "--reuid=65534", "--clear-groups", "sleep", "60")
    assert becomes(lambda: any(comm(pid) == "sleep" for pid in children(running.pid)))
    command = next(pid for pid in children(running.pid) if comm(pid) == "sleep")
    assert becomes(partial(running.has_dropped, OURS))
    running.end()

    assert becomes(lambda: not live.is_running(command))


def test_descriptors_of_another_user_have_names(tmp_path: Path) -> None:
    """The shell starts cat after the rights were given up."""
    trace = live.run(
        "setpriv", "--reuid=65534", "--clear-groups", "sh", "-c", "sleep 0.3; cat < /etc/hostname; :",
        options=("-y", "-e", "read"), directory=tmp_path,
    )  # fmt: skip
    reads = [arg(call, "fd") for call in trace.calls("read") if call["comm"] == "cat"]
    assert "/etc/hostname" in {read.get("path") for read in reads}


@holding
def test_frozen_and_thawed_as_ever(target: Target, tmp_path: Path) -> None:
    options, rounds = ["-e", "openat,close", "-y", "--buffer", "1M", "-v"], live.rounds(20_000)
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path)

    assert re.search(r"the command was frozen \d+ times", trace.stderr)
    opened = [c for c in trace.calls("openat") if arg(c, "filename")["value"] == "/dev/zero"]
    assert (len(opened), trace.lost) == (rounds, 0)


# ---- an ordinary user with CAP_BPF and CAP_PERFMON, and nothing else ---------------------------------

TWO = mask(capabilities.CAP_BPF, capabilities.CAP_PERFMON)
_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
# Numbers: setpriv of util-linux before 2.36 has no names for these two.
# What they load counts as locked memory before Linux 5.11, of which an ordinary user has little.
_MEMORY = ("prlimit", "--memlock=unlimited") if memlock.counted(limit=0) is not None else ()
ANYONE = (*_MEMORY, *_NOBODY, "--inh-caps=-all,+cap_39,+cap_38", "--ambient-caps=-all,+cap_39,+cap_38")


@pytest.fixture(scope="module")
def anyones() -> Iterator[tuple[str, ...]]:
    """argtrace, where every user may read it, by a Python that every user may run."""
    home = Path(tempfile.mkdtemp(prefix="argtrace-test-"))
    try:
        shutil.copytree(f"{ROOT}/argtrace", home / "argtrace")
        for path in (home, *home.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        start = f"import sys; sys.path.insert(0, {str(home)!r}); import argtrace.cli; argtrace.cli.run()"
        version = f"import argparse, json, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
        for python in (sys.executable, "/usr/bin/python3"):
            with_it = [*ANYONE, python, "-c", version]
            if not subprocess.run(with_it, capture_output=True, cwd="/", check=False).returncode:
                yield (python, "-B", "-c", start)
                return
        pytest.skip("The user nobody may run no Python of this version.")
    finally:
        shutil.rmtree(home)


def _traced(program: Sequence[str], prefix: Sequence[str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*prefix, *program, *words], capture_output=True, text=True, timeout=120, env=ENVIRONMENT, cwd="/",
        check=False,
    )  # fmt: skip


def _told(lines: str) -> list[tuple[str, list[str], object]]:
    """Of each call what is the same each time it is made."""
    calls = [json.loads(line) for line in lines.splitlines() if line.startswith('{"type":"call"')]
    stable = ("value", "names", "symbol")
    return [
        (
            call["name"],
            [
                a["name"] + ":" + str([a.get(k) for k in stable if a["kind"] != "pointer"])
                for a in call["args"]
            ],
            call["result"] and call["result"].get("error"),
        )
        for call in calls
    ]


@of_two
def test_two_capabilities_show_what_root_sees(anyones: tuple[str, ...]) -> None:
    words = ("--backend", "bpf", "-q", "--json", "--no-backpressure", "-e", "openat,read,close,exit_group",
             "--", "cat", "/etc/hostname", "/nosuch")  # fmt: skip
    by_root, by_nobody = _traced(anyones, (), *words), _traced(anyones, ANYONE, *words)

    assert by_nobody.returncode == by_root.returncode == 1
    assert _told(by_nobody.stderr) == _told(by_root.stderr)
    assert '"value":"/nosuch"' in by_nobody.stderr


@of_two
@pytest.mark.parametrize("options", [("-s",), ("-y", "-e", "read"), ("--style", "strace"), ("-S", "--json")])
def test_two_capabilities_are_enough(anyones: tuple[str, ...], options: tuple[str, ...]) -> None:
    done = _traced(anyones, ANYONE, "--backend", "bpf", *options, "--", "cat", "/etc/hostname")

    assert done.returncode == 0, done.stderr
    assert "read" in done.stderr
    if "-y" in options:
        assert "</etc/hostname>" in done.stderr


@of_two
@pytest.mark.parametrize(("options", "kept"), [((), 0), (("-y",), TWO)])
def test_of_the_two_none_is_kept(anyones: tuple[str, ...], options: tuple[str, ...], kept: int) -> None:
    """With -y those that the command has: one may look at who has no more than oneself."""
    words = ("--backend", "bpf", *options, "-o", os.devnull, "--", "sleep", "60")
    running = Running(*words, prefix=ANYONE, argtrace=anyones)

    def is_waiting() -> bool:
        named = [pid for pid in children(running.pid) if comm(pid) == "sleep"]
        return bool(named) and capabilities.of_process(running.pid)["permitted"] == kept | OF_MAPS

    assert becomes(is_waiting)
    command = next(pid for pid in children(running.pid) if comm(pid) == "sleep")
    sets = (capabilities.of_process(running.pid), capabilities.of_process(command))
    running.end()

    assert sets[0]["effective"] == kept | OF_MAPS
    assert sets[1]["permitted"] == TWO, "what setpriv gave it"


@of_two
def test_a_process_of_the_same_user(anyones: tuple[str, ...]) -> None:
    looping = ["sh", "-c", "for i in $(seq 1000); do sleep 0.05; cat /etc/hostname; done"]
    with subprocess.Popen([*_NOBODY, *looping], stdout=subprocess.DEVNULL, start_new_session=True) as shell:
        running = Running(
            "--backend", "bpf", "-e", "openat", "-p", str(shell.pid), prefix=ANYONE, argtrace=anyones
        )
        assert running.process.stderr
        assert any('"/etc/hostname"' in line for line in running.process.stderr)
        running.end()
        os.killpg(shell.pid, signal.SIGKILL)
