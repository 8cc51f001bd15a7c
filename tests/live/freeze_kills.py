"""kill -9 of argtrace and of its guards at random moments, while a command is frozen and thawed.

    python -m tests.live.freeze_kills 200 [SEED]

Each round starts a trace with a small ring of a command that calls and forks as fast as it
can, kills at a random moment, and then asks: is no process of the command's frozen, is the
leaf gone, are the guards gone? Processes are found by session and by parent: it sees and
kills its own only. `test_backpressure.py` runs a few rounds.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from argtrace.cgroups import ours
from tests.support.live import ARGTRACE, ENVIRONMENT, is_running
from tests.support.pen import becomes

ROOT = str(Path(__file__).parents[2])

# Three that call without end, and one that forks without end.
LOAD = "for i in 1 2 3; do (while :; do kill -0 $$; done) & done; while :; do /bin/true; done"

KINDS = ("argtrace", "guard", "standby", "argtrace and guard", "guard and standby", "guard, then argtrace")


@dataclass(frozen=True, slots=True)
class Round:
    """What one round found: empty `wrong` is well."""

    kind: str
    frozen: bool  # at the moment of the kill
    wrong: tuple[str, ...]


def children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def comm(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def guards(tracer: int) -> list[int]:
    """The guard and its standby, as far as they are there."""
    first = [pid for pid in children(tracer) if comm(pid).startswith("thaw-")]
    return first + [pid for guard in first for pid in children(guard)]


def session(tracer: int) -> list[int]:
    """Processes of the command: those in the session that we started argtrace in."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != tracer:
            with contextlib.suppress(OSError):
                if os.getsid(int(name)) == tracer and is_running(int(name)):
                    found.append(int(name))
    return found


def leaves(tracer: int) -> list[str]:
    here = ours()
    return [f"{here}/{name}" for name in os.listdir(here) if name.startswith(f"argtrace-{tracer}-")]


def is_frozen(leaf: str) -> bool:
    try:
        return "frozen 1" in Path(leaf, "cgroup.events").read_text()
    except OSError:
        return False


def start(*options: str, command: str = LOAD) -> subprocess.Popen[bytes]:
    """A trace in a session of its own, with a ring that is full at once."""
    return subprocess.Popen(
        [*ARGTRACE, "-q", "--buffer", "256K", "-o", "/dev/null", *options, "--", "sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT | {"PYTHONPATH": ROOT},
        start_new_session=True,
    )


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def runs_on(tracer: int) -> bool:
    """Whether the command uses the CPU, or has ended: one that was not yet released does."""

    def used() -> int:
        total = 0
        for pid in session(tracer):
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(int(field) for field in fields[11:15])
        return total

    before = used()
    return becomes(lambda: not session(tracer) or used() > before)


def one(kind: str, delay: float, held: bool) -> Round:
    """One round: kill `delay` seconds after the trace began, or after the command was first frozen."""
    tracing = start()
    tracer = tracing.pid
    if held:
        becomes(lambda: any(map(is_frozen, leaves(tracer))) or tracing.poll() is not None, 60)
    time.sleep(delay)
    at = guards(tracer)
    frozen = any(map(is_frozen, leaves(tracer)))
    if kind == "guard and standby":
        # Or the standby becomes the guard, and has a standby of its own, before it is killed too.
        for pid in at:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
    if "guard" in kind:
        for pid in at[:1]:
            kill(pid)
    if "standby" in kind:
        for pid in at[1:]:
            kill(pid)
    if kind.endswith("then argtrace"):
        time.sleep(random.random() / 50)  # a guard that takes over meanwhile, or not yet
    ends = "argtrace" in kind
    wrong = []
    if not ends and becomes(lambda: leaves(tracer) or tracing.poll() is not None) and not runs_on(tracer):
        wrong.append("the command does not run on under what is left of the guards")
    # argtrace takes over, unless the guard was found before it had a standby.
    if kind == "guard and standby" and len(at) == 2 and not becomes(lambda: not leaves(tracer)):
        wrong.append("argtrace does not notice that both guards have ended")
    at += guards(tracer)
    kill(tracer)
    tracing.wait()
    if not becomes(lambda: not leaves(tracer)):
        wrong.append(f"a leaf is left: {leaves(tracer)}")
    if not runs_on(tracer):
        wrong.append(f"the command does not run on: {session(tracer)}")
    if not becomes(lambda: not any(comm(pid).startswith("thaw-") and is_running(pid) for pid in at)):
        wrong.append("a guard is left")
    for pid in session(tracer):
        kill(pid)
    if not becomes(lambda: not clear(tracer)):
        wrong.append("processes of the command are left")
    return Round(kind, frozen, tuple(wrong))


def clear(tracer: int) -> list[int]:
    """Kill what is left of the command's session, and say what there was."""
    there = session(tracer)
    for pid in there:
        kill(pid)
    return there


def rounds(count: int, seed: int) -> list[Round]:
    random.seed(seed)
    done = []
    for number in range(count):
        # A third from before the first import on, the others when freezes and thaws alternate.
        held = number // len(KINDS) % 3 != 0
        delay = random.uniform(0, 0.1) if held else random.uniform(0.02, 1)
        done.append(one(KINDS[number % len(KINDS)], delay, held))
        for wrong in done[-1].wrong:
            print(f"{number} {done[-1].kind} after {delay:.3f} s: {wrong}", flush=True)
    return done


def main() -> int:
    count = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 32)
    done = rounds(count, seed)
    failed = sum(bool(round.wrong) for round in done)
    for kind, times in Counter(round.kind for round in done).items():
        held = sum(round.frozen for round in done if round.kind == kind)
        print(f"{kind}: {times} times, {held} of them while frozen")
    print(f"seed {seed}: {count} rounds, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    raise SystemExit(main())
