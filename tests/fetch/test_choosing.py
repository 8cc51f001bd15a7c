"""Who else is traced: each program that decides, before those that trace, on a machine of our own."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from argtrace.fetch import record
from argtrace.fetch.choice import Choice, Verdict
from argtrace.fetch.choosing import EXE_KEY, MOST_CGROUPS, VALUE
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.layout import COUNTERS, MAX_TASKS, SLOTS, TRACKED, UNTRACKED
from argtrace.fetch.record import Kind, Phase
from argtrace.signature.syscalls import NUMBERS
from argtrace.targets import Targets
from tests.support.generated import EVENTS, NO_RENAMED, program_set
from tests.support.machine import Machine

IN, OUT, FAMILY = Verdict.IN, Verdict.OUT, Verdict.OUT_WITH_CHILDREN
UID = 1000
BEGAN = 77_000_000
PATH = 0x7000

Make = Callable[..., Machine]


@pytest.fixture(params=[RAW, EVENTS, NO_RENAMED], ids=["raw", "event", "event of old"])
def make(request: pytest.FixtureRequest) -> Make:
    """A machine that decides by these targets, and files. `excluded`: whoever may be, later."""
    context: Context = request.param

    def made(
        targets: Targets = Targets(),  # noqa: B008 (nobody changes it)
        exes: tuple[tuple[int, int], ...] = (),
        *,
        excluded: bool = False,
    ) -> Machine:
        by = targets.choice
        choice = Choice(by.everyone, by.names, bool(exes), by.uids, by.cgroups, by.excluded or excluded)
        machine = Machine(program_set("getppid,execve,clone,openat", context=context, choice=choice))
        for key, value in targets.verdicts().items():
            machine.update(machine.maps["names"], key, value)
        for uid in targets.uids:
            put(machine, "uids", uid, IN)
        for pid in targets.not_pids:
            put(machine, "excluded", pid, OUT)
        for pid in targets.not_families:
            put(machine, "excluded", pid, FAMILY)
        for device, inode in exes:
            machine.identify(device, inode)
        machine.now = 5_000
        return machine

    return made


def put(machine: Machine, name: str, key: int, verdict: Verdict) -> None:
    machine.update(machine.maps[name], key.to_bytes(4, "little"), VALUE.pack(verdict))


def verdicts(machine: Machine, name: str) -> dict[int, int]:
    table = machine.maps[name]
    return {
        int.from_bytes(key, "little"): VALUE.unpack(machine.kernel.read(at, 4) or b"")[0]
        for key, at in table.values.items()
    }


def exec_as(
    machine: Machine, tid: int, comm: bytes, *, tgid: int | None = None, old: int | None = None
) -> None:
    """A task has a new program, by which it is called so."""
    task = machine.be(tid, tgid, comm)
    machine.began(tid, BEGAN)
    machine.run("sched_process_exec", task, tid if old is None else old, machine.binary(b"/bin/" + comm))


def rename(machine: Machine, tid: int, comm: bytes, *, by: int | None = None) -> None:
    """/proc/TID/comm, which `by` writes to; or prctl(PR_SET_NAME)."""
    task = machine.be(tid)
    machine.began(tid, BEGAN)
    machine.be(tid if by is None else by)
    machine.run("task_rename", task, machine.kernel.place(comm + b"\0"))


def fork(machine: Machine, parent: int, child: int, tgid: int | None = None) -> None:
    task = machine.be(child, tgid)
    machine.run("sched_process_fork", machine.be(parent), task)


def end(machine: Machine, tid: int, tgid: int | None = None, *, others: int = 0) -> None:
    """A thread ends, and so many others of its process go on."""
    task = machine.be(tid, tgid)
    machine.alive(others)
    machine.run("sched_process_exit", task)


def told(machine: Machine) -> list[tuple[int, int, bytes, int]]:
    """Of CHOSEN records: whose they are, and what they say."""
    return [
        (event.tid, event.tgid, *record.CHOSEN.unpack(event.body))
        for event in machine.events()
        if event.kind == Kind.CHOSEN
    ]


def padded(comm: bytes) -> bytes:
    return comm.ljust(record.COMM_SIZE, b"\0")


# At exec.

NAMED = [
    pytest.param(("nginx",), (), b"nginx", True, id="as it is"),
    pytest.param(("nginx",), (), b"nginx2", False, id="not what begins with it"),
    pytest.param(("nginx",), (), b"ngin", False, id="not its beginning"),
    pytest.param(("py*",), (), b"python3.12", True, id="a prefix"),
    pytest.param(("py*",), (), b"py", True, id="a prefix and no more"),
    pytest.param(("py*",), (), b"perl", False, id="another"),
    pytest.param(("*",), (), b"perl", True, id="any name"),
    pytest.param(("py*",), ("python3.12",), b"python3.12", False, id="the whole is more than its beginning"),
    pytest.param(("py*",), ("python3.12",), b"python3.11", True, id="and another is not"),
    pytest.param(("python3.12",), ("py*",), b"python3.12", True, id="the same the other way round"),
    pytest.param(("python3.12",), ("py*",), b"python3.11", False, id="and excluded by the beginning"),
    pytest.param(("p*", "pytho*"), ("pyt*",), b"python", True, id="the longest of three"),
    pytest.param(("sh",), ("sh",), b"sh", False, id="who is excluded by the same name"),
    pytest.param(("a-name-of-fifteen",), (), b"a-name-of-fifte", True, id="what the kernel keeps of it"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "without", "comm", "chosen"), NAMED)
def test_a_program_by_its_name(
    make: Make, names: tuple[str, ...], without: tuple[str, ...], comm: bytes, chosen: bool
) -> None:
    machine = make(Targets(names=names, not_names=without))
    exec_as(machine, 99, comm)

    assert machine.tracked() == ({99} if chosen else set())
    assert told(machine) == [(99, 99, padded(comm), BEGAN)] * chosen
    # The exec is told too, by the program that traces: it comes behind.
    assert [event.kind for event in machine.events()] == [Kind.CHOSEN, Kind.EXEC] * chosen


def test_the_first_call_that_is_shown_is_the_one_after_the_exec(make: Make) -> None:
    machine = make(Targets(names=("nginx",)))
    machine.be(99)
    regs = machine.enter("execve", PATH, 0, 0)
    exec_as(machine, 99, b"nginx")
    machine.leave(regs, 0)
    machine.call("getppid", result=1)

    assert [call.number for call in machine.calls()] == [NUMBERS["getppid"]]
    assert not machine.maps["execs"].values


def test_a_program_by_its_file(make: Make) -> None:
    machine = make(exes=((0xFE01, 4711), (0xFE02, 4712)))
    for tid, device, inode in (
        (91, 0xFE01, 4711),
        (92, 0xFE02, 4711),
        (93, 0xFE01, 4712),
        (94, 0xFE02, 4712),
    ):
        machine.be(tid)
        machine.executable(device, inode)
        exec_as(machine, tid, b"sh")

    assert machine.tracked() == {91, 94}


@pytest.mark.parametrize(
    ("targets", "tracked"),
    [
        pytest.param(Targets(), {91, 92}, id="by the file alone"),
        pytest.param(Targets(not_names=("a",)), {92}, id="but a name's"),
        pytest.param(Targets(not_pids=(92,)), {91}, id="but an id"),
        pytest.param(Targets(names=("c",)), {91, 92, 93}, id="or by a name"),
        pytest.param(Targets(everyone=True), {91, 92, 93, 94}, id="or anybody"),
    ],
)
def test_a_program_by_its_file_and_more(make: Make, targets: Targets, tracked: set[int]) -> None:
    machine = make(targets, exes=((1, 7),))
    for tid, comm, inode in ((91, b"a", 7), (92, b"b", 7), (93, b"c", 8), (94, b"d", 8)):
        machine.be(tid)
        machine.executable(1, inode)
        exec_as(machine, tid, comm)

    assert machine.tracked() == tracked


def test_a_task_without_memory_has_no_program(make: Make) -> None:
    machine = make(exes=((0xFE01, 4711),))
    exec_as(machine, 99, b"sh")

    assert machine.tracked() == set()


@pytest.mark.parametrize("fd", [0, 3, 100])
def test_a_session_has_a_file_noted(make: Make, fd: int) -> None:
    machine = make(exes=((1, 2),))
    machine.identify(0xFE01, 1 << 40, fd)

    assert {EXE_KEY.unpack(key) for key in machine.maps["exes"].values} == {(1, 2), (0xFE01, 1 << 40)}
    assert all(machine.kernel.read(at, 4) == VALUE.pack(IN) for at in machine.maps["exes"].values.values())


def test_everybody(make: Make) -> None:
    machine = make(Targets(everyone=True))
    exec_as(machine, 98, b"sh")
    exec_as(machine, 99, b"")

    assert machine.tracked() == {98, 99}
    assert [comm for _, _, comm, _ in told(machine)] == [padded(b"sh"), bytes(16)]


def test_everybody_but_a_name_and_an_id(make: Make) -> None:
    machine = make(Targets(everyone=True, not_names=("ssh*",), not_pids=(97,)))
    for tid, comm in ((97, b"sh"), (98, b"sshd"), (99, b"sh")):
        exec_as(machine, tid, comm)

    assert machine.tracked() == {99}


@pytest.mark.parametrize("verdict", [OUT, FAMILY])
def test_an_id_that_is_excluded_is_not_chosen_by_its_name(make: Make, verdict: Verdict) -> None:
    machine = make(Targets(names=("nginx",)), excluded=True)
    put(machine, "excluded", 99, verdict)
    exec_as(machine, 99, b"nginx")

    assert machine.tracked() == set()
    assert machine.ring == []


def test_an_excluded_process_is_so_with_every_thread(make: Make) -> None:
    machine = make(Targets(names=("nginx",), not_pids=(90,)))
    exec_as(machine, 90, b"nginx", tgid=90, old=99)
    rename(machine, 90, b"nginx")
    machine.be(95, tgid=90)
    machine.run("task_rename", machine.be(95, tgid=90), machine.kernel.place(b"nginx\0"))

    assert machine.tracked() == set()


@pytest.mark.parametrize("why", ["name", "id"])
@pytest.mark.parametrize("tid", [10, 10 + SLOTS], ids=["in a place", "in the hash"])
def test_a_traced_task_whose_new_program_is_excluded_is_traced_no_more(
    make: Make, why: str, tid: int
) -> None:
    machine = make(Targets(not_names=("secret",)), excluded=True)
    machine.track(10)
    machine.track(tid)
    machine.user.place(b"/bin/secret\0", at=PATH)
    machine.be(tid)
    regs = machine.enter("execve", PATH, 0, 0)
    assert machine.maps["execs"].values
    if why == "id":
        put(machine, "excluded", tid, OUT)
    exec_as(machine, tid, b"secret" if why == "name" else b"ls")
    machine.leave(regs, 0)
    machine.call("getppid", result=1)

    assert machine.tracked() == {10} - {tid}
    assert not machine.maps["execs"].values
    assert machine.ring == []


def test_a_thread_that_takes_an_excluded_name_leaves_nothing_of_itself(make: Make) -> None:
    """De_thread: it was traced by its own id, and has its process's now."""
    machine = make(Targets(not_names=("secret",)))
    machine.be(12, tgid=10)
    machine.track(12)
    machine.user.place(b"/bin/secret\0", at=PATH)
    machine.enter("execve", PATH, 0, 0)
    exec_as(machine, 10, b"secret", old=12)

    assert machine.tracked() == set()
    assert not machine.maps["execs"].values
    assert machine.ring == []


