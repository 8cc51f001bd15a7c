"""Records to events: the one place that remembers.

A record says a thread's id; the stream knows its name from the fork, exec and
rename records that came before. It notices where records are missing, and hides
what the launcher itself does before the command's exec.

Pure: records in, events out, no kernel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Process, Signal
from argtrace.decode.process import ending, siginfo, signal_name
from argtrace.decode.results import noted
from argtrace.decode.table import Table, arguments
from argtrace.fetch import record
from argtrace.fetch.plan import NEVER_RETURN
from argtrace.fetch.record import Flag, Kind
from argtrace.transport.records import CallRecord, Record, TaskRecord

_EXECS = frozenset({"execve", "execveat"})


class Stream:
    """`tables`: a call's decode table by its index (`record.COMPAT_BASE` and so on).

    `unknown` makes one for a call that has none.
    """

    def __init__(
        self,
        tables: Mapping[int, Table],
        unknown: Callable[[CallRecord], Table],
    ) -> None:
        self._tables = tables
        self._unknown = unknown
        self._names: dict[int, str] = {}
        self._launching: set[int] = set()
        self.lost = 0

    def name(self, tid: int, comm: bytes) -> None:
        """A thread that was there before the trace began."""
        self._names[tid] = _text(comm)

    def launch(self, tid: int) -> None:
        """Show nothing of this thread but its exec, until that succeeds."""
        self._launching.add(tid)

    def feed(self, record: Record) -> Iterator[Event]:
        """The events of one record. Raises FormatError for one that contradicts itself."""
        missing = record.lost - self.lost & 0xFFFF_FFFF
        # A CPU reads the counter, then waits for the ring: its record may come
        # after one that saw more losses, and then has nothing to tell.
        if 0 < missing < 1 << 31:
            yield from self.note_lost(self.lost + missing, record.time)
        event = self._call(record) if isinstance(record, CallRecord) else self._task(record)
        if event is not None:
            yield event

    def note_lost(self, total: int, time: int) -> Iterator[Event]:
        """The kernel says it lost `total` records so far."""
        if total > self.lost:
            count, self.lost = total - self.lost, total
            yield Lost(time, count)

    def unfinished(self, call: CallRecord) -> Iterator[Event]:
        """A call that was still running when the trace ended."""
        event = self._call(call._replace(flags=call.flags | Flag.NO_RESULT, time=0))
        if event is not None:
            yield event

    def _call(self, call: CallRecord) -> Event | None:
        table = self._table(call)
        name = table.signature.name
        if call.tid in self._launching and name not in _EXECS:
            return None
        returned = not call.flags & Flag.NO_RESULT
        known = table.signature.source != "unknown"
        args, result = arguments(table, call)
        return Call(
            self._process(call.tid, call.tgid),
            name,
            call.number,
            args,
            noted(result, name, args),
            call.start or None,
            (call.time or None) if returned else None,
            abi="i386" if call.flags & Flag.COMPAT else None,
            decoded=known,
            unfinished=not returned and name not in NEVER_RETURN,
        )

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
        match task.kind:
            case Kind.FORK:
                child, _ = record.FORK.unpack(task.body)
                self._names[child] = self._names.get(task.tid, "")
                return None
            case Kind.RENAME:
                self._names[task.tid] = _text(task.body.split(b"\0", 1)[0])
                return None
            case Kind.EXEC:
                former, comm = record.EXEC.unpack(task.body)
                self._launching.discard(task.tid)
                # The exec call itself comes next, under the id it was made with.
                self._names[former] = self._names[task.tid] = _text(comm.split(b"\0", 1)[0])
                return Exec(self._process(task.tid, task.tgid), task.time, former)
            case Kind.SIGNAL:
                number, has_info = record.SIGNAL.unpack_from(task.body)
                info = siginfo(number, task.body[record.SIGNAL.size :]) if has_info else {}
                return Signal(
                    self._process(task.tid, task.tgid), task.time, signal_name(number), number, info
                )
            case Kind.EXIT:
                code, _ = record.EXIT.unpack(task.body)
                process = self._process(task.tid, task.tgid)
                self._names.pop(task.tid, None)
                return Exit(process, task.time, ending(code))
            case _:
                raise AssertionError(task.kind)

    def _process(self, tid: int, tgid: int) -> Process:
        return Process(tid, tgid, self._names.get(tid, ""))


def _text(comm: bytes) -> str:
    """A name that is no UTF-8 keeps its bytes, as Python keeps those of file names."""
    return comm.decode(errors="surrogateescape")
