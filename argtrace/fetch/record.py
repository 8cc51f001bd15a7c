"""The layout of a record: the contract between the programs and `transport/`.

All little-endian, offsets in bytes. Every record begins alike:

    0        2        4             8             12            16
    +--------+--------+-------------+-------------+-------------+------------------+
    | kind   | flags  | lost so far | tid         | tgid        | time             |
    | u16    | u16    | u32         | u32         | u32         | u64, CLOCK_MONO… |
    +--------+--------+-------------+-------------+-------------+------------------+

and a system call goes on:

    24               32               40           44           48          112
    +----------------+----------------+------------+------------+-----------+---------+---------+
    | start          | result         | number     | size       | image     | items   | payload |
    | u64            | s64            | u32        | u32        | 64 bytes  | 8 each  | bytes   |
    +----------------+----------------+------------+------------+-----------+---------+---------+

`lost so far` counts the records the kernel could not place in the ring before
this one: the reader sees at which point they are missing. `size` is that of the
whole record. The image is a block of registers (`location/frames.py`).

An item says where in the record a fetched string begins and how long it is:

    | at: u32 | size: s32 |     size < 0: why it could not be read, a negative errno

A size of SKIPPED says that nobody tried: a null pointer, an output of a call that
failed. PARTIAL is set in `at` where only the beginning could be read. The size of a
string counts its NUL. A string of `limit` + 2 bytes did not fit: one more than `limit`
was there to be read. A list of strings takes three items,

    | at: u32 | size: s32 | count: u32 | end: s32 | next: u64, the programs' own |

its payload is each element as `size: s32`, `address: u64` and its bytes; `end` says how the list
ended: ENDED by a null pointer, CUT for want of room, or a negative errno. A list
taken from a new program's own memory is a BLOB (BLOB_CUT: not all of it): its
payload is the strings alone, each with its NUL, and `count` is 0.

A list that is wanted whole takes five items,

    … | next: u64 | before: u32 | turn: u32 | rest: u64, the programs' own |

PARTIAL in its `at` says that `before` bytes of it went before, in chunks, and only what was left
is in the record. A string longer than a piece is several elements, the size of all but its last
with GOES_ON. `turn`: which reading this is (Turn), since chunks of an earlier one may have been sent.

A buffer that is wanted whole goes on in records of its own, sent before that of the call:

    24           28           32           40           44           48
    +------------+------------+------------+------------+------------+---------------+
    | item       | size       | offset     | turn       | -          | CHUNK bytes   |
    | u32        | s32        | u64        | u32        |            |               |
    +------------+------------+------------+------------+------------+---------------+

`offset`: where in the buffer these bytes are; size < 0: they could not be read. Their time is
the call's start: its own record may be lost, or not wanted. `turn` is 0 but for lists, whose chunks
come before what is in the record, and are as long as they happen to be.

A *slot* is where a task's record waits between entry and exit. Before the
record it holds what only the programs read:

    0            8            16         20         24           26          28           32
    +------------+------------+----------+----------+------------+-----------+------------+
    | owner: u64 | crowd: u64 | far: u32 | signalled| phase: u16 | rest: u16 | index: u32 |
    +------------+------------+----------+----------+------------+-----------+------------+
    | next: u32 | half: u32 | sizes: 2 * u32 | record …
    +-----------+-----------+----------------+---------

`owner`, `crowd` and `far` belong to the place and not to the task (`slots.py`). `signalled`: the
signal that is being delivered was told of (`tasks.py`). `index`: the
call, for counting losses; `half`: its exit half in the program array; `sizes`: bytes to copy at
entry and at exit, where an argument decided that (fcntl's cmd).

Sources: ours alone; the sizes of siginfo and comm are the kernel's.
"""

from __future__ import annotations

import struct
from enum import IntEnum


class Kind(IntEnum):
    CALL = 1
    FORK = 2
    EXEC = 3
    RENAME = 4
    SIGNAL = 5
    EXIT = 6
    FILE = 7
    """What a descriptor is (`opened.py`)."""
    CHUNK = 8
    """More of a buffer of the call that comes next."""
    CHOSEN = 9
    """A task is traced from now on for what it is (`choosing.py`)."""
    SETTING = 10
    """What the exec that comes next was made in (`settings.py`)."""
    TAKING = 11
    """A call begins that takes descriptors from others who share them (`taking.py`)."""


class Flag(IntEnum):
    NO_RESULT = 1
    """The call has no result: it does not return, or its task died in it."""

    LATE = 2
    """Only the exit was seen; start is 0. Attached in the middle, or refused by seccomp."""

    COMPAT = 4
    """A 32-bit call on a 64-bit kernel: its own numbers, its own image."""


