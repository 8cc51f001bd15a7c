"""An event's record as perf hands it to a program, from the arguments of its tracepoint.

Source: include/trace/events/{sched,syscalls,task,signal}.h, TP_fast_assign().
"""

from __future__ import annotations

from typing import Protocol

from argtrace.fetch.context import Context
from tests.support.generated import FIELDS

SIZE = 0x200
NAME = 0x180
"""Where a name is whose place the record tells."""


class Readable(Protocol):
    def read(self, address: int, size: int) -> bytes | None: ...

    def string(self, address: int, size: int) -> bytes | None: ...


def event_record(context: Context, tracepoint: str, words: tuple[int, ...], kernel: Readable) -> bytes:
    record = bytearray(SIZE)

    def put(at: int, value: int, size: int) -> None:
        record[at : at + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")

    def pid(task: int) -> int:
        return int.from_bytes(kernel.read(task + FIELDS.task_pid, 4) or b"", "little")

    match tracepoint, words:
        case "sys_enter", (_, number):
            put(context.number, number, 8)
        case "sys_exit", (_, result):
            put(context.result, result, 8)
        case "sched_process_fork", (_, child):
            put(context.fork_pid, pid(child), 4)
        case "sched_process_exec", (_, old_pid, bprm):
            at = int.from_bytes(kernel.read(bprm + FIELDS.bprm_filename, 8) or b"", "little")
            name = kernel.string(at, SIZE - NAME) or b""
            record[NAME : NAME + len(name)] = name
            put(context.exec_pid, old_pid, 4)
            put(context.exec_name, len(name) << 16 | NAME, 4)
        case "sched_process_exit", _:
            pass
        case "task_rename", (task, comm):
            name = kernel.string(comm, 16) or b""
            put(context.rename_pid, pid(task), 4)
            record[context.rename_name : context.rename_name + len(name)] = name
        case "signal_deliver", (number, *_):
            put(context.signal, number, 4)
        case _:
            raise AssertionError(f"{tracepoint} with {len(words)} arguments")
    return bytes(record)
