"""What do argtrace's programs cost in the kernel, at each end of a call, and for what?

    python -m bench.inkernel [--rounds N] [--count N] [--markdown]

The kernel counts the time in each program (bench/bpf_stats.py) while argtrace traces a loop. Four
traces of the same loop take the parts from each other:

    dispatch    a call is selected that the loop does not make, so its calls are turned away
    capture     the loop's call is selected, and then dropped at its return as too short (--duration):
                arguments are captured, nothing is sent
    send        the same without the filter: what is read at the return, the record, the ring
    copy        what all of that costs more than for getppid, which has nothing to copy

"others" is what a call of a process costs that is not traced. An empty pair of programs, with the clock
that the counting itself reads, is taken off every figure, and printed. exec has tracepoints of its own,
in "events". Calls of other processes meanwhile are taken out at the price of "others".
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from argtrace.kernel.calls import Descriptor, Linux
from bench import bpf_stats, printing, running
from bench.bpf_stats import ENTER, EXIT, Spent
from bench.bystander import tracing_sleep
from bench.peers import ABSENT, BenchError, Peer, choose
from bench.printing import figure, median
from bench.subjects import Builder, Subject

_PATIENCE = 20  # seconds, to start
_LONGEST = 600
_NEVER = "3600000"  # milliseconds: no call of the loops takes that long

# What is copied, by the call that shows it (workloads/loop.c).
KINDS = {
    "plain": "getppid",
    "string in": "access",
    "string in, struct out": "newfstatat",
    "buffer in": "write",
    "buffer out": "read",
    "exec": "execve",
}
_COMMANDS = 200  # execs are rare and long

Each = dict[str, float]
"""Nanoseconds a call, by tracepoint; "events" for all but the two of calls."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Nanoseconds a call at one end of it."""

    dispatch: float
    capture: float
    send: float

    @property
    def whole(self) -> float:
        return self.dispatch + self.capture + self.send


class Laboratory:
    """Runs the experiments on one kernel. `directory` takes what tracers write. `strangers` is the
    largest share that other processes had in the calls of an experiment."""

    def __init__(self, kernel: Linux, peer: Peer, directory: Path) -> None:
        self._kernel = kernel
        self._peer = peer
        self._directory = directory
        self.strangers = 0.0

    def empty(self, subject: Subject) -> Each:
        with bpf_stats.counting(self._kernel), bpf_stats.empty_pair(self._kernel) as programs:
            running.alone(subject)
            return {tracepoint: bpf_stats.spent(self._kernel, of).each for tracepoint, of in programs.items()}

    def others(self, subject: Subject) -> Each:
        with bpf_stats.counting(self._kernel), tracing_sleep(self._peer, self._directory) as pid:
            programs = bpf_stats.attached(self._kernel, pid, _PATIENCE)
            running.alone(subject)
            return {tracepoint: spent.each for tracepoint, spent in self._taken(programs).items()}

    def traced(self, subject: Subject, *options: str) -> dict[str, Spent]:
        """What the programs took in a trace with these options."""
        make = self._peer.everything
        assert make is not None
        # Options come before "-o", the command after it.
        whole = make(str(self._directory / "trace"), subject.command, True)
        at = whole.index("-o")
        said = self._directory / "said"
        subject.report.write_bytes(b"")
        with bpf_stats.counting(self._kernel), said.open("wb") as errors:
            command = [*whole[:at], *options, *whole[at:]]
            process = running.start(command, self._peer.surroundings(), errors.fileno())
            try:
                programs = bpf_stats.attached(self._kernel, process.pid, _PATIENCE)
                self._wait_for(subject)
                # Now: the tracer may write for seconds, while others make calls.
                taken = self._taken(programs)
                runs = taken[ENTER].runs
                self.strangers = max(self.strangers, 1 - subject.calls / runs if runs else 0)
                process.wait(_LONGEST)
            except (TimeoutError, subprocess.TimeoutExpired) as error:
                raise BenchError(f"{error}: {said.read_text(errors='replace')[-300:]}") from error
            finally:
                running.end(process)
            if b" lost" in said.read_bytes():
                raise BenchError(
                    f"{subject.name}: records were lost, their cost is not that of sending; --count less"
                )
            return taken

    def _wait_for(self, subject: Subject) -> None:
        """Until the workload has told that it is done."""
        deadline = time.monotonic() + _LONGEST
        while b"ns " not in subject.report.read_bytes():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{subject.name} was not done in {_LONGEST} s")
            time.sleep(0.002)

    def _taken(self, programs: Mapping[str, list[Descriptor]]) -> dict[str, Spent]:
        taken: dict[str, Spent] = {}
        for tracepoint, of in programs.items():
            name = tracepoint if tracepoint in (ENTER, EXIT) else "events"
            taken[name] = taken.get(name, Spent()) + bpf_stats.spent(self._kernel, of)
            for program in of:
                program.close()
        return taken