def test_a_thread_that_is_traced_and_execs_is_not_chosen_again(make: Make) -> None:
    machine = make(Targets(names=("nginx",)))
    machine.be(12, tgid=10)
    machine.track(12, Phase.PENDING)
    exec_as(machine, 10, b"nginx", old=12)

    assert machine.tracked() == {10}
    assert told(machine) == []
    assert [event.kind for event in machine.events()] == [Kind.EXEC]


@pytest.mark.parametrize("tgid", [10, 9 + SLOTS], ids=["in a place", "in the hash"])
def test_a_thread_that_execs_has_its_new_name_before_its_slot(make: Make, tgid: int) -> None:
    """The name is given under the process's id, which nobody traces yet (fs/exec.c, begin_new_exec())."""
    machine = make(Targets(names=("nginx",)))
    machine.track(9)
    machine.be(12, tgid=tgid)
    machine.track(12)
    machine.user.place(b"/bin/nginx\0", at=PATH)
    machine.be(12, tgid=tgid)
    regs = machine.enter("execve", PATH, 0, 0)
    rename(machine, tgid, b"nginx")
    exec_as(machine, tgid, b"nginx", old=12)
    assert machine.tracked() == {9, tgid}
    machine.leave(regs, 0)
    assert [(call.number, call.tid) for call in machine.calls()] == [(NUMBERS["execve"], 12)]
    end(machine, tgid)
    assert machine.tracked() == {9}
    crowd = machine.value("slots", 9)[record.CROWD : record.FAR]
    assert int.from_bytes(crowd, "little") == 0


