"""Who is traced, and what is told of tasks. The generated programs are run on a machine of our own."""

from __future__ import annotations

import struct

import pytest

from argtrace.fetch import record
from argtrace.fetch.context import RAW
from argtrace.fetch.layout import COUNTERS, MAX_TASKS, SLOTS
from argtrace.fetch.record import Flag, Kind, Phase, Shared
from argtrace.signature.syscalls import NUMBERS
from tests.support.generated import EVENTS, FIELDS, NO_RENAMED, program_set
from tests.support.machine import Machine

SIGKILL, SIGCHLD, SIGTERM, SIGSEGV = 9, 17, 15, 11
SIGNAL_GROUP_EXIT = 4
SEND_SIG_NOINFO, SEND_SIG_PRIV = 0, 1


@pytest.fixture(params=[RAW, EVENTS, NO_RENAMED], ids=["raw", "event", "event of old"])
def machine(request: pytest.FixtureRequest) -> Machine:
    machine = Machine(program_set("getppid,clone,execve", context=request.param))
    machine.track(10)
    machine.now = 5_000
    return machine


def _fork(machine: Machine, child: int, tgid: int) -> None:
    parent = (machine.tid, machine.tgid)
    task = machine.be(child, tgid)
    machine.run("sched_process_fork", machine.be(*parent), task)


def test_a_child_is_traced_from_its_first_call(machine: Machine) -> None:
    regs = machine.enter("clone")
    _fork(machine, 11, 11)
    machine.be(11)
    machine.leave(regs, 0)  # its parent's call returns in it
    machine.call("getppid", result=10)
    machine.be(10)
    machine.leave(regs, 11)

    assert machine.tracked() == {10, 11}
    (event,) = machine.events()
    assert event[:6] == (Kind.FORK, 0, 10, 10, 5_000, record.FORK.pack(11, 11, 5_000, 0))
    assert [(call.tid, call.number, call.result) for call in machine.calls()] == [
        (11, NUMBERS["getppid"], 10),
        (10, NUMBERS["clone"], 11),
    ]


@pytest.mark.parametrize(
    ("files", "fs", "flags"),
    [(1, 1, Shared.FILES | Shared.FS), (1, 2, Shared.FILES), (2, 1, Shared.FS), (2, 2, 0)],
    ids=["a thread", "files alone", "directories alone", "a process of its own"],
)
def test_a_fork_tells_what_is_shared(machine: Machine, files: int, fs: int, flags: int) -> None:
    parent, child = machine.be(10), machine.be(11)
    for task, words in ((parent, (1, 1)), (child, (files, fs))):
        machine.poke(task + FIELDS.task_files, words[0])
        machine.poke(task + FIELDS.task_fs, words[1])
    machine.be(10)
    _fork(machine, 11, 11)

    assert machine.events()[0].flags == flags


def test_a_thread_is_a_child_in_the_same_process(machine: Machine) -> None:
    _fork(machine, 12, 10)

    assert machine.events()[0].body == record.FORK.pack(12, 10, 0, 0)
    assert machine.tracked() == {10, 12}


def test_the_child_of_a_stranger_is_a_stranger(machine: Machine) -> None:
    machine.be(99)
    _fork(machine, 100, 100)

    assert machine.tracked() == {10}
    assert machine.ring == []


def test_a_child_there_is_no_room_for_is_counted(machine: Machine) -> None:
    for tid in range(1000, 1000 + MAX_TASKS):
        machine.maps["tasks"].values[tid.to_bytes(4, "little")] = 0
    _fork(machine, 10 + SLOTS, 11)  # whose place is that of 10

    assert COUNTERS.unpack(machine.value("counters"))[:3] == (0, 1, 1)
    assert machine.events()[0].kind == Kind.FORK


LAST = record.LAST_THREAD


def _signals(machine: Machine, tid: int) -> int:
    """The address of its process's signal_struct."""
    task = machine.be(tid)
    return int.from_bytes(machine.kernel.read(task + FIELDS.task_signal, 8) or b"", "little")


def _ends(machine: Machine) -> list[int]:
    """What each EXIT said of its process."""
    return [record.EXIT.unpack(event.body)[1] for event in machine.events() if event.kind == Kind.EXIT]


def test_a_thread_that_is_not_the_last_ends_no_process(machine: Machine) -> None:
    machine.poke(_signals(machine, 10) + FIELDS.signal_live, 1, 4)
    machine.run("sched_process_exit", machine.be(10))

    assert _ends(machine) == [0]


def test_the_last_thread_tells_what_the_first_one_ended_with(machine: Machine) -> None:
    machine.poke(machine.be(10) + FIELDS.task_exit_code, 0x0700, 4)
    machine.poke(machine.be(12, tgid=10) + FIELDS.task_exit_code, 0x0100, 4)
    machine.track(12)
    machine.run("sched_process_exit", machine.be(12, tgid=10))

    assert _ends(machine) == [LAST | 0x0700]


