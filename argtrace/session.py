"""The chain put together: from what is to be traced to a stream of events.

The one module that knows all six stages. A Session owns everything it puts into
the kernel; leaving it, by whatever way, takes all of it out again, and so does
the kernel when the process dies, since nothing is pinned.

    with Session(options) as session:
        session.run(Command(["ls"]))
        for events in session.batches(): …
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import struct
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from argtrace import processes
from argtrace.decode import table as tables
from argtrace.decode.descriptors import DETAILS, FILES, Descriptors
from argtrace.decode.events import Event, Note
from argtrace.decode.stream import PIDS, Naming, Stream
from argtrace.decode.table import Table
from argtrace.errors import ArgtraceError, FormatError, KernelRefused
from argtrace.fetch import record
from argtrace.fetch.layout import COUNTERS, LOSS
from argtrace.fetch.record import Phase
from argtrace.kept import ready
from argtrace.kernel import access, maps, uapi
from argtrace.kernel.calls import Kernel, Linux
from argtrace.kernel.links import RawTracepoint
from argtrace.kernel.maps import Map
from argtrace.kernel.programs import Program
from argtrace.prepare import Options
from argtrace.proc_files import Proc
from argtrace.processes import Command
from argtrace.signature import syscalls
from argtrace.target import host
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from argtrace.transport.ringbuf import RingBuffer

_BATCH = 512
_IDLE = 0.01  # seconds between looks into an empty ring

_ONE = struct.pack("<I", 0)
_KEY = struct.Struct("<I")


class Session:
    """A trace. `kernel` is the seam for tests."""

    def __init__(self, options: Options, kernel: Kernel | None = None) -> None:
        self._options = options
        self._kernel = Linux() if kernel is None else kernel
        self._target = host()
        self._ready = ready(options, self._target)
        self._stack = contextlib.ExitStack()
        self._links = contextlib.ExitStack()
        self._maps: dict[str, Map] = {}
        self.loaded: dict[str, Program] = {}
        self._ring: RingBuffer | None = None
        self._descriptors: Descriptors | None = None
        if options.naming & FILES:
            proc = Proc(details=bool(options.naming & DETAILS))
            self._descriptors = Descriptors(proc, options.naming, follow=options.follow)
        self._stream = Stream(
            self._ready.tables,
            self._unknown,
            Naming(
                self._descriptors,
                self._ready.hidden,
                options.filters,
                pids=PIDS in options.naming,
                dumped=options.dumped,
            ),
        )
        self._command: Command | None = None
        self._stopping = False
        # When the trace began, ns of CLOCK_MONOTONIC; and how far that is from the epoch.
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.realtime = time.clock_gettime_ns(time.CLOCK_REALTIME) - self.origin

    def __enter__(self) -> Self:
        try:
            access.check_pid_namespace()
            self.load()
            self._attach()
        except KernelRefused as refused:
            self.close()
            raise access.explain(refused) or refused from refused
        except BaseException:
            self.close()
            raise
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Detach and free everything. May be called twice."""
        self._links.close()
        self._stack.close()

    def load(self) -> None:
        """Maps, and all programs through the verifier."""
        ready = self._ready.loadable
        for spec in ready.maps:
            self._maps[spec.name] = self._stack.enter_context(Map(self._kernel, spec))
        descriptors = {name: map.fileno() for name, map in self._maps.items()}
        # Verifying is the kernel's work, outside of our lock.
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as verifying:
            loads = {
                code.name: verifying.submit(self._load, code.name, code.bind(descriptors))
                for code in ready.codes
            }
        for name, load in loads.items():
            self.loaded[name] = load.result()
        self._stack.callback(self._break_circles)
        for array, index, name in ready.reached:
            self._maps[array].update(_KEY.pack(index), struct.pack("<I", self.loaded[name].fileno()))
        for name, key, value in ready.values:
            self._maps[name].update(key, value)

    def _load(self, name: str, code: bytes) -> Program:
        program = Program(self._kernel, name, code, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)
        self._stack.callback(program.close)
        return program

    def _break_circles(self) -> None:
        """Take programs that jump through arrays out of those arrays.

        The kernel does it too when the last descriptor is gone, but a moment later, and
        where bpftool looked just then an empty map stayed behind for good (seen on 6.18).
        """
        ready = self._ready.loadable
        arrays = {array for array, _, _ in ready.reached}
        jumping = {code.name for code in ready.codes if arrays.intersection(of for _, of in code.maps)}
        for array, index, name in ready.reached:
            if name in jumping:
                self._maps[array].delete(_KEY.pack(index))

    def _attach(self) -> None:
        self._ring = RingBuffer(self._maps["events"])
        self._stack.callback(self._ring.close)
        for tracepoint, name in self._ready.loadable.attached:
            self._links.enter_context(RawTracepoint(self._kernel, tracepoint, self.loaded[name]))

    def run(self, command: Command) -> None:
        """Trace a command from its exec on. Raises CommandFailed."""
        self._command = command
        self._stream.name(command.pid, processes.comm(command.pid))
        self._stream.launch(command.pid)
        self._track(command.pid, Phase.NEWBORN)  # the read(2) it waits in is not its own
        if self._descriptors is not None:
            self._descriptors.start(command.pid, command.pid)
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        command.release()

    def attach(self, pid: int) -> None:
        """Trace a running process: each thread, and what they start."""
        seen: set[int] = set()
        # A thread that starts meanwhile is either traced by its parent's fork, or listed next time.
        while new := set(processes.threads(pid)) - seen:
            for tid in new:
                self._stream.name(tid, processes.comm(tid))
                self._track(tid, Phase.ATTACHED)
            seen |= new
            if not self._options.follow:
                break
        # Of one that ended before it was traced no end will be told.
        for tid in {tid for tid in seen if processes.ended(tid)}:
            self._maps["tasks"].delete(_KEY.pack(tid))
            seen.remove(tid)
        if not seen:
            raise ArgtraceError(f"no process has the id {pid}", remedy="ps -e lists those that run")
        if self._descriptors is not None:
            # Not before all are traced: from now on every change is seen.
            tgid = processes.tgid(pid)
            for tid in sorted(seen):
                self._descriptors.start(tgid, tid)

    def stop(self) -> None:
        """End the trace: `batches` gives what is there and returns."""
        self._stopping = True

    def batches(self) -> Iterator[list[Event]]:
        """Events as they come, in lists; an empty list whenever the ring is empty."""
        assert self._ring is not None
        detached = False
        poll = select.poll()
        command = self._command
        if command is not None:
            poll.register(command.pidfd, select.POLLIN)
        while True:
            events = self._read()
            if events:
                yield events
                continue
            # A batch may have had nothing to show, or the last sample is still being written.
            if detached and not self._ring.ring.pending():
                break
            yield events
            if command is not None and command.ended():
                with contextlib.suppress(KeyError):
                    poll.unregister(command.pidfd)
            if self._stopping or self._maps["tasks"].is_empty():
                self._links.close()
                detached = True
            else:
                poll.poll(_IDLE * 1000)
        yield list(self._last())

    def _read(self) -> list[Event]:
        assert self._ring is not None
        events: list[Event] = []
        for sample in self._ring.ring.samples(_BATCH):
            try:
                events.extend(self._stream.feed(records.parse(sample)))
            except FormatError as error:
                # One record that nobody can read is no reason to lose the others.
                now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
                events.append(Note(now, f"a record cannot be read: {error}"))
        return events

    def _last(self) -> Iterator[Event]:
        """What only shows when nothing more can come."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        for key in list(self._maps["tasks"].keys()):
            slot = self._maps["tasks"].lookup(key)
            if slot is None or slot[record.PHASE] != Phase.PENDING:
                continue
            # An exec's strings wait apart; its own slot says that there was no room for them.
            slot = self._maps["execs"].lookup(key) or slot
            try:
                parsed = records.parse(slot[record.RECORD :])
                assert isinstance(parsed, CallRecord)
                yield from self._stream.unfinished(parsed)
            except FormatError:
                (tid,) = _KEY.unpack(key)
                yield Note(now, f"a call of {tid} was just being recorded when the trace ended")
        lost, untracked = COUNTERS.unpack(self._maps["counters"].lookup(_ONE) or bytes(COUNTERS.size))
        yield from self._stream.note_lost(lost, now)
        if untracked:
            yield Note(now, f"{untracked} new tasks were not followed: no room for them")

    @property
    def lost(self) -> int:
        """Records lost so far, as far as noticed."""
        return self._stream.lost

    def lost_by_call(self) -> Mapping[str, int]:
        """The same by call, most first; exact once the trace has ended."""
        losses: dict[str, int] = {}
        cpus = maps.possible_cpus()
        for index in (*self._ready.tables, record.UNKNOWN, record.UNKNOWN_COMPAT, record.TASK_EVENTS):
            values = self._maps["losses"].lookup(_KEY.pack(index), cpus=cpus) or b""
            total = sum(count for (count,) in LOSS.iter_unpack(values))
            if total:
                name = self._call_name(index)
                losses[name] = losses.get(name, 0) + total
        return dict(sorted(losses.items(), key=lambda item: -item[1]))

    def _track(self, tid: int, phase: Phase) -> None:
        tasks = self._maps["tasks"]
        try:
            tasks.update(_KEY.pack(tid), record.slot(tasks.spec.value_size, phase), uapi.BPF_NOEXIST)
        except KernelRefused as refused:
            # One that its parent's fork has put there already keeps what it is doing.
            if refused.errno != errno.EEXIST:
                raise

    def _unknown(self, call: CallRecord) -> Table:
        if call.flags & record.Flag.COMPAT:
            return tables.compat(syscalls.compat(call.number))
        return tables.words(syscalls.unknown(call.number), self._target)

    def _call_name(self, index: int) -> str:
        if index == record.TASK_EVENTS:
            return "task events"
        table = self._ready.tables.get(index)
        return "unknown calls" if table is None else table.signature.name
