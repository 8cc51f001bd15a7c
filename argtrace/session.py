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
import mmap
import select
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from argtrace import native, processes, running_kernel
from argtrace.backpressure import Backpressure
from argtrace.decode import table as tables
from argtrace.decode.events import Event, Note
from argtrace.decode.naming import DETAILS, FILES, PIDS
from argtrace.decode.stream import Naming, Stream
from argtrace.decode.table import Table
from argtrace.errors import ArgtraceError, FormatError, KernelRefused
from argtrace.fetch import record
from argtrace.fetch.choice import CLOSED
from argtrace.fetch.layout import COUNTERS, LOSS, ONE, SIGNAL, SIGNAL_LEFT_OUT, SLOTS, TASK, TRACK
from argtrace.fetch.record import Phase
from argtrace.kernel import access, maps, uapi
from argtrace.kernel.calls import Kernel
from argtrace.kernel.links import Links
from argtrace.kernel.maps import Map
from argtrace.kernel.programs import Program
from argtrace.lines import Lines
from argtrace.options import Options
from argtrace.processes import Command
from argtrace.signature import syscalls
from argtrace.start import Begun, ready
from argtrace.target import host
from argtrace.targets import NOBODY
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from argtrace.transport.ringbuf import RingBuffer

if TYPE_CHECKING:
    from argtrace.choosing import Choosing
    from argtrace.decode.descriptors import Descriptors
    from argtrace.decode.origin import Origins
    from argtrace.decode.summary import Summary
    from argtrace.native.ring import Samples
    from argtrace.present import Sink
    from argtrace.transport.perfbuf import PerfBuffers

_BATCH = 512
_IDLE = 0.01  # seconds between looks into the ring
_LITTLE = 1 << 16  # bytes of it that can wait for the next look
_QUIET = 1.0  # seconds without a record, after which tasks may have ended unseen

_NAMED = 5  # tasks, where there may be hundreds

_KEY = struct.Struct("<I")