def test_a_process_that_ends_as_one_has_its_own_code(machine: Machine) -> None:
    signals = _signals(machine, 10)
    machine.poke(machine.be(10) + FIELDS.task_exit_code, 0x0700, 4)
    machine.poke(signals + FIELDS.signal_flags, SIGNAL_GROUP_EXIT, 4)
    machine.poke(signals + FIELDS.signal_group_exit_code, 9, 4)
    machine.run("sched_process_exit", machine.be(10))

    assert _ends(machine) == [LAST | 9]


def test_a_task_that_ends_is_forgotten_and_its_status_told(machine: Machine) -> None:
    machine.poke(machine.be(10) + FIELDS.task_exit_code, 0x0300, 4)
    machine.run("sched_process_exit", machine.be(10))
    machine.call("getppid")

    assert machine.events() == [(Kind.EXIT, 0, 10, 10, 5_000, record.EXIT.pack(0x0300, LAST | 0x0300), 0)]
    assert machine.tracked() == set()
    assert machine.calls() == []


def test_a_call_that_a_task_dies_in_is_sent_before_its_end(machine: Machine) -> None:
    machine.enter("getppid")
    machine.now = 9_000
    machine.run("sched_process_exit", machine.be(10))

    call, end = machine.records()
    assert call in machine.calls()
    assert end in machine.events()
    (found,) = machine.calls()
    assert (found.flags, found.start, found.time) == (Flag.NO_RESULT, 5_000, 9_000)


def test_a_new_program_and_its_name(machine: Machine) -> None:
    task = machine.be(10, comm=b"ls")
    machine.run("sched_process_exec", task, 10, machine.binary(b"/bin/ls"))

    (event,) = machine.events()
    assert (event.kind, event.tid, event.tgid) == (Kind.EXEC, 10, 10)
    assert record.EXEC.unpack(event.body) == (10, b"ls".ljust(16, b"\0"))
    assert machine.tracked() == {10}


def test_a_thread_that_execs_takes_its_process_over(machine: Machine) -> None:
    machine.be(12, tgid=10)
    machine.track(12, Phase.PENDING)
    machine.be(10)
    machine.run("sched_process_exit", machine.be(10))
    machine.ring.clear()
    machine.run("sched_process_exec", machine.be(10), 12, machine.binary(b"/bin/ls"))

    (event,) = machine.events()
    assert (event.tid, record.EXEC.unpack(event.body)[0]) == (10, 12)
    assert machine.tracked() == {10}
    slot = machine.slot(10)
    assert struct.unpack_from("<H", slot, record.PHASE) == (Phase.PENDING,)


@pytest.mark.parametrize("tid", [10, 12])
def test_a_new_name(machine: Machine, tid: int) -> None:
    """Also one that another task gives, through /proc."""
    task = machine.be(tid, tgid=10)
    machine.track(tid)
    machine.be(99)
    machine.run("task_rename", task, machine.kernel.place(b"worker/1\0"))

    (event,) = machine.events()
    assert (event.kind, event.tid, event.tgid) == (Kind.RENAME, tid, 10)
    assert event.body.split(b"\0")[0] == b"worker/1"


def test_a_strangers_new_name(machine: Machine) -> None:
    task = machine.be(99)
    machine.run("task_rename", task, machine.kernel.place(b"worker/1\0"))

    assert machine.ring == []


def _siginfo(number: int, code: int = 0, pid: int = 0) -> bytes:
    return struct.pack("<iiiii", number, 0, code, 0, pid).ljust(record.SIGINFO_SIZE, b"\0")


def test_a_signal_with_its_siginfo(machine: Machine) -> None:
    info = _siginfo(SIGCHLD, 1, 11)
    machine.run("signal_deliver", SIGCHLD, machine.kernel.place(info), 0)

    (event,) = machine.events()
    assert (event.kind, event.tid) == (Kind.SIGNAL, 10)
    assert event.body == record.SIGNAL.pack(SIGCHLD, 1) + info


@pytest.mark.parametrize("info", [SEND_SIG_NOINFO, SEND_SIG_PRIV], ids=["from nobody", "from the kernel"])
def test_a_signal_without_siginfo(machine: Machine, info: int) -> None:
    machine.run("signal_deliver", SIGTERM, info, 0)

    assert machine.events()[0].body == record.SIGNAL.pack(SIGTERM, 0) + bytes(record.SIGINFO_SIZE)


