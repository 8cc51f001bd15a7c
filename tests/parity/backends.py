"""The same program under BPF twice and under ptrace once: what differs, and is not different every time.

    python -m tests.parity.backends [PROGRAM...]

Each program's threads are compared by the order in which they come, each thread's events by theirs.
Ids of threads are put in that order too. What already differs between the two runs under BPF (times,
inodes, ports) says nothing; a thread whose calls differ there is left out, and counted.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.parity import runs
from tests.parity.compare import Json

Leaves = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """`place`: the event's name, and where in it."""

    program: str
    place: str
    bpf: Any
    ptrace: Any

    def __str__(self) -> str:
        return f"{self.program}: {self.place}: bpf {self.bpf!r}, ptrace {self.ptrace!r}"


class Reason(NamedTuple):
    """Why a value differs: `place` a pattern for where, `program` for which; `which`: of the two values."""

    place: str
    why: str
    program: str = ""
    which: Callable[[Any, Any], bool] = lambda bpf, ptrace: True  # noqa: ARG005

    def explains(self, found: Difference) -> bool:
        return bool(
            re.match(self.place, found.place)
            and re.match(self.program, found.program)
            and self.which(found.bpf, found.ptrace)
        )


REASONS = (
    Reason(
        r"call execve(at)? *\.args\[\d\]\.value\[\d+\]\.raw",
        "BPF takes strings whose pages are not there yet from the new program, which has them elsewhere",
        which=lambda bpf, _: bpf == "0x0",
    ),
    Reason(
        r"call execve\.args\[2\]\.value\[0\]",
        "BPF takes strings from the new program whole, whatever the limit of those it copies one by one",
        "proc_exec_long$",
    ),
    Reason(
        r"call execveat\.args\[1\]",
        "BPF has of an empty path what the kernel made of it: /dev/fd/3",
        "proc_exec$",
    ),
    Reason(
        r"call \w+\.args",
        "a page that is not there yet is brought in by process_vm_readv, and not by BPF",
        "cold_|bad_structs$",
    ),
    Reason(
        r"call \w+\.args.*\.(path|detail)",
        "at a stop /proc tells what no call gave",
        "ioctl_|uring_",
        lambda bpf, _: bpf is None,
    ),
    Reason(
        r"call ioctl\.args\[1\]\.symbol",
        "at a stop /proc tells which device a command is for",
        "ioctl_",
    ),
    Reason(
        r".*",
        "threads come in any order, and those of these programs are all alike",
        "proc_thread_(many|exec)$",
    ),
    Reason(
        r".*\.(ru_\w+|tms_\w+|tv_u?n?sec)\b|.*\.ns$|call getrusage",
        "times, memory and switches: tracing has its price",
    ),
    Reason(
        r".*\.f_(b|f|t)\w+\b|call sysinfo|call mincore|call cachestat",
        "what others on this machine do",
    ),
    Reason(
        r"call ioctl\..*\.(eax|ebx|ecx|edx)\.|call rseq\..*\.(mm_cid|cpu_id|cpu_id_start|node_id)\.",
        "the CPU it runs on",
    ),
    Reason(r"call keyctl\.", "a random key", "key_basics$"),
    Reason(r"call statmount\.", "ids of mounts, of which others make some too", "mount_lists$"),
    Reason(r"call \w+msg\..*\.cmsg_data\.", "a process's id, whose bytes are text or not", "msg_rights$"),
    Reason(r"call getrandom\.args\[0\]", "random numbers, which are text or not"),
    Reason(r".*\.sa_data\.", "a port that the kernel chose, whose bytes are text or not", "sock_"),
    Reason(r"call read\.args\[1\]", "a counter's value, whose bytes are text or not", "perf_events$"),
    Reason(
        r"event \d+",
        "a signal comes to a child before or after it has begun to wait for it",
        "proc_pidfds$|proc_waitid$|proc_wait4$|proc_kill$|sig_stops$",
    ),
    Reason(r"event \d+", "a thread has ended before somebody waits for it, or not", "proc_threads$"),
    Reason(r"call ptrace\.", "a process has one tracer", "proc_ptrace$"),
    Reason(
        r"call (pause|kill|clock_nanosleep)\.(result|unfinished)",
        "who is killed in a call never comes to its end, which BPF still sees",
        which=lambda _, ptrace: ptrace in (None, True),
    ),
    Reason(r".*\.comm$", "a name that was written to /proc/self/comm is told to BPF alone", "rw_special$"),
    Reason(
        r"call \w+\.entry_seen",
        "the entry of a call that seccomp refuses is seen by a tracer, not by BPF",
        "seccomp_filters$|sig_seccomp$",
    ),
    Reason(
        r"call \w+\.args.*\.detail",
        "a connection that failed: the kernel still has its other end, getpeername has not",
        "sock_blocked$",
    ),
)


def unexplained(comparison: Comparison) -> list[Difference]:
    return [
        found for found in comparison.differences if not any(reason.explains(found) for reason in REASONS)
    ]


