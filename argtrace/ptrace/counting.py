"""What `-s` and `-S` count, of the records as they are made: as the programs of a summary count
(`fetch/summary.py`), in the tracer and not in the kernel.

Beside a trace a record is counted and goes on; alone nothing is fetched for it, and it ends here.
"""

from __future__ import annotations

from argtrace import processes
from argtrace.decode import summary as rows
from argtrace.decode.summary import Row, Summary, Tally
from argtrace.fetch import record
from argtrace.fetch.filters import MAX_ERRNO
from argtrace.fetch.record import Flag, Kind
from argtrace.fetch.summary_layout import BUCKET_COUNT, ERRNO, THREAD, Summing
from argtrace.target import X86_64, Target

_EXECS = frozenset({"execve", "execveat"})


class _Sum:
    """A tally in the making."""

    __slots__ = ("buckets", "errors", "longest", "shortest", "squares", "timed", "total", "untimed")

    def __init__(self) -> None:
        self.timed = self.errors = self.total = self.shortest = self.longest = self.squares = self.untimed = 0
        self.buckets = [0] * BUCKET_COUNT

    def add(self, duration: int | None, *, failed: bool) -> None:
        self.errors += failed
        if duration is None:
            self.untimed += 1
            return
        self.shortest = min(self.shortest, duration) if self.timed else duration
        self.longest = max(self.longest, duration)
        self.timed += 1
        self.total += duration
        self.squares += duration * duration
        self.buckets[max(duration.bit_length() - 1, 0)] += 1

    def tally(self) -> Tally:
        return Tally(
            self.timed, self.errors, self.total, self.shortest, self.longest, self.squares, self.untimed,
            tuple(self.buckets),
        )  # fmt: skip


_Key = tuple[int, bool, int, int, int | None]
"""Number, whether it is a 32-bit call, tid, tgid, errno."""


class Counting:
    """`hidden`: indexes of calls that nobody asked for. `launching`: a command that has not run its
    exec yet, of which nothing else counts."""

    def __init__(self, summing: Summing, hidden: frozenset[int], target: Target = X86_64) -> None:
        self._target = target
        self._summing = summing
        self._hidden = hidden
        self._sums: dict[_Key, _Sum] = {}
        self._names: dict[int, str] = {}
        self.launching = 0

    def add(self, sample: bytes) -> bool:
        """A record; whether it is a call's."""
        kind, flags, _, tid, tgid, time = record.COMMON.unpack_from(sample)
        if kind == Kind.EXEC and tid == self.launching:
            self.launching = 0
        elif kind == Kind.EXIT and self._summing.by_task:
            # Its name, while it has one.
            self._names[tid] = processes.comm(tid).decode(errors="surrogateescape")
        if kind != Kind.CALL:
            return False
        start, result, number, _ = record.CALL.unpack_from(sample, record.START)
        compat = bool(flags & Flag.COMPAT)
        if tid == self.launching and rows.call(number, self._target, compat=compat)[0] not in _EXECS:
            return True
        returned = not flags & Flag.NO_RESULT
        failed = returned and -MAX_ERRNO <= result < 0
        key = self._key(number, compat, tid, tgid, -result if failed else 0)
        if key is not None:
            timed = returned and start and self._summing.times
            self._sums.setdefault(key, _Sum()).add(time - start if timed else None, failed=failed)
        return True

    def _key(self, number: int, compat: bool, tid: int, tgid: int, errno: int) -> _Key | None:
        if number + (record.COMPAT_BASE if compat else 0) in self._hidden:
            return None
        by = self._summing.by
        return (
            number,
            compat,
            tid if THREAD in by else 0,
            tgid if self._summing.by_task else 0,
            errno if ERRNO in by else None,
        )

    def summary(self, unfinished: list[bytes]) -> Summary:
        """What was counted, and the calls that somebody is in."""
        pending: dict[_Key, int] = {}
        for sample in unfinished:
            _, flags, _, tid, tgid, _ = record.COMMON.unpack_from(sample)
            _, _, number, _ = record.CALL.unpack_from(sample, record.START)
            key = self._key(number, bool(flags & Flag.COMPAT), tid, tgid, 0)
            if key is not None:
                pending[key] = pending.get(key, 0) + 1
        found = [self._row(key, pending.get(key, 0)) for key in {**self._sums, **pending}]
        return Summary(tuple(found), self._summing.by_task, self._summing.times)

    def _row(self, key: _Key, pending: int) -> Row:
        number, compat, tid, tgid, errno = key
        name, abi = rows.call(number, self._target, compat=compat)
        known = self._sums.get(key)
        tally = Tally() if known is None else known.tally()
        comm = ""
        if tgid:
            who = tid or tgid
            comm = self._names.get(who) or processes.comm(who).decode(errors="surrogateescape")
        return Row(name, number, abi, tid, tgid, errno, tally, pending, comm)
