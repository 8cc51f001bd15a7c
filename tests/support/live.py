"""Run argtrace as a user would, and hand back what it said as values."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from argtrace.kernel.calls import PRETEND
from argtrace.running_kernel import FORCED_TRACEPOINTS
from argtrace.target import host

ROOT = Path(__file__).parents[2]
IN_A_GUEST = "ARGTRACE_VM" in os.environ
"""Where Python is 15 to 50 times slower: vm/suite.py."""

SLOWER = 12 if IN_A_GUEST else 1
"""How much longer to wait there, at most."""

ARGTRACE = [sys.executable, "-m", "argtrace"]

Json = dict[str, Any]

# What libc makes of a function whose own call arm64 has not.
_ELSEWHERE = {
    "access": "faccessat",
    "chmod": "fchmodat",
    "dup2": "dup3",
    "epoll_wait": "epoll_pwait",
    "fork": "clone",
    "mkdir": "mkdirat",
    "open": "openat",
    "pause": "ppoll",
    "poll": "ppoll",
    "rename": "renameat",
    "rmdir": "unlinkat",
    "vfork": "clone",
}
LINUX = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])
ON_X86_64 = os.uname().machine == "x86_64"
COMPAT = host().compat
"""The ABI of 32-bit programs."""

# No locale: its files would be half of every trace.
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}
ENVIRONMENT |= {name: os.environ[name] for name in (FORCED_TRACEPOINTS, PRETEND) if name in os.environ}


@dataclass(frozen=True, slots=True)
class Trace:
    """How argtrace ended (negative: by that signal), and each line of its JSON."""

    status: int
    stdout: str
    stderr: str
    lines: list[Json]

    def calls(self, name: str | None = None) -> list[Json]:
        return [line for line in self.lines if line["type"] == "call" and name in (None, line["name"])]

    def of(self, type: str) -> list[Json]:
        return [line for line in self.lines if line["type"] == type]

    @property
    def lost(self) -> int:
        end = self.lines[-1]
        assert end["type"] == "end", "the trace has no end"
        lost: int = end["lost"]
        return lost


def run(
    *command: str,
    options: Sequence[str] = (),
    directory: Path,
    timeout: float = 180,
    prefix: Sequence[str] = (),
) -> Trace:
    """Trace a command into `directory`/trace.json and read that back."""
    file = directory / "trace.json"
    done = subprocess.run(
        [*prefix, *ARGTRACE, "--json", "-o", str(file), *options, "--", *command],
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=timeout,
        env=ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    lines = file.read_text().splitlines() if file.exists() else []
    return Trace(done.returncode, done.stdout, done.stderr, [json.loads(line) for line in lines])


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What came on the standard error, but for the note that a kernel without a ring gets each time."""
    lines = done.stderr.splitlines(keepends=True)
    noted = [at for at, line in enumerate(lines) if "no BPF ring buffer" in line]
    for at in reversed(noted):
        del lines[at : at + 2]  # the second is the remedy
    return "".join(lines)


def text(*words: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
    """argtrace with these words, its output as text."""
    return subprocess.run(
        [*ARGTRACE, *words],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=ENVIRONMENT | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )


def here(calls: str) -> str:
    """Calls of x86-64, listed with commas, as this machine's libc makes them; each once, in order."""
    names = calls.split(",")
    return calls if ON_X86_64 else ",".join(dict.fromkeys(_ELSEWHERE.get(name, name) for name in names))


def rounds(many: int) -> int:
    """How often a loop goes round: a sixth of it in a guest, where a call that is Python's takes 5 ms."""
    return many // 6 if IN_A_GUEST else many


def compile(source: Path, directory: Path) -> str:
    """A C program of ours, built. Needs gcc, but in a guest, where it was built before (vm/suite.py)."""
    before = Path(os.environ.get("ARGTRACE_TARGETS", "/nonexistent")) / source.relative_to(ROOT).with_suffix(
        ""
    )
    if before.exists():
        return str(before)
    built = directory / source.stem
    subprocess.run(["gcc", "-O1", "-pthread", "-o", str(built), str(source)], check=True)
    return str(built)


def arg(call: Json, name: str) -> Json:
    found: Json = next(arg for arg in call["args"] if arg["name"] == name)
    return found


def ours_in_kernel() -> set[str]:
    """Programs of ours that the kernel holds, by id and name, as bpftool sees them."""
    listed = subprocess.run(["bpftool", "-j", "prog", "list"], capture_output=True, text=True, check=True)
    return {
        f"{p['id']} {p['name']}" for p in json.loads(listed.stdout) if p.get("name", "").startswith("at_")
    }


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # it ended before, or after, the file was opened
        return False