def test_a_signal_that_the_first_program_was_left_out_for() -> None:
    machine = Machine(program_set("getppid", context=EVENTS))
    machine.track(10)
    info = machine.kernel.place(_siginfo(SIGCHLD))
    second = machine.programs.attached["signal_deliver"]
    machine.run_one(second, "signal_deliver", SIGTERM, info, 0)
    machine.run("signal_deliver", SIGCHLD, info, 0)
    machine.run_one(second, "signal_deliver", SIGTERM, info, 0)

    assert [record.SIGNAL.unpack_from(event.body) for event in machine.events()] == [
        (SIGTERM, 0),
        (SIGCHLD, 1),
        (SIGTERM, 0),
    ]


def _dying(machine: Machine, number: int, *, shared: bytes = b"", own: bytes = b"") -> None:
    """A process that a signal ends: what signal_struct and the queues of signals hold."""
    task = machine.be(10)
    signal = machine.kernel.place(bytes(0x400), writable=True)
    machine.poke(task + FIELDS.task_signal, signal)
    machine.poke(signal + FIELDS.signal_flags, SIGNAL_GROUP_EXIT, 4)
    machine.poke(signal + FIELDS.signal_group_exit_code, number, 4)
    for place, info in (
        (signal + FIELDS.signal_shared_pending_last, shared),
        (task + FIELDS.task_pending_last, own),
    ):
        queued = bytes(FIELDS.sigqueue_info) + (info or _siginfo(0))
        machine.poke(place, machine.kernel.place(queued))


@pytest.mark.parametrize(
    ("shared", "own"),
    [
        pytest.param(_siginfo(SIGTERM, 0, 77), b"", id="sent to the process"),
        pytest.param(b"", _siginfo(SIGTERM, 0, 77), id="sent to the thread"),
    ],
)
def test_a_signal_that_ends_a_process_keeps_its_name(machine: Machine, shared: bytes, own: bytes) -> None:
    _dying(machine, SIGTERM, shared=shared, own=own)
    machine.run("signal_deliver", SIGKILL, SEND_SIG_NOINFO, 0)

    assert machine.events()[0].body == record.SIGNAL.pack(SIGTERM, 1) + (shared or own)


def test_a_signal_that_ends_a_process_and_is_in_no_queue(machine: Machine) -> None:
    _dying(machine, SIGSEGV | 0x80)  # with a core dump
    machine.run("signal_deliver", SIGKILL, SEND_SIG_NOINFO, 0)

    assert record.SIGNAL.unpack_from(machine.events()[0].body) == (SIGSEGV, 0)


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        pytest.param(0, 0, id="another thread called execve"),
        pytest.param(SIGNAL_GROUP_EXIT, 0x0300, id="another thread called exit_group"),
    ],
)
def test_a_thread_that_others_end_gets_no_signal(machine: Machine, flags: int, code: int) -> None:
    _dying(machine, code)
    signal = machine.kernel.read(machine.be(10) + FIELDS.task_signal, 8)
    machine.poke(int.from_bytes(signal or b"", "little") + FIELDS.signal_flags, flags, 4)
    machine.run("signal_deliver", SIGKILL, SEND_SIG_NOINFO, 0)

    assert machine.ring == []


def test_events_that_find_the_ring_full_are_counted(machine: Machine) -> None:
    machine.room = 0
    _fork(machine, 11, 11)
    machine.run("signal_deliver", SIGTERM, 0, 0)

    assert COUNTERS.unpack(machine.value("counters"))[:3] == (2, 0, 2)
    assert machine.value("losses", record.TASK_EVENTS) == (2).to_bytes(8, "little")
    assert machine.tracked() == {10, 11}


def test_without_children_a_fork_is_nothing() -> None:
    machine = Machine(program_set("clone", follow=False))
    machine.track(10)
    machine.be(11)
    machine.be(10)
    _fork(machine, 11, 11)

    assert machine.tracked() == {10}
    assert machine.ring == []


def test_every_event_has_the_size_its_reader_expects(machine: Machine) -> None:
    _fork(machine, 11, 11)
    machine.run("task_rename", machine.be(10), machine.kernel.place(b"x\0"))
    machine.run("signal_deliver", SIGTERM, 0, 0)
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(b"/bin/ls"))
    machine.run("sched_process_exit", machine.be(10))

    sizes = {struct.unpack_from("<H", sample)[0]: len(sample) for sample in machine.ring}
    assert sizes == {
        Kind.FORK: record.FORK_SIZE,
        Kind.RENAME: record.RENAME_SIZE,
        Kind.SIGNAL: record.SIGNAL_SIZE,
        Kind.EXEC: record.EXEC_SIZE,
        Kind.EXIT: record.EXIT_SIZE,
    }
    assert all(sample[record.LOST : record.LOST + 4] == bytes(4) for sample in machine.ring)
