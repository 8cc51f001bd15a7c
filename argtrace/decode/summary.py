"""From cells of the kernel to rows: which call, of whom, how often, how long.

A cell's layout is `fetch/summary_layout.py`'s. All sums are exact: they are of whole
nanoseconds, and squares have 128 bits. Any bytes of a cell's length give a tally.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from argtrace.decode.tables.errno import ERRNO, RESTART
from argtrace.fetch.summary_layout import BUCKET_COUNT, CELL, COMPAT, KEY, Summing
from argtrace.signature import syscalls
from argtrace.target import Target
from argtrace.value import frozen, replace

_ALL_ONES = (1 << 64) - 1


@frozen
class Tally:
    """What is known of some calls. Times in ns.

    `timed` of them have a duration, of which total, shortest, longest, squares and buckets
    are; `untimed` were not seen to begin, or did not return.
    """

    timed: int = 0
    errors: int = 0
    total: int = 0
    shortest: int = 0
    longest: int = 0
    squares: int = 0
    untimed: int = 0
    buckets: tuple[int, ...] = (0,) * BUCKET_COUNT

    @property
    def calls(self) -> int:
        return self.timed + self.untimed

    @property
    def average(self) -> float:
        """0 where no call has a duration."""
        return self.total / self.timed if self.timed else 0.0

    @property
    def deviation(self) -> float:
        """The standard deviation of the sample: 0 for less than two calls."""
        if self.timed < 2:
            return 0.0
        of_squares = self.timed * self.squares - self.total * self.total
        return math.sqrt(max(of_squares, 0) / (self.timed * (self.timed - 1)))

    def __add__(self, other: Tally) -> Tally:
        shortest = (tally.shortest for tally in (self, other) if tally.timed)
        return Tally(
            self.timed + other.timed,
            self.errors + other.errors,
            self.total + other.total,
            min(shortest, default=0),
            max(self.longest, other.longest),
            self.squares + other.squares,
            self.untimed + other.untimed,
            tuple(map(sum, zip(self.buckets, other.buckets, strict=True))),
        )

    def histogram(self) -> Iterator[tuple[int, int]]:
        """The buckets that have something, by the least duration that they count."""
        for exponent, count in enumerate(self.buckets):
            if count:
                yield (1 << exponent if exponent else 0), count


NOTHING = Tally()


@frozen
class Row:
    """A line of the table. `tid`, `pid`: 0 where rows are not split by them.

    `errno`: None where rows are not split by it, 0 for calls that did not fail. `pending`:
    calls that had not returned when the trace ended, which are not in the tally. `comm`: the last
    name of the thread, or of the process's first.
    """

    name: str
    number: int
    abi: str | None
    tid: int
    pid: int
    errno: int | None
    tally: Tally
    pending: int = 0
    comm: str = ""

    @property
    def error(self) -> str | None:
        """The name of its errno."""
        if not self.errno:
            return None
        named = ERRNO.get(self.errno) or RESTART.get(self.errno)
        return named[0] if named else f"E{self.errno}"


@frozen
class Summary:
    """`by_task`: whether rows are split by thread or process; `times`: whether calls have durations.
    `unsplit`: calls whose rows could not be split for want of room; they have no task and no errno.
    `missed`: runs of our programs that the kernel left out.
    """

    rows: tuple[Row, ...]
    by_task: bool = False
    times: bool = True
    unsplit: int = 0
    missed: int = 0


def tally(cells: bytes) -> Tally:
    """The sum of cells that lie one after the other: one for each CPU."""
    found = NOTHING
    for timed, errors, total, inverted, longest, low, high, untimed, *buckets in CELL.iter_unpack(cells):
        if timed or untimed:
            shortest = inverted ^ _ALL_ONES if timed else 0
            squares = high << 64 | low
            found += Tally(timed, errors, total, shortest, longest, squares, untimed, tuple(buckets))
    return found


def call(number: int, target: Target, *, compat: bool) -> tuple[str, str | None]:
    """A call's name and ABI."""
    names = syscalls.compat_names(target) if compat else syscalls.names(target)
    return names.get(number, f"syscall_{number:#x}"), target.compat if compat else None


def row(key: bytes, cell: bytes, target: Target, summing: Summing) -> Row:
    """One of `cells`: a row, or what a CPU adds to it."""
    owner, tgid, number, errno, word = KEY.unpack(key)
    name, abi = call(number, target, compat=bool(word & COMPAT))
    tid = 0 if summing.by_cpu else owner
    return Row(name, number, abi, tid, tgid, errno if summing.by_errno else None, tally(cell))


def joined(rows: Iterable[Row]) -> Row:
    """Rows of one call as one, whatever their errno."""
    return replace(_sum(list(rows)), errno=None)


def merged(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that differ in what they count alone, as one each."""
    alike: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        alike.setdefault((row.number, row.abi, row.tid, row.pid, row.errno), []).append(row)
    return map(_sum, alike.values())


def _sum(rows: Sequence[Row]) -> Row:
    first, *others = rows
    tally = sum((each.tally for each in others), first.tally)
    return replace(first, tally=tally, pending=sum(each.pending for each in rows))
