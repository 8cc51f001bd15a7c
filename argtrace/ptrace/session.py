"""The chain put together over ptrace(2): what `argtrace.session` is over BPF.

    with PtraceSession(options) as session:
        session.run(Command(["ls"]))
        for events in session.batches(): …

Tracees belong to the thread that seizes them: a session is of one thread, the main one, since
signals end its waiting. Records go through the ring and the Stream as those of the kernel do.
Where descriptors get names, each record is decoded while its task stands still: what /proc says of
its descriptors is then true of that moment. Where threads share them, what one is about to take from
the others is known to nobody until it has done so (`open_files.Table.begin`).

Nothing stays behind: leaving the session detaches. A command with a filter in it (`seccomp.py`)
cannot be left alone: it is served, unseen, until it ends.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator, Mapping
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from argtrace import native, processes, running_kernel
from argtrace.decode import table as tables
from argtrace.decode.events import Event, Note
from argtrace.decode.naming import DETAILS, FILES, PIDS
from argtrace.decode.stream import Naming, Stream
from argtrace.decode.table import Table
from argtrace.errors import ArgtraceError, FormatError, KernelRefused
from argtrace.fetch import record
from argtrace.fetch.filters import Filters
from argtrace.lines import Lines
from argtrace.location import frames
from argtrace.options import Options
from argtrace.processes import Command
from argtrace.ptrace import attach, seccomp
from argtrace.ptrace.calls import Calls
from argtrace.ptrace.ring import Records
from argtrace.ptrace.tracer import Tracer
from argtrace.signature import syscalls
from argtrace.target import host
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from argtrace.transport.ring import Ring

if TYPE_CHECKING:
    from argtrace.backpressure import Backpressure
    from argtrace.decode.descriptors import Descriptors
    from argtrace.decode.summary import Summary
    from argtrace.present import Sink
    from argtrace.ptrace.counting import Counting

_BATCH = 512
_TICK = 0.01  # seconds after which waiting looks up: lines are written, and who wants to stop can
_LAST_WORDS = 2.0  # seconds for a command to end when it is asked to
_ALONE = 20  # ticks between looks for children whose fork nobody told of


class PtraceSession:
    """A trace. `filtered`: whether a command may get a seccomp filter where only some calls are
    wanted. `registers`: do without PTRACE_GET_SYSCALL_INFO, as before Linux 5.3."""

    def __init__(self, options: Options, *, filtered: bool = True, registers: bool = False) -> None:
        self._options = options
        self._stack = contextlib.ExitStack()
        self._target = host()
        try:
            formats = self._stack.enter_context(running_kernel.formats())
            self._calls = Calls(options, self._target, formats)
        except BaseException:
            self._stack.close()
            raise
        self._filtered = filtered and options.follow and not self._calls.unknown
        self._descriptors: Descriptors | None = None
        follows = bool(options.naming & FILES)
        if follows:
            from argtrace.decode.descriptors import Descriptors  # noqa: PLC0415 (start-up, as the next)
            from argtrace.proc_files import Proc  # noqa: PLC0415

            proc = Proc(details=bool(options.naming & DETAILS))
            self._descriptors = Descriptors(proc, options.naming, follow=options.follow)
        self._stream = Stream(
            self._calls.tables,
            self._unknown,
            Naming(
                self._descriptors,
                self._calls.hidden,
                options.filters,
                pids=PIDS in options.naming,
                dumped=options.dumped,
            ),
        )
        self._records = Records()
        self._ring = Ring(*self._records.pages)
        self._decoded: list[Event] = []
        self._lines: Lines | None = None
        self._counting: Counting | None = None
        self._summed: Summary | None = None
        if options.summary is not None:
            from argtrace.ptrace.counting import Counting  # noqa: PLC0415 (start-up: only if asked for)

            self._counting = Counting(options.summary, self._calls.hidden, self._target)
        at_once = follows or self._counting is not None
        self.tracer = Tracer(
            self._calls,
            frames.frame(self._target),
            Filters() if follows else options.filters,
            self._emit if at_once else self._records.put,
            follow=options.follow,
            registers=registers,
            follows=follows,
        )
        self.tracer.hasten(None if at_once else self._records)
        self._stack.callback(self.tracer.release)
        self._command: Command | None = None
        self._stopping = False
        self._ticked = self._ticks = 0  # since we last looked up; since the last `adopt`
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.realtime = time.clock_gettime_ns(time.CLOCK_REALTIME) - self.origin

    def __enter__(self) -> Self:
        attach.check_proc()
        before = signal.signal(signal.SIGALRM, self._tick)
        signal.setitimer(signal.ITIMER_REAL, _TICK, _TICK)
        self._stack.callback(_stop_ticking, before)
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Detach, and free everything. May be called twice."""
        self._leave()
        self._stack.close()
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        self._ring.release()
        self._records.close()

    def run(self, command: Command, backpressure: Backpressure | None = None) -> None:  # noqa: ARG002
        """Trace a command from its exec on. A tracee waits for its tracer: there is nothing to be
        held back. Raises CommandFailed."""
        self._command = command
        self.tracer.filtered = self._filtered
        self.tracer.watched.add(command.pid)
        if self._counting is not None:
            self._counting.launching = command.pid
        self._name(command.pid, command.pid)
        self._stream.launch(command.pid)
        self._seize(command.pid, command.pid)
        command.traced = True
        if self._descriptors is not None:
            self._descriptors.start(command.pid, command.pid)
        self.origin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        command.go(self._filter() if self._filtered else b"")
        while not self.tracer.execed and command.pid not in self.tracer.statuses:
            self._step()
        self._reap()
        command.started()

    def attach(self, pid: int) -> None:
        """Trace a running process: each thread, and what they start."""
        tgid = processes.tgid(pid)
        found = False
        # A thread that starts meanwhile is either traced by its parent's, or listed next time.
        while new := [tid for tid in processes.threads(pid) if not self.tracer.knows(tid)]:
            for tid in new:
                self._name(tgid, tid)
                try:
                    self._seize(tid, tgid)
                    found = True
                except ArgtraceError:
                    if not processes.ended(tid):
                        raise
            if not self._options.follow or all(map(processes.ended, new)):
                break
        if not found:
            raise ArgtraceError(f"no process has the id {pid}", remedy="ps -e lists those that run")
        if self._descriptors is not None:
            for tid in sorted(self.tracer.tasks):
                self._descriptors.start(tgid, tid)

    def attach_thread(self, tid: int) -> None:
        """Trace a single thread, and what it starts."""
        if processes.ended(tid):
            raise ArgtraceError(f"no thread has the id {tid}", remedy="ps -eL lists those that run")
        tgid = processes.tgid(tid)
        self._name(tgid, tid)
        self._seize(tid, tgid)
        if self._descriptors is not None:
            self._descriptors.start(tgid, tid)

    def give_up_rights(self) -> None:
        """Nothing: whom a tracee starts may need all that the first needed."""

    def stop(self) -> None:
        """End the trace: `batches` gives what is there and returns."""
        self._stopping = True

    def batches(self, *, lazy: bool = True) -> Iterator[list[Event]]:
        """Events as they come, in lists; an empty list whenever nobody stops. See `Session.batches`."""
        self._stream.lazy = lazy and self._descriptors is None
        while self.tracer.tasks and not self._stopping:
            self._gather()
            yield from self._read_all()
            self._reap()
            yield []
        unfinished = self.tracer.unfinished()
        if self._counting is not None:
            self._summed = self._counting.summary(unfinished)
        for sample in () if self._is_alone else unfinished:
            parsed = records.parse(sample)
            assert isinstance(parsed, CallRecord)
            yield from self._read_all()
            yield list(self._stream.unfinished(parsed))
        self._leave()
        yield from self._read_all()

    def lines(self, sink: Sink, limit: int | None = None) -> Lines | None:
        """As `Session.lines`."""
        found = native.module("lines")
        if found is None or self._descriptors or self._options.naming:
            return None
        from argtrace.native.dialects import dialect as dialect_of  # noqa: PLC0415 (start-up: as it is met)

        dialect = dialect_of(sink, self._calls.tables)
        if dialect is None:
            return None
        self._lines = Lines(
            found.Executor, self._records.pages, self._stream, self._decode, sink, dialect, self.origin, limit
        )
        return self._lines

    @property
    def lost(self) -> int:
        """None: a tracee waits until its record is made."""
        return self._stream.lost

    def lost_by_call(self) -> Mapping[str, int]:
        return {}

    def summary(self) -> Summary:
        """What was counted, of Options.summary, once the trace has ended."""
        assert self._summed is not None
        return self._summed

    # ---------------------------------------------------------------- stops

    def _seize(self, tid: int, tgid: int) -> None:
        try:
            self.tracer.seize(tid, tgid)
        except KernelRefused as refused:
            raise attach.explain(refused, tid) from refused

    def _name(self, tgid: int, tid: int) -> None:
        self._stream.name(tid, processes.comm(tid))
        if (began := processes.started(tgid)) is not None:
            self._stream.started(tgid, began)

    def _filter(self) -> bytes:
        wanted = self._calls.wanted | self.tracer.watching
        return seccomp.program(
            (index for index in wanted if index < record.COMPAT_BASE),
            (index - record.COMPAT_BASE for index in wanted if index >= record.COMPAT_BASE),
            self._target,
        )

    def _gather(self) -> None:
        """Stops until a tick, or until there is much to read."""
        self._ticked = 0
        while self.tracer.tasks and not self._ticked and not self._stopping:
            self._step()
            if self._records.half_full or len(self._decoded) > _BATCH:
                break

    def _step(self) -> None:
        self.tracer.step()
        if self._ticks >= _ALONE:
            self._ticks = 0
            self.tracer.adopt()

    def _tick(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (a handler's)
        self._ticked += 1
        self._ticks += 1

    def _reap(self) -> None:
        """A command's end is told to its tracer, and to nobody else."""
        if self._command is not None and self._command.pid in self.tracer.statuses:
            self._command.reaped(self.tracer.statuses[self._command.pid])

    def _leave(self) -> None:
        """Let everybody go; but a command with a filter, which cannot do without us, is served until it
        ends. One that is to end with us is asked to, and if it does not the kernel ends it."""
        if self.tracer.filtered and self.tracer.tasks:
            if self._stopping and self._command is not None:
                self._command.kill(signal.SIGTERM)
            until = time.monotonic() + (_LAST_WORDS if self._stopping else float("inf"))
            while self.tracer.tasks and time.monotonic() < until:
                self._step()
                self._records.discard()
                self._reap()
            if self.tracer.tasks:
                self.tracer.tasks.clear()
                return
        self.tracer.detach()
        self._reap()
        if self._command is not None:
            self._command.traced = False

    @property
    def _is_alone(self) -> bool:
        """Whether calls are counted, and not shown."""
        return self._options.summary is not None and self._options.summary.alone

    # ---------------------------------------------------------------- records

    def _emit(self, sample: bytes) -> None:
        """A record whose task stands still."""
        if self._counting is not None and self._counting.add(sample) and self._is_alone:
            return
        if self._descriptors is None:
            self._records.put(sample)
        else:
            self._decoded += self._decode(sample)

    def _read_all(self) -> Iterator[list[Event]]:
        while (events := self._read()) is not None:
            yield events

    def _read(self) -> list[Event] | None:
        """A batch; None if there is nothing."""
        if self._decoded:
            events, self._decoded = self._decoded, []
            return events
        self._records.refill()
        if self._lines is not None:
            return [] if self._lines.read() else None
        samples = list(self._ring.samples(_BATCH))
        if not samples:
            return None
        return [event for sample in samples for event in self._decode(sample)]

    def _decode(self, sample: bytes) -> list[Event]:
        try:
            return list(self._stream.feed(records.parse(sample)))
        except FormatError as error:
            # One record that nobody can read is no reason to lose the others.
            return [Note(time.clock_gettime_ns(time.CLOCK_MONOTONIC), f"a record cannot be read: {error}")]

    def _unknown(self, call: CallRecord) -> Table:
        if call.flags & record.Flag.COMPAT:
            return tables.compat(syscalls.compat(call.number, self._target), self._target)
        return tables.words(syscalls.unknown(call.number), self._target)


def _stop_ticking(before: Any) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL if before is None else before)
