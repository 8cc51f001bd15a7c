"""The maps of a summary: what is counted where, and how a cell is laid out.

    totals     per-CPU array: ordinal → cell    each 64-bit call that was asked for; 0: what did not fit
    cells      hash: whose, call, errno → cell  everything else; all calls, where rows are split
    comms      hash: tgid << 32 | tid → name    of tasks that have ended, if anybody asks
    words      one entry: a u16 an index        how each call is counted, 0: not at all
    launching  one entry: tgid << 32 | tid      the command that has not run its exec yet

A cell takes a cache line for what every call touches but for one bucket:

    0         8        16      24           32      40            56        64
    +---------+--------+-------+------------+-------+-------------+---------+--------------------+
    | timed   | errors | total | ~shortest  | most  | squares     | untimed | 64 buckets         |
    | u64     | u64    | ns    | ns, or 0   | ns    | ns², 128 b. | u64     | u64 each           |
    +---------+--------+-------+------------+-------+-------------+---------+--------------------+

Bucket n counts durations from 2^n ns to less than 2^(n+1); bucket 0 has 0 ns too. The
shortest is kept as its complement, so that a cell of zeros is one that nothing
was counted in. `untimed` counts calls whose beginning or end was not seen.

A key of `cells`:

    | tid or CPU: u32 | tgid: u32 | number: u32 | errno: u16 | word: u16 |

It begins with the tid where rows are split by thread: what a thread does it does on one CPU at a
time. Else with the CPU, and a row is the sum of its cells: so no cell has two writers. tgid and
errno are 0 if rows are not split by them, and of the word COMPAT alone is left.

A per-CPU hash would have fewer keys, but a cell that is new takes what the kernel has of per-CPU
memory at hand, which may be none: then calls of the first milliseconds have no row. A plain hash
takes memory of the slab, and only for CPUs that the row has run on.

Sources: kernel/bpf/memalloc.c (Linux 6.1).
"""

from __future__ import annotations

import struct

from argtrace.fetch import record
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec
from argtrace.value import frozen

# Members of a cell, by offset.
TIMED, ERRORS, TOTAL, SHORTEST, LONGEST, SQUARES, UNTIMED, BUCKETS = 0, 8, 16, 24, 32, 40, 56, 64
BUCKET_COUNT = 64
CELL = struct.Struct(f"<8Q{BUCKET_COUNT}Q")

KEY = struct.Struct("<IIIHH")
WORD = struct.Struct("<H")

# A call's word: its ordinal in `totals`, and what is special about it.
ORDINAL = 0x03FF
EXEC = 0x0400
"""It may be the exec of the command that we start."""
COMPAT = 0x1000
WANTED = 0x2000
HASHED = 0x4000
"""It has no ordinal: a 32-bit call, or a number that no table has."""
NO_RETURN = 0x8000

MAX_COMMS = 65536

MAX_CELLS = 65536
"""Keys of `cells`. What comes beyond is counted in `totals`, by call alone."""

THREAD, PROCESS, ERRNO = "thread", "process", "errno"


@frozen
class Summing:
    """What a summary is to tell. `by`: of THREAD, PROCESS and ERRNO, what rows are split by.

    `alone`: no events, the table only. `times`: durations too; without them it must be alone.
    """

    by: frozenset[str] = frozenset()
    alone: bool = True
    times: bool = True

    @property
    def by_task(self) -> bool:
        return bool(self.by & {THREAD, PROCESS})

    @property
    def by_errno(self) -> bool:
        return ERRNO in self.by

    @property
    def by_cpu(self) -> bool:
        """Whether cells are a CPU's own, else a thread's."""
        return THREAD not in self.by


def maps(calls: int) -> tuple[MapSpec, ...]:
    """`calls`: how many 64-bit calls have an ordinal, which begin at 1."""
    array, hashed = uapi.BPF_MAP_TYPE_ARRAY, uapi.BPF_MAP_TYPE_HASH
    return (
        MapSpec("totals", uapi.BPF_MAP_TYPE_PERCPU_ARRAY, 4, CELL.size, calls + 1),
        MapSpec("cells", hashed, KEY.size, CELL.size, MAX_CELLS, uapi.BPF_F_NO_PREALLOC),
        MapSpec("comms", hashed, 8, record.COMM_SIZE, MAX_COMMS, uapi.BPF_F_NO_PREALLOC),
        MapSpec("words", array, 4, WORD.size * record.INDEXES, 1),
        MapSpec("launching", array, 4, 8, 1),
        MapSpec("blank_cell", array, 4, CELL.size, 1),
    )
