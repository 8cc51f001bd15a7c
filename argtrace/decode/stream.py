"""Records to events: the one place that remembers.

A record says a thread's id; the stream knows its name from the fork, exec and
rename records that came before. It notices where records are missing, and hides
what the launcher itself does before the command's exec.

Pure: records in, events out, no kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from argtrace.decode.absolute import add_absolute
from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Process, Signal
from argtrace.decode.model import File, Pid, Result, Value
from argtrace.decode.process import ending, siginfo, signal_name
from argtrace.decode.results import noted
from argtrace.decode.rewriting import rewritten
from argtrace.decode.table import Deferred, Surroundings, Table, arguments, result
from argtrace.decode.unseen import Gone, Unseen
from argtrace.fetch import record
from argtrace.fetch.filters import MAX_ERRNO, Filters
from argtrace.fetch.plan import NEVER_RETURN
from argtrace.fetch.record import Flag, Kind, Shared
from argtrace.transport.records import CallRecord, ChunkRecord, FileRecord, Record, SettingRecord, TaskRecord
from argtrace.value import fresh, frozen, replace

if TYPE_CHECKING:
    from argtrace.decode.descriptors import Descriptors, Moment
    from argtrace.decode.origin import Origins
    from argtrace.decode.settings import Setting

T = TypeVar("T")

_MOST_ENDED = 10_000
TICK = 10_000_000
"""ns of a clock tick as user space has it: USER_HZ is 100 on every machine we know of."""
_EXECS = frozenset({"execve", "execveat"})


@frozen
class Naming:
    """Numbers that get a name: descriptors, if there is somebody who follows them; and `pids`.

    Descriptors are followed by calls that nobody asked for: `hidden`, by index. So filters
    on what a call gave are not for the kernel: the others' `filters` are applied here.
    """

    descriptors: Descriptors | None = None
    hidden: frozenset[int] = frozenset()
    filters: Filters = fresh(factory=Filters)
    pids: bool = False
    dumped: Container[int] = ()
    """Descriptors whose data is wanted as bytes, whatever it means."""
    origins: Origins | None = None
    """What tells where a call came from, if that was asked for."""


class Stream:
    """`tables`: a call's decode table by its index (`record.COMPAT_BASE` and so on).

    `unknown` makes one for a call that has none. `naming`: which numbers get names.
    """

    def __init__(
        self,
        tables: Mapping[int, Table],
        unknown: Callable[[CallRecord], Table],
        naming: Naming | None = None,
    ) -> None:
        self._tables = tables
        self._unknown = unknown
        self._naming = naming or Naming()
        self._descriptors = self._naming.descriptors
        self._seen: dict[int, FileRecord] = {}
        self._chunks: dict[int, list[ChunkRecord]] = {}
        self._settings: dict[int, SettingRecord] = {}
        self._names: dict[int, str] = {}
        self._started: dict[int, int] = {}
        self._leaderless: dict[int, int] = {}
        self._ended: dict[int, str] = {}
        self._launching: set[int] = set()
        self._unseen = Unseen()
        self.lazy = False
        """Arguments are decoded when they are looked at, where nothing else needs them."""
        self.lost = 0

    def name(self, tid: int, comm: bytes) -> None:
        """A thread that was there before the trace began."""
        self._names[tid] = _text(comm)

    def started(self, tgid: int, ticks: int) -> None:
        """When a process that was there before the trace began, as `Process.started` has it."""
        self._started[tgid] = ticks

    def launch(self, tid: int) -> None:
        """Show nothing of this thread but its exec, until that succeeds."""
        self._launching.add(tid)

    def look(self, gone: Gone, now: int) -> None:
        """To be called now and then: for threads whose end was lost (`unseen.py`)."""
        self._unseen.look(self._names, gone, now)

    @property
    def direct(self) -> bool:
        """Whether a call's event needs nothing but its own record and its thread's name."""
        named = self._descriptors is not None or self._naming.pids
        return not (named or self._launching or self._chunks)

    def feed(self, record: Record) -> Iterator[Event]:
        """The events of one record. Raises FormatError for one that contradicts itself."""
        missing = record.lost - self.lost & 0xFFFF_FFFF
        # A CPU reads the counter, then waits for the ring: its record may come
        # after one that saw more losses, and then has nothing to tell.
        if 0 < missing < 1 << 31:
            yield from self.note_lost(self.lost + missing, record.time)
        event: Event | None = None
        match record:
            case CallRecord():
                event = self._call(self._whole(record))
            case TaskRecord():
                event = self._task(record)
            case ChunkRecord():
                known = self._chunks.get(record.tid)
                if known is None or known[0].time != record.time:
                    known = self._chunks[record.tid] = []
                known.append(record)
            case SettingRecord():
                self._settings[record.tid] = record
            case FileRecord():
                self._seen[record.tid] = record
        if event is not None:
            yield event

    def _whole(self, call: CallRecord) -> CallRecord:
        """The record with those parts of its buffers that came before it, as far as none is missing."""
        chunks = self._chunks.pop(call.tid, None)
        if chunks is None or chunks[0].time != call.start:
            return call  # theirs was lost, or nobody wanted it
        joined: dict[int, bytearray] = {}
        for chunk in chunks:
            # What a list has in its record comes after its chunks.
            _, inside = (0, 0) if chunk.turn else call.item(chunk.item)
            if chunk.turn and chunk.turn != call.sent_before(chunk.item)[1]:
                continue
            so_far = joined.setdefault(chunk.item, bytearray())
            if chunk.offset == inside + len(so_far):
                so_far += chunk.data
        return call._replace(chunks={item: bytes(data) for item, data in joined.items()})

    def note_lost(self, total: int, time: int) -> Iterator[Event]:
        """The kernel says it lost `total` records so far."""
        if total > self.lost:
            count, self.lost = total - self.lost, total
            if self._descriptors is not None:
                self._descriptors.forget()
            yield Lost(time, count)

    def unfinished(self, call: CallRecord) -> Iterator[Event]:
        """A call that was still running when the trace ended."""
        call = self._whole(call)
        event = self._call(call._replace(flags=call.flags | Flag.NO_RESULT, time=0))
        if event is not None:
            yield event

    def _call(self, call: CallRecord) -> Event | None:
        table = self._table(call)
        if call.tid in self._launching and table.signature.name not in _EXECS:
            return None
        if self.lazy and self.direct:
            return self._event(call, table, Deferred(table, call), result(table, call))
        event = (
            self._event(call, table, *arguments(table, call))
            if self._descriptors is None
            else self._followed(call, table, self._descriptors)
        )
        return self._with_comms(event) if self._naming.pids and event is not None else event

    def _files(self, moment: Moment) -> Callable[[int], File | None]:
        dumped = self._naming.dumped
        if not dumped:
            return moment.file

        def file(fd: int) -> File | None:
            found = moment.file(fd)
            return replace(found, as_bytes=True) if found is not None and fd in dumped else found

        return file

    def _followed(self, call: CallRecord, table: Table, descriptors: Descriptors) -> Call | None:
        """The call with its descriptors' names; None if it is only there for what it changes of them."""
        descriptors.settle(call.tid)
        moment = descriptors.at(call.tid, call.tgid, call.start or None, call.time or None)
        args, result = arguments(table, call, Surroundings(self._files(moment)))
        add_absolute(args, table, moment)
        event = self._event(call, table, args, result)
        seen = self._seen.pop(call.tid, None)
        if seen is not None and call.start <= seen.time <= call.time:
            from argtrace.decode.seen import files  # noqa: PLC0415 (start-up: only with -y)

            descriptors.apply(event, files(seen))
        else:
            descriptors.apply(event)
        if event.result.error != "EBADF":
            moment.ask()
        index = call.number + (record.COMPAT_BASE if call.flags & Flag.COMPAT else 0)
        if index in self._naming.hidden or not _passes(call, self._naming.filters):
            return None
        given = descriptors.given(event)
        return event if given is None else self._event(call, table, *given)

    def _with_comms(self, event: Call) -> Call:
        """The call with the names of traced processes at their ids."""

        def name(value: Value) -> Value:
            if not isinstance(value, Pid):
                return value
            return replace(value, comm=self._names.get(value.value) or self._ended.get(value.value))

        result = event.result
        if result.value is not None:
            result = replace(result, value=name(result.value))
        args = {key: rewritten(value, name) for key, value in event.args.items()}
        return replace(event, args=args, result=result)

    def _event(self, call: CallRecord, table: Table, args: Mapping[str, Value], result: Result) -> Call:
        name = table.signature.name
        returned = not call.flags & Flag.NO_RESULT
        known = table.signature.source != "unknown"
        return Call(
            self.process(call.tid, call.tgid),
            name,
            call.number,
            args,
            noted(result, name, args),
            call.start or None,
            (call.time or None) if returned else None,
            abi=table.abi,
            decoded=known,
            unfinished=not returned and name not in NEVER_RETURN,
            origin=None if self._naming.origins is None else self._naming.origins.of(call),
            setting=self._setting(call) if self._settings else None,
        )

    def _setting(self, call: CallRecord) -> Setting | None:
        found = self._settings.pop(call.tid, None)
        if found is None or found.time != call.start:
            return None
        from argtrace.decode.settings import setting  # noqa: PLC0415 (start-up: only for execs)

        return setting(found)

    def _table(self, call: CallRecord) -> Table:
        index = call.number
        if call.flags & Flag.COMPAT:
            index += record.COMPAT_BASE
        elif index >= record.CALLS:
            index = record.UNKNOWN
        table = self._tables.get(index)
        if table is None:
            table = self._unknown(call)
        return table

    def _task(self, task: TaskRecord) -> Event | None:
        hidden = bool(task.flags & record.HIDDEN)
        self._unseen.heard(task.tid)
        match task.kind:
            case Kind.FORK:
                child, tgid, began, started = record.FORK.unpack(task.body)
                self._unseen.heard(child)
                for tid in self._unseen.forgettable(task.time):
                    self._end(tid)
                self._names[child] = self._names.get(task.tid, "")
                if child == tgid:
                    self._started[tgid] = started // TICK
                self._ended.pop(child, None)
                if self._descriptors is not None:
                    files, fs = (bool(task.flags & shared) for shared in Shared)
                    self._descriptors.fork(task.tid, child, tgid, began, task.time, files=files, fs=fs)
                return None
            case Kind.CHOSEN:
                comm, started = record.CHOSEN.unpack(task.body)
                self._names[task.tid] = _text(comm.split(b"\0", 1)[0])
                self._started[task.tgid] = started // TICK
                return None
            case Kind.TAKING:
                number, *words = record.TAKING.unpack(task.body)
                table = self._tables.get(number)
                if self._descriptors is not None and table is not None:
                    name = table.signature.name
                    self._descriptors.taking(task.tid, task.tgid, name, tuple(words), task.time)
                return None
            case Kind.RENAME:
                self._names[task.tid] = _text(task.body.split(b"\0", 1)[0])
                return None
            case Kind.EXEC:
                former, comm = record.EXEC.unpack(task.body)
                self._launching.discard(task.tid)
                # The exec call itself comes next, under the id it was made with.
                self._names[former] = self._names[task.tid] = _text(comm.split(b"\0", 1)[0])
                if self._descriptors is not None:
                    self._descriptors.exec(task.tgid, former, task.time)
                if hidden:
                    return None
                return Exec(self.process(task.tid, task.tgid), task.time, former)
            case Kind.SIGNAL if hidden:
                return None
            case Kind.SIGNAL:
                number, has_info = record.SIGNAL.unpack_from(task.body)
                info = siginfo(number, task.body[record.SIGNAL.size :]) if has_info else {}
                return Signal(self.process(task.tid, task.tgid), task.time, signal_name(number), number, info)
            case Kind.EXIT:
                code, last = record.EXIT.unpack(task.body)
                process = self.process(task.tid, task.tgid)
                self._end(task.tid)
                if hidden:
                    return None
                of_process = ending(last & ~record.LAST_THREAD) if last else None
                return Exit(process, task.time, ending(code), of_process)
            case _:
                raise AssertionError(task.kind)

    def _end(self, tid: int) -> None:
        # Other threads may go on, and one that calls execve becomes the first.
        if tid in self._started:
            self._leaderless[tid] = self._started.pop(tid)
            _keep(self._leaderless)
        name = self._names.pop(tid, None)
        if self._naming.pids and name is not None:
            # Its parent waits for it later.
            self._ended[tid] = name
            _keep(self._ended)
        self._seen.pop(tid, None)
        self._chunks.pop(tid, None)
        self._settings.pop(tid, None)
        if self._descriptors is not None:
            self._descriptors.exit(tid)

    def process(self, tid: int, tgid: int) -> Process:
        started = self._started.get(tgid)
        if started is None and tgid in self._leaderless:
            started = self._leaderless[tgid]
        return Process(tid, tgid, self._names.get(tid, ""), started)


def _keep(ended: dict[int, T]) -> None:
    """Those that ended last."""
    if len(ended) > _MOST_ENDED:
        del ended[next(iter(ended))]


def _passes(call: CallRecord, filters: Filters) -> bool:
    """As the programs in the kernel would have it (`fetch/predicates.py`)."""
    if call.flags & Flag.NO_RESULT:
        # A call that was still running when the trace ended has no time.
        return not call.time or (not filters.on_result and call.time - call.start >= filters.duration)
    failed = -MAX_ERRNO <= call.result < 0
    if filters.failed is not None and failed != filters.failed:
        return False
    if filters.errnos and -call.result not in filters.errnos:
        return False
    return call.time - call.start >= filters.duration


def _text(comm: bytes) -> str:
    """A name that is no UTF-8 keeps its bytes, as Python keeps those of file names."""
    return comm.decode(errors="surrogateescape")
