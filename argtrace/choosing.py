"""Who is traced for what it is, seen from here: the maps that decide, and who is there already.

Those who are there are looked for in /proc once the programs of `fetch/choosing.py` are attached, so
who comes in between is found by them, or by both. As these decide, so do we.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping

from argtrace import processes
from argtrace.cgroup_paths import members
from argtrace.fetch import gate
from argtrace.fetch.choice import Verdict
from argtrace.fetch.choosing import IDENTIFY
from argtrace.fetch.layout import ONE
from argtrace.fetch.record import COMPAT_BASE
from argtrace.kernel.maps import Map
from argtrace.kernel.programs import Program
from argtrace.signature import syscalls
from argtrace.signature.select import select
from argtrace.target import X86_64, Target
from argtrace.targets import Targets, Window

INIT = 1
_AGAIN = 1.0  # seconds between looks at executables, which may be replaced

File = tuple[int, int]
"""Device and inode, as stat(2) has them."""


class Choosing:
    """Of a session: its maps and its programs."""

    def __init__(self, targets: Targets, maps: Mapping[str, Map], programs: Mapping[str, Program]) -> None:
        self._targets = targets
        self._maps = maps
        self._programs = programs
        self._files: dict[str, File] = {}
        self._looked = 0.0

    def fill(self, window: Window, target: Target = X86_64) -> None:
        """Before anything is attached."""
        targets = self._targets
        for key, value in targets.verdicts().items():
            self._maps["names"].update(key, value)
        for uid in targets.uids:
            self._maps["uids"].update(_word(uid), _word(Verdict.IN))
        for at, directory in enumerate(targets.cgroups):
            fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                self._maps["cgroups"].update(_word(at), _word(fd))
            finally:
                os.close(fd)
        for pids, verdict in (
            (targets.not_pids, Verdict.OUT),
            (targets.not_families, Verdict.OUT_WITH_CHILDREN),
        ):
            for pid in pids:
                self._maps["excluded"].update(_word(pid), _word(verdict))
        if targets.cpus:
            self._maps["cpus"].update(ONE, gate.cpus(targets.cpus))
        if window.any:
            opening, closing = (_indexes(calls, target) for calls in (window.opening, window.closing))
            self._maps["switches"].update(ONE, gate.switches(opening, closing))
        self.look_again()

    def look_again(self) -> None:
        """At a path there may be another program by now."""
        if not self._targets.exes or time.monotonic() - self._looked < _AGAIN:
            return
        self._looked = time.monotonic()
        for path in self._targets.exes:
            found = _file(path)
            if found is None or found == self._files.get(path):
                continue
            with contextlib.suppress(OSError):  # it is gone again
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
                try:
                    self._programs[IDENTIFY].run(fd.to_bytes(8, "little"))
                finally:
                    os.close(fd)
                self._files[path] = found

    def found(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Processes that are there, and which of their threads are chosen; some may end meanwhile."""
        if self._targets.standing:
            yield from found(self._targets, set(self._files.values()))


def found(targets: Targets, files: set[File]) -> Iterator[tuple[int, tuple[int, ...]]]:
    inside = {pid for directory in targets.cgroups for pid in members(directory)}
    left_out = {*targets.not_pids, *_families(targets.not_families)}
    for pid in everybody():
        if pid in left_out or processes.is_of_kernel(pid):
            continue
        chosen = targets.everyone or pid in inside
        chosen = chosen or (bool(targets.uids) and processes.uid(pid) in targets.uids)
        chosen = chosen or (bool(files) and _file(f"/proc/{pid}/exe") in files)
        threads = tuple(_threads(targets, pid, chosen=chosen))
        if threads:
            yield pid, threads


def _threads(targets: Targets, pid: int, *, chosen: bool) -> Iterator[int]:
    """A process is known by the name of its first thread; others may have names of their own."""
    by_name = targets.choice.names
    process = targets.named(processes.comm(pid)) if by_name else None
    if process is Verdict.OUT:
        return
    chosen = chosen or process is Verdict.IN
    for tid in processes.threads(pid):
        own = targets.named(processes.comm(tid)) if by_name and tid != pid else process
        if own is Verdict.IN or (chosen and own is not Verdict.OUT):
            yield tid


def everybody() -> list[int]:
    """Every process that /proc shows."""
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def ancestors(pid: int) -> tuple[int, ...]:
    """Who started a process, and so on, but for init: shells, terminals, sessions."""
    line: list[int] = []
    while (pid := processes.parent(pid)) > INIT and pid not in line:
        line.append(pid)
    return tuple(line)


def _families(pids: tuple[int, ...]) -> Iterator[int]:
    yield from pids
    if pids:
        yield from (pid for pid in everybody() if not {*ancestors(pid)}.isdisjoint(pids))


def _indexes(calls: tuple[str, ...], target: Target) -> frozenset[int]:
    """Of 64-bit calls, and of those of 32 bits that are called the same."""
    if not calls:
        return frozenset()
    names = syscalls.names(target)
    chosen = select(calls, syscalls.signatures(names, None, target))
    compat = syscalls.compat_of((names[number] for number in chosen), target, everything=False)
    return frozenset((*chosen, *(COMPAT_BASE + number for number in compat)))


def _file(path: str) -> File | None:
    with contextlib.suppress(OSError):  # it has ended; a kernel thread has none
        told = os.stat(path)
        return told.st_dev, told.st_ino
    return None


def _word(number: int) -> bytes:
    return number.to_bytes(4, "little")