@pytest.mark.parametrize("tid", [10, 10 + SLOTS], ids=["in a place", "in the hash"])
def test_a_traced_task_keeps_the_exec_it_is_in(make: Make, tid: int) -> None:
    machine = make(Targets(everyone=True, names=("nginx",)))
    machine.track(10)
    machine.track(tid)
    machine.user.place(b"/bin/nginx\0", at=PATH)
    machine.be(tid)
    regs = machine.enter("execve", PATH, 0, 0)
    before = machine.slot(tid)
    exec_as(machine, tid, b"nginx")
    assert machine.slot(tid) == before
    machine.leave(regs, 0)

    (call,) = machine.calls()
    assert (call.number, call.tid) == (NUMBERS["execve"], tid)
    assert told(machine) == []


# A new name.


@pytest.mark.parametrize("by", [99, 50], ids=["its own doing", "another's"])
@pytest.mark.parametrize(
    ("names", "comm", "chosen"),
    [(("work*",), b"worker/1", True), (("work*",), b"idle", False), (("idle",), b"idle", True)],
)
def test_a_new_name(make: Make, by: int, names: tuple[str, ...], comm: bytes, chosen: bool) -> None:
    machine = make(Targets(names=names))
    rename(machine, 99, comm, by=by)

    assert machine.tracked() == ({99} if chosen else set())
    assert told(machine) == [(99, 99, padded(comm), BEGAN)] * chosen


