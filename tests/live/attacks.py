"""A hostile program (targets/hostile/) run alone and traced, and what the two gave.

What it says of itself, in its journal (targets/hostile/made.h), is compared with the trace: each call
that it made is shown with its result, or counted as lost. `test_hostile.py` looks at the values.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import live
from tests.support.live import ARGTRACE, ENVIRONMENT, Json, Trace
from tests.support.pen import Pen, becomes, state

ROOT = str(Path(__file__).parents[2])
TRACING = ENVIRONMENT | {"PYTHONPATH": ROOT}


@dataclass(frozen=True)
class Journal:
    """`did`: calls of the first thread, in order, with their results; `made`: at least and at most how
    many of a name there were in all."""

    did: list[tuple[str, int]] = field(default_factory=list)
    made: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Journal:
        did = [(name, int(result)) for name, result in re.findall(r"^did (\w+) (-?\d+)$", text, re.MULTILINE)]
        made = {name: (int(n), int(n)) for name, n in re.findall(r"^made (\w+) (\d+)$", text, re.MULTILINE)}
        for name, low, high in re.findall(r"^between (\w+) (\d+) (\d+)$", text, re.MULTILINE):
            made[name] = int(low), int(high)
        return cls(did, made)


@dataclass(frozen=True)
class Attack:
    """`alone`: the same program untraced; `left`: what was still there when argtrace had ended;
    `selected`: only some calls were asked for."""

    alone: subprocess.CompletedProcess[str]
    trace: Trace
    left: tuple[str, ...]
    selected: bool = False

    @property
    def journal(self) -> Journal:
        return Journal.of(self.trace.stdout + self.trace.stderr)

    def between_marks(self) -> list[Json]:
        """Calls of the thread that set the marks, from the first to the last."""
        calls = self.trace.calls()
        marks = [i for i, call in enumerate(calls) if _path(call) in ("/hostile/begin", "/hostile/end")]
        if len(marks) < 2:
            return []
        tid = calls[marks[0]]["tid"]
        return [call for call in calls[marks[0] + 1 : marks[-1]] if call["tid"] == tid]

    def wrong(self) -> list[str]:
        """All that is not as it has to be, whatever the attack."""
        trace, alone, journal = self.trace, self.alone, self.journal
        found = [f"left: {what}" for what in self.left]
        if trace.status != alone.returncode:
            found.append(f"status {trace.status}, alone {alone.returncode}")
        if trace.stdout != alone.stdout:
            found.append(f"it behaves otherwise: {_first_difference(alone.stdout, trace.stdout)}")
        if "Traceback" in trace.stderr or "cannot be read" in str(trace.of("note")):
            found.append(f"a fault of argtrace's: {trace.stderr[-2000:]} {trace.of('note')}")
        if not trace.lines or trace.lines[-1]["type"] != "end":
            return [*found, f"the trace has no end: {trace.stderr[-500:]}"]
        lost = trace.lines[-1]["lost_by_call"]
        for name, (low, high) in journal.made.items():
            shown = len(trace.calls(name))
            if not low <= shown + lost.get(name, 0) <= high:
                found.append(f"{name}: made {low} to {high}, shown {shown}, lost {lost.get(name, 0)}")
        if journal.did:
            names = {name for name, _ in journal.did}
            between = [(c["name"], _result(c)) for c in self.between_marks()]
            selected = {name for name, _ in between} if self.selected else names
            did = [each for each in journal.did if each[0] in selected]
            there = [each for each in between if each[0] in names]
            if there != did and not lost:
                found.append(f"not as it was: {_first_difference(did, there)}")
        return found


def run(
    *command: str,
    options: Sequence[str] = (),
    directory: Path,
    pids: int | None = None,
    timeout: float = 60,
    bounded: bool = False,
    alone: bool = True,
) -> Attack:
    """`pids`: the most tasks of the command, or, if `bounded`, of argtrace too."""
    file = directory / "trace.json"
    file.unlink(missing_ok=True)
    with Pen() as pen, Pen(pids=pids) as inner:
        enter = list(inner.prefix) if pids is not None else []
        both, its = ([*pen.prefix, *enter], []) if bounded else (list(pen.prefix), enter)
        untraced = subprocess.CompletedProcess[str](command, 0, "", "")
        if alone:
            untraced = _run([*both, *its, *command], pen, timeout)
        words = [*ARGTRACE, "--json", "-o", str(file), *options, "--", *its, *command]
        done = _run([*both, *words], pen, timeout)
        becomes(lambda: not pen.members() and not pen.leaves(), 3)
        left = [f"process {pid} ({state(pid)})" for pid in pen.members()]
        left += [f"cgroup {leaf}" for leaf in pen.leaves()]
    lines = file.read_text().splitlines() if file.exists() else []
    read = [json.loads(line) for line in lines if line.endswith("}")]
    return Attack(
        untraced, Trace(done.returncode, done.stdout, done.stderr, read), tuple(left), "-e" in options
    )


@contextmanager
def started(pen: Pen, *words: str, stdout: int = subprocess.DEVNULL) -> Iterator[subprocess.Popen[str]]:
    """A program in a pen, and in the background; all that is in the pen ends with the block."""
    with subprocess.Popen(
        [*pen.prefix, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=TRACING,
        text=True, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            pen.clear()


def _run(words: Sequence[str], pen: Pen, timeout: float) -> subprocess.CompletedProcess[str]:
    """Raises TimeoutError with what everybody did at that time."""
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=TRACING,
        text=True, errors="surrogateescape", start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            there = {pid: (_comm(pid), state(pid), _wchan(pid)) for pid in pen.members()}
            pen.clear()
            out, err = process.communicate()
            raise TimeoutError(f"{words[-3:]} has not ended: {there}\n{err[-2000:]}") from None
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def _comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def _wchan(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return ""


def _path(call: Json) -> object:
    if call["name"] != live.here("access") or not call["args"]:
        return None
    return live.arg(call, "filename").get("value")


def _result(call: Json) -> int | None:
    """As the kernel gave it."""
    if call["result"] is None:
        return None
    raw = int(call["result"]["raw"], 16)
    return raw - (raw >> 63 << 64)


def _first_difference(expected: Sequence[object], found: Sequence[object]) -> str:
    at = next((i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), None)
    if at is None:
        at = min(len(expected), len(found))
    there = found[max(0, at - 2) : at + 3]
    return f"at {at} of {len(expected)}: {expected[max(0, at - 2) : at + 3]!r} is {there!r}"
