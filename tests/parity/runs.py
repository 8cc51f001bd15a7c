"""Build the corpus, run it under strace and argtrace at once, and give each program what both said of it.

    runner (waits for a byte) ── fork ── open_flags ── …
      ▲ strace -f -p              └────── path_links ── …
      ▲ argtrace -p

Both attach to the runner before it starts anything, so they see the same processes, and none of each
other. strace has stopped a program and read its memory before argtrace's program in the kernel runs: a page
that is not there yet is brought in. What argtrace sees without that help is told by a second run, of
argtrace alone (`alone`).

Not here: what is compared is `compare.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parity import strace_tree as tree
from tests.parity.compare import Json

HERE = Path(__file__).parent
PROGRAMS = HERE / "programs"

GCC = ("gcc", "-O1", "-w", "-static", "-pthread")
STRACE = ("strace", "-f", "-v", "-s", "4096", "-X", "verbose", "-yy")
OPTIONS = ("--json", "-v", "-yy", "--string-limit", "4096")

_HANGS = 300  # seconds after which nothing is waited for any more; a busy machine takes 60


def names() -> list[str]:
    return sorted(path.stem for path in PROGRAMS.glob("*.c"))


def source(name: str) -> str:
    return (PROGRAMS / f"{name}.c").read_text()


# ---------------------------------------------------------------- building


def _cache() -> Path:
    """Programs that were built before, by what they were built from. Ours alone: they are run as root."""
    directory = Path(tempfile.gettempdir()) / f"argtrace-parity-{os.getuid()}"
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.stat(follow_symlinks=False)
    if found.st_uid == os.getuid() and not found.st_mode & 0o077:
        return directory
    return Path(tempfile.mkdtemp(prefix="argtrace-parity-"))


def build(sources: Sequence[Path]) -> dict[str, Path]:
    """Each as an executable, by name. Raises subprocess.CalledProcessError."""
    cache = _cache()
    common = (PROGRAMS / "parity.h").read_bytes() + " ".join(GCC).encode()

    def built(path: Path) -> Path:
        key = hashlib.sha256(common + path.read_bytes()).hexdigest()[:16]
        target = cache / key / path.stem
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            part = target.with_suffix(f".{os.getpid()}")
            subprocess.run([*GCC, "-I", str(PROGRAMS), "-o", str(part), str(path)], check=True)
            part.rename(target)
        return target

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return {path.stem: target for path, target in zip(sources, pool.map(built, sources), strict=True)}


# ---------------------------------------------------------------- running


class TracerFailed(Exception):
    """A tracer ended as it should not; what it said."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What both said of one program."""

    strace: Sequence[tree.Item]
    argtrace: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Runs:
    """`numbers`: names of calls, as argtrace has them. `lost`: events that argtrace says are missing."""

    programs: Mapping[str, Observed]
    numbers: Mapping[int, str]
    lost: int
    seconds: float


def together(commands: Mapping[str, Sequence[str]], scratch: Path, broken: str = "") -> Runs:
    """Run commands one after another under both tracers, each in a directory of its own, by its name.

    `broken`: what of argtrace is broken on purpose (`broken.py`).
    """
    start = time.monotonic()
    words, log = scratch / "strace.txt", scratch / "argtrace.json"
    with _runner(commands, scratch) as runner, _argtrace(runner.pid, log, broken) as argtrace:
        command = [*STRACE, "-o", str(words), "-p", str(runner.pid)]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as strace:
            _wait(lambda: _tracer(runner.pid) == strace.pid, strace, "strace cannot trace")
            _go(runner)
            runner.wait(_HANGS)
            strace.wait(_HANGS)
        _end(argtrace)
    text = words.read_text("utf-8", "surrogateescape")
    events = _events(log)
    owners = _owners(text, commands, runner.pid)
    items = tree.read(text)
    programs = {
        name: Observed(
            [item for item in items if owners.get(item.tid) == name],
            [event for event in events if owners.get(event.get("tid", 0)) == name],
        )
        for name in commands
    }
    return Runs(programs, _numbers(events), events[-1]["lost"], time.monotonic() - start)