def parts(laboratory: Laboratory, subject: Subject, call: str, floor: Each, others: Each) -> dict[str, Parts]:
    """Enter, exit, and events where the call has any."""
    count = subject.compared[call]
    absent = laboratory.traced(subject, "-e", ABSENT)
    dropped = laboratory.traced(subject, "-e", call, "--duration", _NEVER)
    sent = laboratory.traced(subject, "-e", call)
    found = {}
    for end in (ENTER, EXIT):
        away = _own(absent[end], subject, others[end]) / subject.calls
        turned = (subject.calls - count) * away
        captured, whole = (
            (_own(each[end], subject, others[end]) - turned) / count for each in (dropped, sent)
        )
        found[end] = Parts(away - floor[end], captured - away, whole - captured)
    if call == "execve":
        of = [each.get("events", Spent()).ns / count for each in (absent, dropped, sent)]
        found["events"] = Parts(of[0], of[1] - of[0], of[2] - of[1])
    return found


def _own(spent: Spent, subject: Subject, others: float) -> float:
    """Nanoseconds for the subject's calls: without those of processes that are not traced."""
    return spent.ns - max(0, spent.runs - subject.calls) * others


def subjects(builder: Builder, count: int) -> Iterator[tuple[str, str, Subject]]:
    for kind, call in KINDS.items():
        if call == "execve":
            yield kind, call, builder.repeat("execve", _COMMANDS, ("/bin/true",), ("execve",))
        else:
            yield kind, call, builder.loop(call, count)


def rows(found: Mapping[str, Sequence[Mapping[str, Parts]]]) -> Iterator[tuple[str, ...]]:
    plain = {end: median(each[end].whole for each in found["plain"]) for end in (ENTER, EXIT)}
    for kind, rounds in found.items():
        for end in rounds[0]:
            of = [each[end] for each in rounds]
            whole = median(each.whole for each in of)
            figures = [
                median(column) for column in zip(*((p.dispatch, p.capture, p.send) for p in of), strict=True)
            ]
            copy = whole - plain[end] if end in plain and kind != "plain" else 0
            yield f"{kind} ({KINDS[kind]}), {end}", *(figure(each, 0) for each in (*figures, whole, copy))


def _arguments() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=100_000, help="calls of each loop")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def main() -> None:
    wanted = _arguments()
    kernel = Linux()
    try:
        (peer, *_), _ = choose(["argtrace"])
        print(printing.surroundings([peer]))
        with tempfile.TemporaryDirectory() as directory:
            laboratory = Laboratory(kernel, peer, Path(directory))
            chosen = list(subjects(Builder(Path(directory)), wanted.count))
            plain = chosen[0][2]
            found: dict[str, list[dict[str, Parts]]] = {}
            floors: list[Each] = []
            others: list[Each] = []
            for _ in range(wanted.rounds):
                floors.append(laboratory.empty(plain))
                others.append(laboratory.others(plain))
                for kind, call, subject in chosen:
                    found.setdefault(kind, []).append(
                        parts(laboratory, subject, call, floors[-1], others[-1])
                    )
    except BenchError as error:
        sys.exit(f"bench.inkernel: {error}")
    print(f"\nnanoseconds a call, {wanted.count} of each; execve: those of {_COMMANDS} commands\n")
    head = ("what", "dispatch", "capture", "send", "whole", "of it copy")
    print(printing.table(head, rows(found), markdown=wanted.markdown))
    for name, each in (("an empty program", floors), ("others", others)):
        enter, exit = (median(one[end] for one in each) for end in (ENTER, EXIT))
        print(f"{name}: {ENTER} {enter:.0f} ns, {EXIT} {exit:.0f} ns, with the clock")
    share = 100 * laboratory.strangers
    print(
        f"up to {share:.0f} % of the calls were other processes': if above 20 %, measure on a quieter machine"
    )


if __name__ == "__main__":
    main()
