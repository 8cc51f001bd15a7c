"""What does it cost to find a task's slot: ours, a stranger's, and of each store that could hold it?

    python -m bench.slots [ROUNDS]

Needs the rights to load programs, and gcc. A loop of getppid is timed under each of them in
turn, and again; the median and the least are shown: nanoseconds a call, and how many of them
were added. On a machine where others work the least is the one to read.
Two loops run: one that is traced, one that is not. Nobody reads the ring meanwhile; it is
empty before each turn.

The stores are compared in a pair of programs that are alike but for that: entry notes time and
registers, exit adds the result and sends a record. Then come the programs of a trace itself: of
all calls, and of one call that the loop does not make.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.collectors import copy_image, header, kind
from argtrace.fetch.context import RAW
from argtrace.fetch.emit import KEY, R0, R1, R2, R6, R7, R9, R10, call_map, find_current, send_slot
from argtrace.fetch.layout import COUNTERS, LOSS, SLOTS
from argtrace.fetch.record import RECORD, Phase
from argtrace.fetch.slots import find_place
from argtrace.kernel import uapi
from argtrace.kernel.calls import Linux
from argtrace.kernel.links import RawTracepoint
from argtrace.kernel.maps import Map, MapSpec
from argtrace.kernel.programs import Program
from argtrace.location.frames import frame
from argtrace.options import Options
from argtrace.session import Session
from argtrace.target import host
from argtrace.transport.ringbuf import RingBuffer
from bench.task_storage import TaskStorage, find_in_storage

CALLS = 5_000
SLOT = 13016
"""Bytes, as with every call selected."""

LOOP = r"""
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    long count;
    while (scanf("%ld", &count) == 1) {
        struct timespec begin, end;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
        for (long i = 0; i < count; i++)
            syscall(SYS_getppid);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
        printf("%f\n", ((end.tv_sec - begin.tv_sec) * 1e9 + (end.tv_nsec - begin.tv_nsec)) / count);
        fflush(stdout);
    }
}
"""

Find = Callable[[Asm, str], None]


class Loop:
    """A process that calls getppid when it is told to."""

    def __init__(self, path: str) -> None:
        self._process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.pid = self._process.pid

    def time(self, calls: int) -> float:
        """Nanoseconds a call."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{calls}\n")
        return float(self._process.stdout.readline())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Way(NamedTuple):
    """`attached`: while this is open, its programs run; `drain` empties their ring."""

    name: str
    attached: Callable[[], contextlib.AbstractContextManager[object]]
    drain: Callable[[], None]


def _find_in_hash(asm: Asm, missing: str) -> None:
    asm.call("get_current_pid_tgid")
    asm.move(R9, R0)
    asm.store(R10, KEY, R0, 4)
    call_map(asm, "map_lookup_elem", "tasks")
    asm.jump("==", R0, 0, missing)
    asm.move(R7, R0)


def _find_in_array(asm: Asm, missing: str) -> None:
    """As the dispatcher and a collector, in one: is it ours, and where is it?"""
    with asm.scope("whose"):
        find_current(asm, "tasks", f"/{missing}")
    with asm.scope("place"):
        find_place(asm, "none")
        asm.goto("end")
        asm.label("none")
        asm.exit()
        asm.label("end")


STORES: dict[str, Find] = {
    "hash": _find_in_hash,
    "array, and hash where it is full": _find_in_array,
    "task storage": find_in_storage,
}


def _pair(find: Find) -> tuple[Asm, Asm]:
    enter, exit = Asm(), Asm()
    enter.move(R6, R1)
    find(enter, "none")
    header(enter, RAW)
    kind(enter, record.ITEMS, flags=0)
    copy_image(enter, frame(host()), RAW)
    enter.label("none")
    enter.exit()
    exit.move(R6, R1)
    find(exit, "none")
    exit.load(R1, R7, record.PHASE, 2)
    exit.jump("!=", R1, Phase.PENDING, "none")
    exit.store(R7, record.PHASE, Phase.IDLE, 2)
    exit.call("ktime_get_ns")
    exit.store(R7, RECORD + record.TIME, R0)
    exit.load(R2, R6, 8)
    exit.store(R7, RECORD + record.RESULT, R2)
    send_slot(exit, record.ITEMS, "none")
    exit.exit()
    return enter, exit


