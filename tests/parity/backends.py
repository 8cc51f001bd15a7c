"""The same program under BPF twice and under ptrace once: what differs, and is not different every time.

    python -m tests.parity.backends [PROGRAM...]

Each program's threads are compared by the order in which they come, each thread's events by theirs.
Ids of threads are put in that order too. What already differs between the two runs under BPF (times,
inodes, ports) says nothing; a thread whose calls differ there is left out, and counted.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


def run(names: Sequence[str], scratch: Path) -> dict[str, Comparison]:
    """Programs of the corpus, under both."""
    built = runs.build([runs.PROGRAMS / f"{name}.c" for name in names])
    commands = {name: [str(path)] for name, path in built.items()}
    first, again = (runs.alone(commands, scratch) for _ in range(2))
    other = runs.alone(commands, scratch, backend="ptrace")
    return {name: compare(name, first[name], again[name], other[name]) for name in names}


def main(names: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="argtrace-backends-") as scratch:
        found = run(names or runs.names(), Path(scratch))
    places = Counter[str]()
    for comparison in found.values():
        for difference in comparison.differences:
            places[difference.place.partition("[")[0]] += 1
            print(difference)
        for thread in comparison.varying:
            print(f"varying: {thread}")
    print(places.most_common(40))
    events, values = (sum(getattr(each, what) for each in found.values()) for what in ("events", "values"))
    count = sum(len(each.differences) for each in found.values())
    print(f"{len(found)} programs: {events} events, {values} values, {count} differences")
    return bool(count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