@dataclass(slots=True)
class Comparison:
    """`events` and `values`: how many were compared; `varying`: threads that are never the same."""

    differences: list[Difference] = field(default_factory=list)
    events: int = 0
    values: int = 0
    varying: list[str] = field(default_factory=list)


_OWN = frozenset({"time", "duration", "pid", "tid", "process"})
"""Of an event: when, and whose."""


def compare(program: str, first: Sequence[Json], again: Sequence[Json], other: Sequence[Json]) -> Comparison:
    """`first`, `again`: under BPF; `other`: under ptrace."""
    comparison = Comparison()
    by_thread = [_threads(events) for events in (first, again, other)]
    for thread in range(max(map(len, by_thread))):
        one, two, three = (found[thread] if thread < len(found) else [] for found in by_thread)
        if [_name(leaves) for leaves in one] != [_name(leaves) for leaves in two]:
            comparison.varying.append(f"{program}, thread {thread}")
            continue
        if [_name(leaves) for leaves in one] != [_name(leaves) for leaves in three]:
            comparison.differences.append(Difference(program, *_where(one, three)))
            continue
        for bpf, twin, ptrace in zip(one, two, three, strict=True):
            comparison.events += 1
            for place in sorted(bpf.keys() | ptrace.keys()):
                if bpf.get(place) != twin.get(place):
                    continue
                comparison.values += 1
                if bpf.get(place) != ptrace.get(place):
                    found = Difference(program, f"{_name(bpf)}{place}", bpf.get(place), ptrace.get(place))
                    comparison.differences.append(found)
    return comparison


def _where(one: Sequence[Leaves], other: Sequence[Leaves]) -> tuple[str, Any, Any]:
    """The first event that is not the same."""
    for at in range(max(len(one), len(other))):
        ours, theirs = (_name(found[at]) if at < len(found) else None for found in (one, other))
        if ours != theirs:
            return f"event {at}", ours, theirs
    raise AssertionError


def _name(leaves: Leaves) -> str:
    return f"{leaves['.type']} {leaves.get('.name', '')}"


def _threads(events: Sequence[Json]) -> list[list[Leaves]]:
    numbers: dict[int, str] = {}
    for event in events:
        for key in ("tid", "pid"):
            if key in event:
                numbers.setdefault(event[key], f"thread {len(numbers)}")
    threads: dict[int, list[Leaves]] = {}
    for event in events:
        own = {key: value for key, value in event.items() if key not in _OWN}
        threads.setdefault(event["tid"], []).append(dict(_leaves("", own, numbers)))
    return list(threads.values())


def _leaves(place: str, value: Any, numbers: Mapping[int, str]) -> Iterator[tuple[str, Any]]:
    """Each value that is not made of others, by where it is."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(f"{place}.{key}", inner, numbers)
    elif isinstance(value, list):
        yield f"{place}#", len(value)
        for at, inner in enumerate(value):
            yield from _leaves(f"{place}[{at}]", inner, numbers)
    else:
        yield place, _unnumbered(value, numbers)


def _unnumbered(value: Any, numbers: Mapping[int, str]) -> Any:
    """An id of a thread as its place in the order."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            return numbers.get(int(value, 16), value)
        except ValueError:
            return value
    if isinstance(value, int) and not isinstance(value, bool):
        return numbers.get(value, value)
    return value


def run(names: Sequence[str], scratch: Path, rounds: int = 3) -> dict[str, Comparison]:
    """Programs of the corpus, under both. Those that differ without a reason are run again: what is
    not there each time depends on who comes first."""
    found = _run(names, scratch)
    for _ in range(rounds - 1):
        odd = [name for name, comparison in found.items() if unexplained(comparison)]
        if odd:
            found |= _run(odd, scratch)
    return found


def _run(names: Sequence[str], scratch: Path) -> dict[str, Comparison]:
    built = runs.build([runs.PROGRAMS / f"{name}.c" for name in names])
    commands = {name: [str(path)] for name, path in built.items()}
    first, again = (runs.alone(commands, scratch) for _ in range(2))
    other = runs.alone(commands, scratch, backend="ptrace")
    return {name: compare(name, first[name], again[name], other[name]) for name in names}


def main(names: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="argtrace-backends-") as scratch:
        found = run(names or runs.names(), Path(scratch))
    used = Counter[str]()
    for comparison in found.values():
        for difference in comparison.differences:
            used[next((reason.why for reason in REASONS if reason.explains(difference)), "")] += 1
        for difference in unexplained(comparison):
            print(difference)
        for thread in comparison.varying:
            print(f"varying: {thread}")
    for why, count in used.most_common():
        print(f"{count:6} {why or 'without a reason'}")
    events, values = (sum(getattr(each, what) for each in found.values()) for what in ("events", "values"))
    count = sum(len(unexplained(each)) for each in found.values())
    print(f"{len(found)} programs: {events} events, {values} values, {count} differences without a reason")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