def test_a_threads_new_name_tells_when_its_process_began(make: Make) -> None:
    machine = make(Targets(names=("worker",)))
    machine.be(90)
    task = machine.be(95, tgid=90)
    machine.began(95, BEGAN, leader=90)
    machine.be(10)
    machine.run("task_rename", task, machine.kernel.place(b"worker\0"))

    assert told(machine) == [(95, 90, padded(b"worker"), BEGAN)]
    assert machine.tracked() == {95}


@pytest.mark.parametrize("tid", [10, 10 + SLOTS], ids=["in a place", "in the hash"])
def test_a_new_name_that_is_excluded_ends_it(make: Make, tid: int) -> None:
    machine = make(Targets(names=("sh",), not_names=("secret*",)))
    machine.track(10)
    machine.track(tid)
    rename(machine, tid, b"secret/1", by=50)
    machine.be(tid)
    machine.call("getppid")

    assert machine.tracked() == {10} - {tid}
    assert machine.ring == []


def test_a_new_name_of_a_traced_task_changes_nothing_else(make: Make) -> None:
    machine = make(Targets(names=("sh",)))
    machine.track(10)
    machine.user.place(b"/etc/hosts\0", at=PATH)
    machine.be(10)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    before = machine.slot(10)
    for comm in (b"sh", b"other"):
        rename(machine, 10, comm, by=50)
        assert machine.slot(10) == before
    machine.be(10)
    machine.leave(regs, 3)

    (call,) = machine.calls()
    assert (call.result, call.flags) == (3, 0)
    assert b"/etc/hosts\0" in call.raw
    assert [event.kind for event in machine.events()] == [Kind.RENAME] * 2


