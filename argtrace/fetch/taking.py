"""A call that is about to take descriptors, or a directory, from tasks that share them.

Calls are told of when they return. Two threads have one table: one closes a number, and before
it is back the other's call finds that closed, or open on something else, and returns first. By
its records alone it found what was there before. So these calls tell that they have begun, where
the table is shared; until they have returned, nobody knows what others found there.

    24       28       32             40
    +--------+--------+--------------+---------------+
    | number | -      | 1st argument | 2nd argument  |
    | u32    |        | u64          | u64           |
    +--------+--------+--------------+---------------+

Reached by the call's number; goes on to its entry half. Of 32-bit calls nothing is told.

Sources: fs/file.c, do_dup2(), file_close_fd(), __close_range(); include/linux/{fdtable,fs_struct}.h.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum

from argtrace.fetch import record
from argtrace.fetch.asm import Asm, Program
from argtrace.fetch.collectors import find_call
from argtrace.fetch.context import Context, load_regs
from argtrace.fetch.emit import R0, R1, R2, R3, R6, R8, R9, R10, WORD, follow, read_kernel, send, tail_call
from argtrace.fetch.file_fields import FileFields
from argtrace.fetch.layout import CALL_ENTER
from argtrace.fetch.record import COMMON, TAKING_SIZE, Kind
from argtrace.fetch.slots import find_place
from argtrace.location.frames import Frame


class Taken(IntEnum):
    """What a call takes."""

    FIRST = 1
    """The descriptor that is its first argument."""
    SECOND = 2
    FROM_TO = 3
    """Those from its first argument to its second."""
    CWD = 4
    ROOT = 5


CALLS: Mapping[str, Taken] = {
    "close": Taken.FIRST,
    "dup2": Taken.SECOND,
    "dup3": Taken.SECOND,
    "close_range": Taken.FROM_TO,
    "chdir": Taken.CWD,
    "fchdir": Taken.CWD,
    "chroot": Taken.ROOT,
}


def numbers(calls: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Those of these 64-bit calls, by index and name, that take something."""
    return frozenset(index for index, name in calls if index < record.COMPAT_BASE and name in CALLS)


# The stack below what `emit` uses of it: the record, and before it where its entry half is.
_RECORD = -16 - TAKING_SIZE - 8
_NEXT = _RECORD - 8
_NUMBER, _WORDS = _RECORD + COMMON.size, _RECORD + COMMON.size + 8


def program(fields: FileFields, frame: Frame, context: Context) -> Program:
    asm = Asm()
    asm.move(R6, R1)
    find_place(asm, "none")
    asm.load(R8, R6, context.number)
    find_call(asm, R2, R8, "none")
    asm.load(R1, R2, CALL_ENTER, 4)
    asm.store(R10, _NEXT, R1)
    for member, users in ((fields.task_files, fields.files_count), (fields.task_fs, fields.fs_users)):
        asm.call("get_current_task_btf")
        follow(asm, R3, R0, member)
        read_kernel(asm, WORD, R3, users, 4)
        asm.load(R1, R10, WORD, 4)
        asm.jump(">", R1, 1, "shared")
    asm.goto("go")

    asm.label("shared")
    asm.store(R10, _RECORD, Kind.TAKING, 4)
    asm.store(R10, _RECORD + record.TID, R9)
    asm.call("ktime_get_ns")
    asm.store(R10, _RECORD + record.TIME, R0)
    asm.store(R10, _NUMBER, R8)
    for at, argument in zip((_WORDS, _WORDS + 8), frame.arguments[:2], strict=True):
        load_regs(asm, context, R3)
        asm.alu("+=", R3, frame.start + argument)
        asm.move(R2, 8)
        asm.move(R1, R10)
        asm.alu("+=", R1, at)
        asm.call("probe_read_kernel")
    send(asm, R10, _RECORD, TAKING_SIZE, "go", record.TASK_EVENTS, asks=False)
    asm.load(R3, R10, _NEXT)
    tail_call(asm, "enter_calls")
    asm.label("none")
    asm.exit()
    return asm.assemble("at_taking")