HIDDEN = 1 << 8
"""A flag of what tells of tasks: it happened while nothing was to be shown (`gate.py`)."""


class Shared(IntEnum):
    """The flags of a fork: what the child shares with its parent."""

    FILES = 1
    FS = 2
    """Working directory and root."""


COMMON = struct.Struct("<HHIIIQ")
KIND, FLAGS, LOST, TID, TGID, TIME = 0, 2, 4, 8, 12, 16

CALL = struct.Struct("<QqII")
START, RESULT, NUMBER, SIZE = 24, 32, 40, 44

IMAGE = 48
ITEMS = 112
ITEM = struct.Struct("<Ii")
ELEMENT = struct.Struct("<iQ")

ENDED, CUT, BLOB, BLOB_CUT = range(4)

PARTIAL = 1 << 31
"""In an item's `at`: the rest could not be read; of a list, its beginning went before."""

GOES_ON = 1 << 30
"""In an element's size: the next one is more of the same string."""

SKIPPED = -1
"""An item's size. No helper's errno: those that read memory fail with EFAULT or EINVAL."""

CHUNK_HEAD = struct.Struct("<IiQI4x")
CHUNK_ITEM, CHUNK_BYTES, CHUNK_OFFSET, CHUNK_TURN, CHUNK_DATA = 24, 28, 32, 40, 48
CHUNK = 16384

WHOLE = struct.Struct("<II")
LIST_BEFORE, LIST_REST = 3, 4
"""Which of a whole list's items those are."""


class Turn(IntEnum):
    """Which reading of a list of strings."""

    ENTRY = 1
    EXIT = 2


FORK = struct.Struct("<IIQQ")  # child's tid, its tgid, when the parent's call began or 0, when it began
FORK_SIZE = 48
COMM_SIZE = 16
CHOSEN = struct.Struct(f"<{COMM_SIZE}sQ")  # name, when its process began
CHOSEN_SIZE = 48
TAKING = struct.Struct("<I4xQQ")  # the call's number, its first two words
TAKING_SIZE = 48
EXEC = struct.Struct(f"<I4x{COMM_SIZE}s")  # tid before the exec, the new name
EXEC_SIZE = 48
RENAME_SIZE = COMMON.size + COMM_SIZE
SIGINFO_SIZE = 48  # struct kernel_siginfo without its padding
SIGNAL = struct.Struct("<iI")  # signal number; 1 when siginfo follows
SIGNAL_SIZE = 32 + SIGINFO_SIZE
FILE = struct.Struct("<Ii")  # the call's index, the descriptor; the rest is laid out in `opened.py`,
# and its flags are the record's length
FILE_NAMES = 120
SETTING_PARTS = 120
# task_struct.exit_code; and of the process's last thread LAST_THREAD with the process's own.
EXIT = struct.Struct("<II")
LAST_THREAD = 1 << 31
EXIT_SIZE = 32

# A slot.
OWNER, CROWD, FAR, SIGNALLED = 0, 8, 16, 20
PHASE, REST, INDEX, NEXT, HALF, SIZES = 24, 26, 28, 32, 36, 40
RECORD = 48


class Rest(IntEnum):
    """What is left for the exit half to do, as bits of `rest`."""

    RETRY = 1
    """Something could not be read at entry."""
    OUTPUT = 2
    """The call gives something in memory."""


class Phase(IntEnum):
    IDLE = 0
    PENDING = 1
    """A call was entered and has not returned."""
    NEWBORN = 2
    """Forked: its first sys_exit is the parent's call returning in it, not a call of its own."""
    ATTACHED = 3
    """Found running: its first sys_exit may be that of a call whose entry nobody saw."""
    COUNTED = 4
    """As PENDING, of a call that is counted and not recorded (`summary.py`)."""


# The index of a call in the program arrays and in the loss counters. No kernel
# has 512 calls (x86-64 Linux 7.3: 473 numbers), and each call fits in both.
CALLS = 512
COMPAT_BASE = CALLS
UNKNOWN = 2 * CALLS
"""A number beyond the table: `syscall(0xbad)`."""
UNKNOWN_COMPAT = UNKNOWN + 1
TASK_EVENTS = UNKNOWN + 2
INDEXES = TASK_EVENTS + 1

# Program arrays alone go on: a place for each pair of halves, whichever calls it serves.
SHAPES = INDEXES
MAX_SHAPES = 1024


def slot(size: int, phase: Phase) -> bytes:
    """A task's slot of so many bytes before its first call."""
    return (bytes(PHASE) + phase.to_bytes(2, "little")).ljust(size, b"\0")


def payload_offset(items: int) -> int:
    """Where the payload begins in a record of so many items."""
    return ITEMS + ITEM.size * items