def test_an_excluded_id_that_is_traced_keeps_being_so_whatever_its_name(make: Make) -> None:
    """-p asked for it by the same id; a name that is chosen, or none, ends nothing."""
    machine = make(Targets(names=("sh",), not_pids=(10,)))
    machine.track(10)
    rename(machine, 10, b"sh")
    rename(machine, 10, b"other")

    assert machine.tracked() == {10}
    assert told(machine) == []


def test_a_name_that_cannot_be_told_for_want_of_room_is_counted(make: Make) -> None:
    machine = make(Targets(names=("sh",)))
    machine.room = 0
    rename(machine, 99, b"sh")

    assert machine.tracked() == {99}
    # What is chosen, and its new name: neither had room.
    assert machine.value("losses", record.TASK_EVENTS) == (2).to_bytes(8, "little")


# At a call.


def test_a_call_by_its_user(make: Make) -> None:
    machine = make(Targets(uids=(UID,)))
    for tid, uid in ((98, UID), (99, UID + 1)):
        machine.uid, machine.gid = uid, UID  # the group is none
        machine.be(tid, comm=b"sh")
        machine.began(tid, BEGAN)
        machine.call("getppid", result=7)

    assert machine.tracked() == {98}
    assert told(machine) == [(98, 98, padded(b"sh"), BEGAN)]
    assert [(call.tid, call.result) for call in machine.calls()] == [(98, 7)]
    # Told before the call of which it is.
    assert [found.kind for found in machine.events()] == [Kind.CHOSEN]
    assert machine.records()[0] == machine.events()[0]


def test_who_has_become_another_user_is_still_traced(make: Make) -> None:
    machine = make(Targets(uids=(UID,)))
    machine.uid = UID
    machine.be(98)
    machine.call("getppid")
    machine.uid = 0
    machine.call("getppid")

    assert len(machine.calls()) == 2
    assert len(told(machine)) == 1


@pytest.mark.parametrize("count", [1, 3, MOST_CGROUPS])
def test_a_call_by_any_of_some_cgroups(make: Make, count: int) -> None:
    machine = make(Targets(cgroups=("/somewhere",) * count))
    for tid, under in ((97, set[int]()), (98, {count - 1}), (99, {0})):
        machine.under = under
        machine.be(tid)
        machine.call("getppid")

    assert machine.tracked() == {98, 99}
    assert [call.tid for call in machine.calls()] == [98, 99]


def test_either_user_or_cgroup_will_do(make: Make) -> None:
    machine = make(Targets(uids=(UID,), cgroups=("/a",)))
    for tid, uid, under in ((96, 0, set[int]()), (97, UID, set()), (98, 0, {0}), (99, UID, {0})):
        machine.uid, machine.under = uid, under
        machine.be(tid)
        machine.call("getppid")

    assert machine.tracked() == {97, 98, 99}


@pytest.mark.parametrize(
    ("comm", "tid", "chosen"),
    [(b"sh", 99, True), (b"secret", 99, False), (b"sh", 90, False), (b"secretary", 99, True)],
    ids=["neither", "by its name", "by its id", "a longer match lets it in"],
)
def test_a_call_of_who_is_excluded(make: Make, comm: bytes, tid: int, chosen: bool) -> None:
    machine = make(Targets(uids=(UID,), names=("secretary",), not_names=("secret*",), not_pids=(90,)))
    machine.uid = UID
    machine.be(tid, comm=comm)
    machine.call("getppid")

    assert machine.tracked() == ({tid} if chosen else set())
    assert len(machine.calls()) == len(told(machine)) == chosen


