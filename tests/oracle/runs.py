"""Run one command under strace, under strace again, and under argtrace with each back end, and read
what they wrote.

Each run gets the same environment, the same limits, an empty scratch directory of the same name, and
addresses that are not randomized; what the command does can then only depend on its tracer.

Not here: what is run is `test_strace.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.oracle import compare, strace_log
from tests.oracle.compare import Json, Trace
from tests.support import live

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "LANGUAGE": "C", "TZ": "UTC"}

# Numbers as numbers, bytes as bytes; structures abbreviated, but never an environment.
_STRACE = ("strace", "-f", "-X", "raw", "-xx", "-s", "16384", "-e", "abbrev=!execve,execveat")

# No randomized addresses, and no signals that our own parent ignores, as a shell does for what it
# runs in the background.
FIXED = ("env", "--default-signal", "setarch", "-R")


BACKENDS = ("bpf", "ptrace")


@dataclass(frozen=True, slots=True)
class Runs:
    """What one command left behind. `counts`: of `strace -c`, of a run of its own, if asked for."""

    strace: Trace
    argtrace: Trace
    events: list[Json]
    parent: int
    counts: dict[str, int] | None
    statuses: tuple[int, int]


def run(
    command: Sequence[str],
    prepare: Callable[[Path], object],
    scratch: Path,
    logs: Path,
    environment: Mapping[str, str],
    *,
    count: bool,
    shell: bool,
) -> dict[str, Runs]:
    """Trace a command, started in its scratch directory, with strace twice, and once more to `count`;
    and with each back end of ours.

    `shell`: see `compare.from_strace`.
    """

    def traced(log: str, *tracer: str) -> tuple[int, int, str]:
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        prepare(scratch)
        path = logs / log
        path.unlink(missing_ok=True)
        arguments = [*FIXED, *tracer, "-o", str(path), *command]
        with subprocess.Popen(
            arguments,
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            _, said = process.communicate(timeout=180)
        assert path.exists(), f"{arguments} said: {said.decode(errors='replace')}"
        return process.pid, process.returncode, path.read_text(errors="replace")

    first, theirs, words = traced("words", *_STRACE, "-e", "raw=all")
    second, _, strings = traced("strings", *_STRACE)
    counts = None
    if count:
        counts = strace_log.read_counts(traced("counts", "strace", "-f", "-c", "-U", "name,calls")[2])
    found: dict[str, Runs] = {}
    for backend in BACKENDS:
        own = (sys.executable, "-P", "-m", "argtrace", "--json", "--backend", backend)
        parent, ours, text = traced("argtrace.json", *own)
        events = [json.loads(line) for line in text.splitlines()]
        found[backend] = Runs(
            compare.from_strace(words, strings, (first, second), shell=shell),
            compare.from_argtrace(events, parent, shell=shell),
            events,
            parent,
            counts,
            (theirs, ours),
        )
    return found


def compile_target(source: Path, directory: Path) -> Path:
    before = Path(os.environ.get("ARGTRACE_TARGETS", "/nonexistent")) / source.relative_to(
        live.ROOT
    ).with_suffix("")
    if before.exists():  # in a guest: vm/suite.py
        return before
    target = directory / source.stem
    subprocess.run(["gcc", "-O1", "-w", "-pthread", "-o", target, source], check=True)
    return target