class Stores:
    """A map for each store, with the traced task in it, and a pair of programs for each."""

    def __init__(self, pid: int, stack: contextlib.ExitStack) -> None:
        self._kernel = Linux()
        self._stack = stack
        array = uapi.BPF_MAP_TYPE_ARRAY
        specs = (
            MapSpec("tasks", uapi.BPF_MAP_TYPE_HASH, 4, SLOT, 1000, uapi.BPF_F_NO_PREALLOC),
            MapSpec("slots", array, 4, SLOT, SLOTS, a_cpu=1),
            MapSpec("counters", array, 4, COUNTERS.size, 1),
            MapSpec("losses", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, LOSS.size, record.INDEXES),
            MapSpec("events", uapi.BPF_MAP_TYPE_RINGBUF, 0, 0, 32 << 20),
        )
        maps = {spec.name: stack.enter_context(Map(self._kernel, spec)) for spec in specs}
        storage = stack.enter_context(TaskStorage(self._kernel, "storage", SLOT))
        slot = record.slot(SLOT, Phase.IDLE)
        maps["tasks"].update(struct.pack("<I", pid), slot)
        owner = struct.pack("<II", pid, pid)
        maps["slots"].update(struct.pack("<I", pid % SLOTS), owner + slot[len(owner) :])
        storage.put(pid, slot)
        self._descriptors = {name: map.fileno() for name, map in maps.items()} | {"storage": storage.fileno()}
        self._ring = RingBuffer(maps["events"])
        stack.callback(self._ring.close)

    def way(self, name: str, enter: Asm, exit: Asm) -> Way:
        loaded = []
        for tracepoint, asm in (("sys_exit", exit), ("sys_enter", enter)):
            code = asm.assemble("at_bench").code().bind(self._descriptors)
            program = Program(self._kernel, "at_bench", code, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)
            loaded.append((tracepoint, self._stack.enter_context(program)))

        @contextlib.contextmanager
        def attached() -> Iterator[None]:
            with contextlib.ExitStack() as links:
                for tracepoint, program in loaded:
                    links.enter_context(RawTracepoint(self._kernel, tracepoint, program))
                yield

        return Way(name, attached, lambda: _drain(self._ring))


def _drain(ring: RingBuffer) -> None:
    for _ in ring.ring.samples(1 << 30):
        pass


def _trace(name: str, options: Options, pid: int) -> Way:
    @contextlib.contextmanager
    def attached() -> Iterator[None]:
        with Session(options) as session:
            session.attach(pid)
            yield

    return Way(name, attached, lambda: None)  # each time a new ring


def _empty() -> Asm:
    asm = Asm()
    asm.exit()
    return asm


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        source, built = Path(directory) / "loop.c", os.path.join(directory, "loop")
        source.write_text(LOOP)
        subprocess.run(["gcc", "-O2", "-o", built, source], check=True)
        ours, other = Loop(built), Loop(built)
        stack.callback(ours.close)
        stack.callback(other.close)
        stores = Stores(ours.pid, stack)
        ways = [
            Way("no program", contextlib.nullcontext, lambda: None),
            stores.way("an empty pair", _empty(), _empty()),
            *(stores.way(f"store: {name}", *_pair(find)) for name, find in STORES.items()),
            _trace("argtrace: all calls", Options(), ours.pid),
            _trace("argtrace -e getpgid", Options(calls=("getpgid",)), ours.pid),
        ]
        times: dict[str, tuple[list[float], list[float]]] = {way.name: ([], []) for way in ways}
        for _ in range(rounds):
            for way in ways:
                with way.attached():
                    for loop, found in zip((ours, other), times[way.name], strict=True):
                        loop.time(CALLS // 20)
                        way.drain()
                        found.append(loop.time(CALLS))
    _print(times)


def _print(times: dict[str, tuple[list[float], list[float]]]) -> None:
    print(f"Linux {os.uname().release}; ns a call (added)\n")
    print(f"{'':34}{'traced: median':>16}{'least':>14}{'others: median':>18}{'least':>14}")
    base: list[float] = []
    for name, found in times.items():
        figures = [figure for each in found for figure in (statistics.median(each), min(each))]
        base = base or figures
        cells = [f"{ns:.0f} (+{ns - of:.0f})" for ns, of in zip(figures, base, strict=True)]
        print(f"{name:34}{cells[0]:>16}{cells[1]:>14}{cells[2]:>18}{cells[3]:>14}")


if __name__ == "__main__":
    main()