@pytest.mark.parametrize("chosen", [True, False])
def test_a_call_of_one_whose_place_is_taken(make: Make, chosen: bool) -> None:
    machine = make(Targets(uids=(UID,)))
    machine.track(10)
    other, third = 10 + SLOTS, 10 + 2 * SLOTS
    machine.uid = UID if chosen else 0
    machine.user.place(b"/etc/hosts\0", at=PATH)
    for tid in (other, third, other, 10):
        machine.be(tid)
        machine.call("openat", -100, PATH, 0, 0, result=3)

    assert machine.tracked() == ({10, other, third} if chosen else {10})
    assert [call.tid for call in machine.calls()] == ([other, third, other, 10] if chosen else [10])
    assert all(b"/etc/hosts\0" in call.raw for call in machine.calls())
    assert [tid for tid, *_ in told(machine)] == ([other, third] if chosen else [])
    crowd = machine.value("slots", 10)[record.CROWD : record.FAR]
    assert int.from_bytes(crowd, "little") == 2 * chosen


@pytest.mark.parametrize("how", ["call", "exec", "rename"])
def test_one_there_is_no_room_for_is_counted(make: Make, how: str) -> None:
    machine = make(Targets(names=("sh",), uids=(UID,)))
    machine.track(10)
    for tid in range(1_000_000, 1_000_000 + MAX_TASKS):
        machine.maps["tasks"].values[tid.to_bytes(4, "little")] = 0
    machine.uid = UID
    tid = 10 + SLOTS
    machine.be(tid, comm=b"sh")
    match how:
        case "call":
            machine.call("getppid")
        case "exec":
            exec_as(machine, tid, b"sh")
        case "rename":
            rename(machine, tid, b"sh")

    counters = COUNTERS.unpack(machine.value("counters"))
    assert (counters[UNTRACKED // 8], counters[TRACKED // 8]) == (1, 1)
    assert machine.calls() == []


def test_a_call_that_was_not_asked_for_chooses_too(make: Make) -> None:
    machine = make(Targets(uids=(UID,)))
    machine.uid = UID
    for tid in (99, 99 + SLOTS):
        machine.be(tid)
        machine.call("close", 3)
        assert struct.unpack_from("<H", machine.slot(tid), record.PHASE) == (Phase.IDLE,)

    assert machine.calls() == []
    assert machine.tracked() == {99, 99 + SLOTS}


@pytest.mark.parametrize("tid", [10, 10 + SLOTS], ids=["in a place", "in the hash"])
def test_a_traced_task_is_left_as_it_is(make: Make, tid: int) -> None:
    """Its call is under way, and what decides runs again: nothing of the call is lost."""
    machine = make(Targets(uids=(UID,), cgroups=("/a",)))
    machine.uid, machine.under = UID, {0}
    machine.track(10)
    machine.track(tid)
    machine.user.place(b"/etc/hosts\0", at=PATH)
    machine.be(tid)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    before = machine.slot(tid)
    machine.run_one(machine.programs.before["sys_enter"], "sys_enter", regs, NUMBERS["getppid"])
    assert machine.slot(tid) == before
    machine.leave(regs, 3)

    assert [(call.number, call.result) for call in machine.calls()] == [(NUMBERS["openat"], 3)]
    assert told(machine) == []


def test_strangers_are_sent_away_after_one_look(make: Make) -> None:
    machine = make(Targets(uids=(UID,)))
    machine.be(99)
    machine.ran.clear()
    machine.call("openat", -100, PATH, 0, 0)

    assert machine.ran == ["at_call_who", "at_sys_enter", "at_sys_exit"]
    assert machine.ring == []


# Families, and ids that are free again.


def test_what_an_excluded_family_starts_is_excluded(make: Make) -> None:
    machine = make(Targets(everyone=True, not_families=(50,), not_pids=(60,)))
    fork(machine, 50, 51)
    fork(machine, 51, 52)
    fork(machine, 60, 61)
    fork(machine, 70, 71)
    fork(machine, 50, 53, tgid=50)  # a thread

    assert verdicts(machine, "excluded") == {50: FAMILY, 51: FAMILY, 52: FAMILY, 60: OUT}
    for tid in (51, 52, 61, 71):
        exec_as(machine, tid, b"sh")
    assert machine.tracked() == {61, 71}


def test_a_thread_of_an_excluded_family_starts_one_of_it(make: Make) -> None:
    machine = make(Targets(everyone=True, not_families=(50,)))
    machine.be(55, tgid=50)
    task = machine.be(56)
    machine.run("sched_process_fork", machine.be(55, tgid=50), task)

    assert verdicts(machine, "excluded") == {50: FAMILY, 56: FAMILY}


@pytest.mark.parametrize("verdict", [OUT, FAMILY])
def test_the_end_of_an_excluded_process_frees_its_id(make: Make, verdict: Verdict) -> None:
    machine = make(Targets(everyone=True), excluded=True)
    put(machine, "excluded", 50, verdict)
    put(machine, "excluded", 51, verdict)
    for tid in (55, 50):
        end(machine, tid, tgid=50, others=1)
        assert verdicts(machine, "excluded") == {50: verdict, 51: verdict}
    end(machine, 56, tgid=50)
    assert verdicts(machine, "excluded") == {51: verdict}
    exec_as(machine, 50, b"another")

    assert machine.tracked() == {50}


def test_an_excluded_process_whose_thread_execs_is_still_excluded(make: Make) -> None:
    """The first thread ends, and the other goes on under its id."""
    machine = make(Targets(everyone=True, not_pids=(50,)))
    end(machine, 50, others=1)
    exec_as(machine, 50, b"another", old=55)

    assert machine.tracked() == set()


def test_without_exclusions_nobody_looks(make: Make) -> None:
    machine = make(Targets(everyone=True))
    assert "excluded" not in machine.maps
    assert set(machine.programs.before) - {"signal_deliver"} == {"sched_process_exec"}


@pytest.mark.parametrize(
    ("choice", "tracepoints", "maps"),
    [
        (Choice(everyone=True), {"sched_process_exec"}, set[str]()),
        (Choice(names=True), {"sched_process_exec", "task_rename"}, {"names"}),
        (Choice(exes=True), {"sched_process_exec"}, {"exes"}),
        (Choice(uids=True), {"sys_enter"}, {"uids"}),
        (Choice(cgroups=2), {"sys_enter"}, {"cgroups"}),
        (Choice(excluded=True), {"sched_process_fork", "sched_process_exit"}, {"excluded"}),
    ],
    ids=["everybody", "names", "exes", "uids", "cgroups", "excluded"],
)
def test_no_more_programs_than_are_needed(choice: Choice, tracepoints: set[str], maps: set[str]) -> None:
    made = program_set("getppid", choice=choice)
    names = {"names", "exes", "uids", "cgroups", "excluded"}

    assert set(made.before) == tracepoints
    assert {spec.name for spec in made.maps()} & names == maps
    # What decides is attached before what traces.
    attached = [at for at, _ in made.loadable().attached]
    assert set(attached[: len(tracepoints)]) == tracepoints


def test_the_record_of_the_chosen_has_the_size_its_reader_expects(make: Make) -> None:
    machine = make(Targets(names=("sh",), uids=(UID,)))
    machine.uid = UID
    machine.be(97)
    machine.call("close")
    rename(machine, 98, b"sh")
    exec_as(machine, 99, b"sh")
    samples = [sample for sample in machine.ring if struct.unpack_from("<H", sample)[0] == Kind.CHOSEN]

    assert [len(sample) for sample in samples] == [record.CHOSEN_SIZE] * 3
    assert {struct.unpack_from("<Q", sample, record.TIME)[0] for sample in samples} == {5_000}