class Session:
    """A trace. `kernel` is the seam for tests; `begun`: what is being loaded already."""

    def __init__(self, options: Options, kernel: Kernel | None = None, begun: Begun | None = None) -> None:
        self._options = options
        self._kernel = running_kernel.running() if kernel is None else kernel
        self._target = host()
        self._begun = begun
        self._ready = ready(options) if begun is None else begun.ready
        self._stack = contextlib.ExitStack()
        self._links = Links(self._kernel)
        if begun is not None:
            self._stack.callback(begun.close)
        self._maps: dict[str, Map] = {}
        self.loaded: dict[str, Program] = {}
        self._ring: RingBuffer | PerfBuffers | None = None
        self._counted: mmap.mmap | None = None
        self._lines: Lines | None = None
        self._samples: Samples | None = None
        self._descriptors: Descriptors | None = None
        if options.naming & FILES:
            from argtrace.decode.descriptors import Descriptors  # noqa: PLC0415 (start-up, as the next)
            from argtrace.proc_files import Proc  # noqa: PLC0415

            proc = Proc(details=bool(options.naming & DETAILS))
            self._descriptors = Descriptors(proc, options.naming, follow=options.follow)
        self._origins: Origins | None = None
        if options.origins:
            from argtrace.cgroup_paths import CgroupPaths  # noqa: PLC0415 (start-up: only if asked for)
            from argtrace.decode.origin import Origins  # noqa: PLC0415
            from argtrace.location import frames  # noqa: PLC0415

            self._origins = Origins(frames.noting(self._target, options.origins), CgroupPaths().path)
        self._stream = Stream(
            self._ready.tables,
            self._unknown,
            Naming(
                self._descriptors,
                self._ready.hidden,
                options.filters,
                pids=PIDS in options.naming,
                dumped=options.dumped,
                origins=self._origins,
            ),
        )
        self._command: Command | None = None
        self._backpressure: Backpressure | None = None
        self._stopping = False
        self._choosing: Choosing | None = None
        self._left_out_before = 0
        self._opens_at = 0  # ns of time.monotonic; 0: it is open, or not ours to open
        # When the trace began, ns of CLOCK_MONOTONIC; and how far that is from the epoch.
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.realtime = time.clock_gettime_ns(time.CLOCK_REALTIME) - self.origin

    def __enter__(self) -> Self:
        try:
            access.check_pid_namespace()
            self.load()
            self._choose()
            self._attach()
            self._find_chosen()
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
        if self._begun is None:
            self._begun = Begun(self._kernel, self._ready)
            self._stack.callback(self._begun.close)
        self._begun.finish()
        self._maps, self.loaded = self._begun.maps, self._begun.programs

    def _choose(self) -> None:
        """Say to the kernel's side who is traced for what it is, and when."""
        targets, window = self._options.targets, self._options.window
        if self._options.targets != NOBODY or window.any:
            from argtrace.choosing import Choosing  # noqa: PLC0415 (start-up: only if asked for)

            self._choosing = Choosing(targets, self._maps, self.loaded)
            self._choosing.fill(window, self._target)

    def _find_chosen(self) -> None:
        """Trace those who are there already."""
        if self._choosing is not None:
            for pid, tids in self._choosing.found():
                self._adopt(pid, tids)

    def _attach(self) -> None:
        self._ring = self._open_ring(self._maps["events"])
        self._stack.callback(self._ring.close)
        if self._maps["counters"].spec.flags & uapi.BPF_F_MMAPABLE:
            self._counted = self._stack.enter_context(self._maps["counters"].mapped())
        if self._options.window.closed:
            self._maps[CLOSED].update(ONE, LOSS.pack(1))
        if (walker := native.module("ring")) is not None:
            self._samples = walker.Samples(*self._ring.pages)
            self._stack.callback(self._samples.release)
        for tracepoint, name in self._ready.loadable.attached:
            self._links.attach(tracepoint, self.loaded[name])

    def _open_ring(self, events: Map) -> RingBuffer | PerfBuffers:
        if events.spec.type == uapi.BPF_MAP_TYPE_RINGBUF:
            return RingBuffer(events)
        from argtrace.transport.perfbuf import PerfBuffers  # noqa: PLC0415 (start-up: on older kernels alone)

        return PerfBuffers(self._kernel, events, self._options.ring)

    def run(self, command: Command, backpressure: Backpressure | None = None) -> None:
        """Trace a command from its exec on; hold it while the ring is full. Raises CommandFailed."""
        self._command = command
        if backpressure is not None:
            self._backpressure = backpressure
            self._stack.callback(backpressure.close)
            events = self._maps["events"]
            if events.spec.type == uapi.BPF_MAP_TYPE_RINGBUF:
                backpressure.watch(events.fileno(), events.spec.entries)
            else:
                backpressure.refuse(
                    "this kernel has no BPF ring buffer (Linux 5.8), which tells what is unread"
                )
        self._name(command.pid, command.pid)
        self._stream.launch(command.pid)
        if self._options.summary is not None:
            self._maps["launching"].update(ONE, struct.pack("<II", command.pid, command.pid))
        self._track(command.pid, command.pid, Phase.NEWBORN)  # the read(2) it waits in is not its own
        if processes.ended(command.pid):  # killed before that: no end will be told
            self._track(command.pid, command.pid, Phase.IDLE)
        if self._descriptors is not None:
            self._descriptors.start(command.pid, command.pid)
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self._left_out_before = self._left_out()
        command.release()
        if backpressure is not None:
            backpressure.begin()

    def attach(self, pid: int) -> None:
        """Trace a running process: each thread, and what they start."""
        seen: set[int] = set()
        asked: set[int] = set()
        tgid = processes.tgid(pid)
        began = processes.started(tgid)
        # A thread that starts meanwhile is either traced by its parent's fork, or listed next time.
        while new := set(processes.threads(pid)) - asked:
            asked |= new
            seen |= self._adopt(tgid, new)
            if not self._options.follow:
                break
        if processes.started(tgid) != began:
            # It has ended meanwhile, and its id may be another's.
            for tid in seen:
                self._track(tgid, tid, Phase.IDLE)
            seen.clear()
        if not seen:
            raise ArgtraceError(f"no process has the id {pid}", remedy="ps -e lists those that run")
        if self._descriptors is not None:
            # Not before all are traced: from now on every change is seen.
            for tid in sorted(seen):
                self._descriptors.start(tgid, tid)

    def attach_thread(self, tid: int) -> None:
        """Trace a single thread, and what it starts."""
        tgid, began = processes.tgid(tid), processes.started(tid)
        if not self._adopt(tgid, (tid,)) or processes.started(tid) != began:
            self._track(tgid, tid, Phase.IDLE)
            raise ArgtraceError(f"no thread has the id {tid}", remedy="ps -eL lists those that run")
        if self._descriptors is not None:
            self._descriptors.start(tgid, tid)

    def _adopt(self, tgid: int, tids: Iterable[int]) -> set[int]:
        """Trace threads that are there already. Returns those that still are."""
        there = set(tids)
        for tid in tids:
            self._name(tgid, tid)
            self._track(tgid, tid, Phase.ATTACHED)
        # Of one that ended before it was traced no end will be told.
        for tid in [tid for tid in there if processes.ended(tid)]:
            self._track(tgid, tid, Phase.IDLE)
            there.remove(tid)
        return there

    def _name(self, tgid: int, tid: int) -> None:
        self._stream.name(tid, processes.comm(tid))
        if (began := processes.started(tgid)) is not None:
            self._stream.started(tgid, began)

    def stop(self) -> None:
        """End the trace: `batches` gives what is there and returns."""
        self._stopping = True

    def give_up_rights(self) -> ArgtraceError | None:
        """Keep no capability that is not needed any more: after this nothing can be attached.

        Gives why they stay, where they do."""
        from argtrace import rights  # noqa: PLC0415 (a program that uses us may want to keep its own)

        keep = 0 if self._command is None else rights.for_command()
        if self._backpressure is not None and self._backpressure.parent is not None:
            keep |= rights.for_cgroup(self._backpressure.parent)
        if self._options.naming & FILES:
            keep |= rights.for_descriptors(None if self._command is None else self._command.pid)
        # No map is looked at: while bpf(2) does that the kernel may leave programs out (docs/tracepoints.md).
        return rights.drop(keep, self._left_out)

    def batches(self, *, lazy: bool = True) -> Iterator[list[Event]]:
        """Events as they come, in lists; an empty list at each look that finds none (100 a second).

        `lazy`: arguments are decoded when they are looked at. A record that contradicts itself, as
        none from a kernel does, raises FormatError then; else it is a Note among the events.

        With `lines`, only those that did not come by the ring."""
        assert self._ring is not None
        self._stream.lazy = lazy
        if self._options.window.delay:
            self._opens_at = time.monotonic_ns() + self._options.window.delay
        detached = False
        poll = select.poll()
        # Level-triggered the ring would be ready as long as there is anything in it.
        woken = self._stack.enter_context(select.epoll())
        for fd in self._ring.descriptors:
            woken.register(fd, select.EPOLLIN | select.EPOLLET)
        poll.register(woken.fileno(), select.POLLIN)
        command = self._command
        if command is not None:
            poll.register(command.pidfd, select.POLLIN)
        heard, tended = time.monotonic(), 0.0
        while True:
            self._ring.gather(last=detached)
            events = self._read()
            if self._backpressure is not None and (gone := self._backpressure.gone()) is not None:
                events = [*(events or ()), Note(time.clock_gettime_ns(time.CLOCK_MONOTONIC), str(gone))]
            if events is not None:
                heard = time.monotonic()
                yield events
                # What came meanwhile can wait if it is little: who never lets a busy program get
                # ahead looks for its records one by one.
                behind = self._ring.unread() > _LITTLE
                if behind and heard < tended + _IDLE:
                    continue
            # A batch may have had nothing to show, or the last sample is still being written.
            elif detached and not self._ring.pending():
                break
            else:
                behind = False
                quiet = time.monotonic() - heard > _QUIET
                yield list(self._ended_unseen()) if quiet else []
                if quiet:
                    heard = time.monotonic()
            tended = time.monotonic()
            if command is not None and command.ended():
                with contextlib.suppress(KeyError):
                    poll.unregister(command.pidfd)
            if self._opens_at and time.monotonic_ns() >= self._opens_at:
                self._maps[CLOSED].update(ONE, LOSS.pack(0))
                self._opens_at = 0
            if self._choosing is not None:
                self._choosing.look_again()
            self._stream.look(processes.gone, time.clock_gettime_ns(time.CLOCK_MONOTONIC))
            if not detached and (self._stopping or self._nobody_left(command)):
                self._links.detach()
                detached = True
            elif not behind and not detached:
                poll.poll(_IDLE * 1000)
                woken.poll(0)  # until the ring is a quarter full another time
        yield list(self._last())

    def _nobody_left(self, command: Command | None) -> bool:
        """Whether nothing can come any more."""
        if not self._options.targets.standing:
            return not self._tracked()
        return command is not None and command.ended()

    def lines(self, sink: Sink, limit: int | None = None) -> Lines | None:
        """From now on the ring is written to this sink as it is read, by the native executor.

        None where that is not there, or what is wanted is Python's: names of descriptors and
        processes, lines that are not alone.
        """
        found = native.module("lines")
        if found is None or self._ring is None or self._descriptors or self._options.naming:
            return None
        from argtrace.native.dialects import dialect as dialect_of  # noqa: PLC0415 (start-up: as it is met)

        dialect = dialect_of(sink, self._ready.tables, self._origins)
        if dialect is None:
            return None
        self._lines = Lines(
            found.Executor, self._ring.pages, self._stream, self._decode, sink, dialect, self.origin, limit
        )
        self._stack.callback(self._lines.close)
        return self._lines

    def _read(self) -> list[Event] | None:
        """A batch; None if there is nothing."""
        assert self._ring is not None
        if self._lines is not None:
            return [] if self._lines.read() else None
        samples = list(self._ring.ring.samples(_BATCH)) if self._samples is None else self._samples.drain()
        if not samples:
            return None
        return [event for sample in samples for event in self._decode(sample)]

    def _decode(self, sample: bytes) -> list[Event]:
        try:
            return list(self._stream.feed(records.parse(sample)))
        except FormatError as error:
            # One record that nobody can read is no reason to lose the others.
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            return [Note(now, f"a record cannot be read: {error}")]

    def _last(self) -> Iterator[Event]:
        """What only shows when nothing more can come."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        for tid, slot in self._slots():
            yield from self._unfinished(tid, slot)
        lost, untracked, _ = self._counters()
        yield from self._stream.note_lost(lost, now)
        # A summary says it itself, below its table.
        if self._options.summary is None and (left_out := self._left_out()):
            yield Note(now, f"the kernel left out our programs {left_out} times: calls may be missing")
        if untracked:
            yield Note(now, f"{untracked} new tasks were not followed: no room for them")

    def _ended_unseen(self) -> Iterator[Event]:
        """Tasks that are traced no more, since their end was one of the runs that the kernel left out."""
        if not self._left_out():
            return
        ended = [(tid, slot) for tid, slot in self._slots() if processes.ended(tid)]
        for tid, slot in ended:
            yield from self._unfinished(tid, slot)
            self._track(int.from_bytes(slot[: record.CROWD], "little") >> 32, tid, Phase.IDLE)
        if ended:
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            named = ", ".join(str(tid) for tid, _ in ended[:_NAMED]) + (", …" if ended[_NAMED:] else "")
            yield Note(now, f"how {named} ended, and their last calls, may be missing")

    def _unfinished(self, tid: int, found: bytes) -> Iterator[Event]:
        """The call that a task is in, by its slot."""
        if found[record.PHASE] != Phase.PENDING:
            return
        # An exec's strings wait apart; its own slot says that there was no room for them.
        slot = self._maps["execs"].lookup(_KEY.pack(tid)) or found
        try:
            parsed = records.parse(slot[record.RECORD :])
            assert isinstance(parsed, CallRecord)
            yield from self._stream.unfinished(parsed)
        except FormatError:
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            yield Note(now, f"a call of {tid} was just being recorded when the trace ended")

    def _left_out(self) -> int:
        """How often the kernel left out a program of ours, and no other did its work, since the command
        began: others, whom nobody wants, made calls before that."""
        repaired = SIGNAL if SIGNAL_LEFT_OUT in self.loaded else None
        missed = sum(program.missed() for name, program in self.loaded.items() if name != repaired)
        return missed - self._left_out_before

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

    def summary(self) -> Summary:
        """What was counted, of Options.summary; exact once the trace has ended."""
        from argtrace import summary  # noqa: PLC0415 (start-up: only if asked for)

        return summary.read(self._maps, self._slots(), self._options, self._target, self._left_out())

    def _track(self, tgid: int, tid: int, phase: Phase) -> None:
        """Trace a task from now on; no more, if the phase is IDLE."""
        if self.loaded[TRACK].run(TASK.pack(tid, tgid, phase)):
            raise KernelRefused(f"tracing thread {tid}", errno.E2BIG)

    def _tracked(self) -> int:
        """How many tasks are traced now."""
        return self._counters()[2]

    def _counters(self) -> tuple[int, int, int]:
        """Records lost, tasks there was no room for, tasks traced."""
        counted = self._counted or self._maps["counters"].lookup(ONE) or bytes(COUNTERS.size)
        lost, untracked, tracked, *_ = COUNTERS.unpack_from(counted)
        # Before Linux 5.1 a program is not told that there was no room, and perf tells it us.
        return max(lost, 0 if self._ring is None else self._ring.lost), untracked, tracked

    def _slots(self) -> Iterator[tuple[int, bytes]]:
        """Each traced task's id, and its slot."""
        if not self._tracked():
            return
        for key in map(_KEY.pack, range(SLOTS)):
            slot = self._maps["slots"].lookup(key)
            if slot is not None and (owner := int.from_bytes(slot[: record.CROWD], "little")):
                yield owner & 0xFFFF_FFFF, slot
        for key in list(self._maps["tasks"].keys()):
            slot = self._maps["tasks"].lookup(key)
            if slot is not None:
                yield _KEY.unpack(key)[0], slot

    def _unknown(self, call: CallRecord) -> Table:
        if call.flags & record.Flag.COMPAT:
            return tables.compat(syscalls.compat(call.number, self._target), self._target)
        return tables.words(syscalls.unknown(call.number), self._target)

    def _call_name(self, index: int) -> str:
        if index == record.TASK_EVENTS:
            return "task events"
        table = self._ready.tables.get(index)
        return "unknown calls" if table is None else table.signature.name
