"""The program that tells what a call is about to take from others."""

from __future__ import annotations

import itertools

import pytest

from argtrace.decode.descriptor_effects import taken
from argtrace.decode.open_files import CWD, ROOT, Table, Task
from argtrace.errors import FormatError
from argtrace.fetch import record, taking
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.record import Kind
from argtrace.signature.syscalls import NUMBERS
from argtrace.transport.records import CallRecord, TaskRecord
from tests.support.generated import EVENTS, FILES, STRUCT_SIZE, program_set
from tests.support.machine import Machine

TASK = 10


def machine(files: int, fs: int, context: Context = RAW) -> Machine:
    """One task, whose files and directories so many tasks have."""
    made = Machine(program_set("close,dup2,close_range,chdir,getppid", files=FILES, context=context))
    made.track(TASK)
    task = made.be(TASK)
    for users, at, member in (
        (files, FILES.task_files, FILES.files_count),
        (fs, FILES.task_fs, FILES.fs_users),
    ):
        shared = made.kernel.place(bytes(STRUCT_SIZE), writable=True)
        made.poke(shared + member, users, 4)
        made.poke(task + at, shared)
    return made


def told(machine: Machine) -> list[tuple[int, int, int]]:
    """Number and words of each record that came before its call's."""
    records = machine.records()
    found = []
    for first, then in itertools.pairwise(records):
        if isinstance(first, TaskRecord) and first.kind == Kind.TAKING:
            assert isinstance(then, CallRecord)
            assert (first.tid, first.tgid) == (then.tid, then.tgid) == (TASK, TASK)
            assert first.time <= then.start
            found.append(record.TAKING.unpack(first.body))
    return found


@pytest.mark.parametrize("context", [RAW, EVENTS], ids=["raw", "events"])
@pytest.mark.parametrize(("files", "fs"), [(2, 1), (1, 2), (5, 5)])
def test_it_is_told_where_it_is_shared(files: int, fs: int, context: Context) -> None:
    made = machine(files, fs, context)
    made.call("dup2", 5, 6, result=6)
    made.call("close", 5, 0)
    made.call("close_range", 7, 9, 0)
    made.call("chdir", 0x7000, 0)
    assert told(made) == [
        (NUMBERS["dup2"], 5, 6),
        (NUMBERS["close"], 5, 0),
        (NUMBERS["close_range"], 7, 9),
        (NUMBERS["chdir"], 0x7000, 0),
    ]


def test_the_call_itself_is_what_it_would_be() -> None:
    made, alone = machine(2, 2), machine(1, 1)
    for each in (made, alone):
        each.call("dup2", 5, 6, result=6)
        each.call("chdir", each.user.place(b"/tmp\0"), result=-2)
    calls = [found for found in made.records() if isinstance(found, CallRecord)]
    others = [found for found in alone.records() if isinstance(found, CallRecord)]
    assert [(found.number, found.result, found.image[:2], found.flags) for found in calls] == [
        (found.number, found.result, found.image[:2], found.flags) for found in others
    ]
    assert told(alone) == []


def test_who_takes_nothing_tells_nothing() -> None:
    made = machine(2, 2)
    made.call("getppid", result=1)
    assert [type(found) for found in made.records()] == [CallRecord]


ALL = 1 << 64
TAKEN = [
    pytest.param("close", (5, 0), "files", range(5, 6), id="the first"),
    pytest.param("close", (5 + (7 << 32), 0), "files", range(5, 6), id="the low half of a register"),
    pytest.param("dup3", (5, 6), "files", range(6, 7), id="the second"),
    pytest.param("close_range", (3, ALL - 1), "files", range(3, 1 << 32), id="from one on"),
    pytest.param("close_range", (9, 3), "files", range(9, 4), id="none"),
    pytest.param("fchdir", (5, 0), "fs", range(CWD, CWD + 1), id="the working directory"),
    pytest.param("chroot", (5, 0), "fs", range(ROOT, ROOT + 1), id="the root"),
]


@pytest.mark.parametrize(("name", "words", "table", "expected"), TAKEN)
def test_what_is_taken(name: str, words: tuple[int, int], table: str, expected: range) -> None:
    task = Task(1, Table(), Table())
    assert taken(task, name, words) == (getattr(task, table), expected)


def test_a_call_that_takes_nothing_is_no_such_record() -> None:
    with pytest.raises(FormatError, match="not read"):
        taken(Task(1, Table(), Table()), "read", (5, 0))


def test_every_such_call_is_followed() -> None:
    task = Task(1, Table(), Table())
    for name in taking.CALLS:
        table, numbers = taken(task, name, (5, 5))
        assert table in (task.files, task.fs)
        assert len(numbers) == 1