def alone(
    commands: Mapping[str, Sequence[str]], scratch: Path, *, backend: str = "bpf"
) -> dict[str, list[Json]]:
    """The same under argtrace alone, with this back end: the events of each command."""
    log = scratch / "alone.json"
    with _runner(commands, scratch) as runner, _argtrace(runner.pid, log, backend=backend) as argtrace:
        _go(runner)
        runner.wait(_HANGS)
        _end(argtrace)
    events = _events(log)
    forked = [
        event["result"]["value"]
        for event in events
        if event["type"] == "call" and event["tid"] == runner.pid and event["name"] in _FORKS
    ]
    roots = dict(zip(forked, commands, strict=True))
    by_program: dict[str, list[Json]] = {name: [] for name in commands}
    owners: dict[int, str] = {}
    now = ""
    for event in events:
        tid = event.get("tid", runner.pid)
        if tid != runner.pid:
            if tid not in owners:
                now = roots.get(tid, now)
                owners[tid] = now
            by_program[owners[tid]].append(event)
    return by_program


_FORKS = frozenset({"fork", "vfork", "clone", "clone3"})


@contextmanager
def _runner(commands: Mapping[str, Sequence[str]], scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = build([HERE / "runner.c"])["runner"]
    arguments = [str(program)]
    for name, command in commands.items():
        directory = scratch / "work" / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        arguments += [str(directory), str(len(command)), *command]
    # No randomized addresses: what is run twice then meets the same ones.
    fixed = ["env", "--default-signal", "setarch", "-R", *arguments]
    with subprocess.Popen(fixed, stdin=subprocess.PIPE) as runner:
        try:
            _wait(lambda: _executable(runner.pid) == str(program), runner, "the runner does not start")
            yield runner
        finally:
            if runner.poll() is None:
                runner.kill()


@contextmanager
def _argtrace(
    pid: int, log: Path, broken: str = "", backend: str = "bpf"
) -> Iterator[subprocess.Popen[bytes]]:
    log.unlink(missing_ok=True)
    module = ("tests.parity.broken", broken) if broken else ("argtrace",)
    command = [
        sys.executable,
        "-P",
        "-m",
        *module,
        *OPTIONS,
        "--backend",
        backend,
        "-o",
        str(log),
        "-p",
        str(pid),
    ]
    root = str(HERE.parents[1])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as argtrace:
        try:
            _wait(lambda: log.exists() and log.stat().st_size > 0, argtrace, "argtrace cannot trace")
            yield argtrace
        finally:
            if argtrace.poll() is None:
                argtrace.kill()


def _end(argtrace: subprocess.Popen[bytes]) -> None:
    _, said = argtrace.communicate(timeout=_HANGS)
    if argtrace.returncode:
        raise TracerFailed(f"argtrace: {argtrace.returncode}: {said.decode(errors='replace')[-3000:]}")


def _go(runner: subprocess.Popen[bytes]) -> None:
    assert runner.stdin is not None
    runner.stdin.write(b"\n")
    runner.stdin.close()
    runner.stdin = None


def _wait(ready: object, process: subprocess.Popen[bytes], otherwise: str, seconds: float = 30) -> None:
    assert callable(ready)
    end = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            said = process.stderr.read() if process.stderr is not None and process.poll() is not None else b""
            raise TracerFailed(f"{otherwise}: {said.decode(errors='replace')[-3000:]}")
        time.sleep(0.01)


def _tracer(pid: int) -> int:
    found = re.search(r"^TracerPid:\t(\d+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


def _executable(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


# ---------------------------------------------------------------- whose is what


def _events(log: Path) -> list[Json]:
    events: list[Json] = [json.loads(line) for line in log.read_text().splitlines()]
    if not events or events[-1]["type"] != "end":
        raise TracerFailed("argtrace's trace has no end")
    return events


def _numbers(events: Sequence[Json]) -> dict[int, str]:
    calls = (event for event in events if event["type"] == "call" and event["abi"] is None)
    return {event["number"]: event["name"] for event in calls if not event["name"].startswith("syscall_")}


def _owners(text: str, commands: Mapping[str, Sequence[str]], runner: int) -> dict[int, str]:
    """The program of each thread: the one that the runner had started last when the thread came to be."""
    forked = re.findall(rf"^{runner} +.*\b(?:fork|clone)\b.* = (\d+)$", text, re.MULTILINE)
    roots = dict(zip(map(int, forked), commands, strict=True))
    owners: dict[int, str] = {}
    now = ""
    for line in text.splitlines():
        tid = int(line.split(None, 1)[0])
        if tid != runner and tid not in owners:
            now = roots.get(tid, now)
            owners[tid] = now
    return owners
