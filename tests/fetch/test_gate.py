"""Which calls are looked at at all: by CPU, and between those that open and those that close."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace.fetch import gate as gates
from argtrace.fetch import record
from argtrace.fetch.choice import CLOSED, Gate
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.gate import CLOSES, MOST_CPUS, OPENS
from argtrace.fetch.layout import LOSS, SLOTS
from argtrace.fetch.record import Flag, Kind, Phase
from argtrace.fetch.summary_layout import Summing
from argtrace.kernel import uapi
from argtrace.signature.syscalls import NUMBERS
from tests.support.counting import ALONE, BESIDE, Counting
from tests.support.generated import EVENTS, FIELDS, program_set
from tests.support.machine import CPUS, Machine

CPU, TIMED = Gate(cpus=True), Gate(timed=True)
BOTH = Gate(cpus=True, timed=True)

TRACED = 10
CROWDED = 10 + SLOTS
"""One that finds its place taken."""
SECCOMP_FILTER = 2
PATH = 0x7000


def indexes(calls: str) -> frozenset[int]:
    """Of 64-bit calls, and of 32-bit ones that are written so: i386:5."""
    return frozenset(
        record.COMPAT_BASE + int(name[5:]) if name.startswith("i386:") else NUMBERS[name]
        for name in calls.split()
    )


def machine_with(
    gate: Gate,
    *,
    cpus: frozenset[int] = frozenset({0}),
    opening: str = "umask",
    closing: str = "getuid",
    closed: bool = False,
    context: Context = RAW,
    calls: str = "getppid,umask,getuid,openat,execve,exit_group",
) -> Machine:
    machine = Machine(program_set(*([calls] if calls else []), gate=gate, context=context))
    if gate.cpus:
        machine.update(machine.maps["cpus"], bytes(4), gates.cpus(cpus))
    if gate.timed:
        machine.update(machine.maps["switches"], bytes(4), gates.switches(indexes(opening), indexes(closing)))
    shut(machine, closed=closed)
    machine.track(TRACED)
    machine.be(TRACED)
    return machine


def shut(machine: Machine, *, closed: bool) -> None:
    """As a session does at the beginning, and after a delay."""
    if CLOSED in machine.maps:
        machine.update(machine.maps[CLOSED], bytes(4), LOSS.pack(closed))


def is_closed(machine: Machine) -> bool:
    (closed,) = LOSS.unpack(machine.value(CLOSED))
    assert closed in (0, 1)
    return bool(closed)


def shown(machine: Machine) -> list[str]:
    names = {number: name for name, number in NUMBERS.items()}
    return [names.get(call.number, str(call.number)) for call in machine.calls()]


# The maps' values.


def test_a_byte_a_cpu() -> None:
    value = gates.cpus(frozenset({0, 3, MOST_CPUS - 1}))

    assert len(value) == MOST_CPUS
    assert [at for at, byte in enumerate(value) if byte] == [0, 3, MOST_CPUS - 1]


def test_a_byte_a_call() -> None:
    value = gates.switches(frozenset({1, 2}), frozenset({2, 511, record.COMPAT_BASE + 5}))

    assert len(value) == next(spec.value_size for spec in gates.maps(TIMED))
    assert {at: byte for at, byte in enumerate(value) if byte} == {
        1: OPENS,
        2: OPENS | CLOSES,
        511: CLOSES,
        record.COMPAT_BASE + 5: CLOSES,
    }


@pytest.mark.parametrize(
    ("gate", "names"),
    [
        (Gate(), set[str]()),
        (CPU, {"cpus"}),
        (TIMED, {"switches", "closed"}),
        (BOTH, {"cpus", "switches", "closed"}),
    ],
    ids=["none", "CPUs", "time", "both"],
)
def test_no_more_maps_than_are_needed(gate: Gate, names: set[str]) -> None:
    specs = gates.maps(gate)

    assert {spec.name for spec in specs} == names
    assert {(spec.type, spec.key_size, spec.entries) for spec in specs} <= {(uapi.BPF_MAP_TYPE_ARRAY, 4, 1)}


def test_without_a_gate_programs_are_as_they_were() -> None:
    """Who asks for none pays for none."""
    plain, gated = program_set("getppid"), program_set("getppid", gate=BOTH)
    for name in ("at_sys_enter", "at_exit_late"):
        assert len(plain.programs()[name].instructions) < len(gated.programs()[name].instructions)
    assert plain.programs()["at_enter_0"] == gated.programs()["at_enter_0"]


# CPUs.


@pytest.fixture(params=[RAW, EVENTS], ids=["raw", "event"])
def context(request: pytest.FixtureRequest) -> Context:
    found: Context = request.param
    return found


@pytest.mark.parametrize("tid", [TRACED, CROWDED], ids=["in a place", "in the hash"])
@pytest.mark.parametrize("cpus", [{0}, {1}, {0, 1}], ids=str)
def test_calls_on_some_cpus(context: Context, cpus: set[int], tid: int) -> None:
    machine = machine_with(CPU, cpus=frozenset(cpus), context=context)
    if tid != TRACED:
        machine.track(tid)
    machine.be(tid)
    for cpu in range(CPUS):
        machine.cpu = cpu
        machine.call("getppid", result=cpu)

    assert [call.result for call in machine.calls()] == sorted(cpus)


def test_where_a_call_begins_counts(context: Context) -> None:
    machine = machine_with(CPU, cpus=frozenset({1}), context=context)
    machine.user.place(b"/etc/hosts\0", at=PATH)
    for begins, ends in ((0, 1), (1, 0)):
        machine.cpu = begins
        regs = machine.enter("openat", -100, PATH, 0, 0)
        machine.cpu = ends
        machine.leave(regs, begins)

    assert [call.result for call in machine.calls()] == [1]
    assert b"/etc/hosts\0" in machine.calls()[0].raw


@pytest.mark.parametrize("cpu", [MOST_CPUS, MOST_CPUS + 1, 0xFFFF_FFFF])
def test_a_cpu_beyond_the_map(cpu: int) -> None:
    machine = machine_with(CPU, cpus=frozenset(range(MOST_CPUS)))
    machine.cpu = cpu
    machine.enter("getppid")
    machine.cpu = MOST_CPUS - 1
    machine.enter("getuid")
    machine.leave(machine.regs[TRACED], 0)

    assert shown(machine) == ["getuid"]


def test_tasks_are_followed_on_every_cpu(context: Context) -> None:
    machine = machine_with(CPU, cpus=frozenset({1}), context=context)
    machine.cpu = 0
    machine.run("task_rename", machine.be(TRACED), machine.kernel.place(b"worker\0"))

    assert [event.flags for event in machine.events()] == [0]


@pytest.mark.parametrize("cpu", [0, 1])
def test_a_call_that_was_under_way_on_a_cpu(cpu: int, context: Context) -> None:
    """Nobody knows where it began: where it ends decides."""
    machine = machine_with(CPU, cpus=frozenset({1}), context=context)
    machine.track(11, Phase.ATTACHED)
    machine.be(11)
    machine.cpu = cpu
    machine.leave(machine.registers(NUMBERS["getppid"]), 1)

    assert [call.flags for call in machine.calls()] == [Flag.LATE] * cpu


# Time.


@pytest.mark.parametrize("tid", [TRACED, CROWDED], ids=["in a place", "in the hash"])
@pytest.mark.parametrize(
    ("closed", "made", "seen"),
    [
        pytest.param(False, "getppid", "getppid", id="it is open at first"),
        pytest.param(True, "getppid getuid getppid", "", id="or closed, and stays it"),
        pytest.param(True, "getppid umask getppid", "umask getppid", id="the call that opens is shown"),
        pytest.param(False, "getppid getuid getppid", "getppid getuid", id="so is the one that closes"),
        pytest.param(
            True,
            "getppid umask umask getppid getuid getppid getuid umask getppid",
            "umask umask getppid getuid umask getppid",
            id="again and again",
        ),
    ],
)
def test_between_two_calls(closed: bool, made: str, seen: str, tid: int, context: Context) -> None:
    machine = machine_with(TIMED, closed=closed, context=context)
    if tid != TRACED:
        machine.track(tid)
    machine.be(tid)
    for name in made.split():
        machine.call(name)

    assert shown(machine) == seen.split()


def test_a_call_that_opens_and_closes_is_shown_alone() -> None:
    machine = machine_with(TIMED, opening="umask", closing="umask", closed=True)
    for name in ("getppid", "umask", "getppid", "umask", "getppid"):
        machine.call(name)

    assert shown(machine) == ["umask", "umask"]
    assert is_closed(machine)


NAMES = ["getppid", "umask", "getuid", "getgid", "getpid", "close"]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from(NAMES), max_size=20),
    st.frozensets(st.sampled_from(NAMES)),
    st.frozensets(st.sampled_from(NAMES)),
    st.booleans(),
)
def test_any_calls_that_open_and_close(
    made: list[str], opening: frozenset[str], closing: frozenset[str], closed: bool
) -> None:
    machine = machine_with(
        TIMED,
        opening=" ".join(opening),
        closing=" ".join(closing),
        closed=closed,
        calls="getppid,umask,close",
    )
    expected = []
    for name in made:
        machine.call(name)
        closed = closed and name not in opening
        if not closed and name in ("getppid", "umask", "close"):
            expected.append(name)
        closed = closed or name in closing

    assert shown(machine) == expected
    assert is_closed(machine) == closed


def test_a_call_that_was_not_asked_for_opens_and_closes_too() -> None:
    machine = machine_with(TIMED, closed=True, calls="getppid")
    for name in ("getppid", "umask", "getppid", "getuid", "getppid"):
        machine.call(name)

    assert shown(machine) == ["getppid"]


@pytest.mark.parametrize("tid", [99, 99 + SLOTS, CROWDED])
def test_strangers_open_nothing(tid: int) -> None:
    machine = machine_with(TIMED, closed=True)
    machine.be(tid)
    machine.call("umask")
    assert is_closed(machine)
    shut(machine, closed=False)
    machine.call("getuid")

    assert not is_closed(machine)
    assert machine.ring == []


def test_on_another_cpu_nothing_opens() -> None:
    """What -C leaves out is not looked at."""
    machine = machine_with(BOTH, cpus=frozenset({1}), closed=True)
    for cpu in (0, 1):
        machine.cpu = cpu
        machine.call("umask")
        assert is_closed(machine) == (cpu == 0)

    assert len(machine.calls()) == 1


@pytest.mark.parametrize("tid", [TRACED, CROWDED], ids=["in a place", "in the hash"])
def test_calls_under_way_when_it_closes_are_shown(tid: int, context: Context) -> None:
    machine = machine_with(TIMED, context=context)
    machine.track(11)
    if tid != TRACED:
        machine.track(tid)
    machine.user.place(b"/etc/hosts\0", at=PATH)
    machine.be(tid)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    machine.be(11)
    machine.call("getuid")
    machine.be(tid)
    machine.leave(regs, 3)
    machine.call("openat", -100, PATH, 0, 0)

    assert shown(machine) == ["getuid", "openat"]
    assert [(call.flags, call.result) for call in machine.calls()] == [(0, 0), (0, 3)]


def test_calls_under_way_when_it_opens_are_not(context: Context) -> None:
    machine = machine_with(TIMED, closed=True, context=context)
    machine.track(11)
    regs = machine.enter("openat", -100, PATH, 0, 0)
    machine.be(11)
    machine.call("umask")
    machine.be(TRACED)
    machine.leave(regs, 3)

    assert shown(machine) == ["umask"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_call_whose_entry_nobody_saw(closed: bool, context: Context) -> None:
    machine = machine_with(TIMED, closed=closed, context=context)
    machine.track(11, Phase.ATTACHED)
    machine.be(11)
    machine.leave(machine.registers(NUMBERS["getppid"]), 1)

    assert [call.flags for call in machine.calls()] == [Flag.LATE] * (not closed)


@pytest.mark.parametrize("closed", [False, True])
def test_a_call_that_seccomp_refuses(closed: bool) -> None:
    """It has an exit and no entry. What would open does not: it was not made."""
    machine = machine_with(TIMED, closed=closed)
    machine.poke(machine.be(TRACED) + (FIELDS.task_seccomp_mode or 0), SECCOMP_FILTER, 4)
    machine.leave(machine.registers(NUMBERS["umask"]), -1)

    assert [call.flags for call in machine.calls()] == [Flag.LATE] * (not closed)
    assert is_closed(machine) == closed


@pytest.mark.parametrize("tid", [TRACED, CROWDED], ids=["in a place", "in the hash"])
@pytest.mark.parametrize("phase", [Phase.IDLE, Phase.ATTACHED], ids=["of old", "just found"])
def test_a_call_that_was_passed_over_is_not_one_that_seccomp_refused(
    tid: int, phase: Phase, context: Context
) -> None:
    """Of both an idle task sees an exit. What containers run is under seccomp."""
    machine = machine_with(BOTH, cpus=frozenset({1}), closed=True, context=context)
    if tid == TRACED:
        machine.forget(tid)
    machine.track(tid, phase)
    machine.poke(machine.be(tid) + (FIELDS.task_seccomp_mode or 0), SECCOMP_FILTER, 4)
    machine.cpu = 1
    before = machine.enter("getppid")
    shut(machine, closed=False)  # it has opened meanwhile
    machine.leave(before, 1)
    machine.cpu = 0
    elsewhere = machine.enter("getppid")
    machine.cpu = 1  # it has moved meanwhile
    machine.leave(elsewhere, 2)
    assert machine.ring == []
    machine.call("getppid", result=3)
    machine.leave(machine.registers(NUMBERS["getppid"]), -1)  # which seccomp did refuse

    assert [(call.result, call.flags) for call in machine.calls()] == [(3, 0), (-1, Flag.LATE)]


def test_a_call_that_does_not_return_while_it_is_closed() -> None:
    machine = machine_with(TIMED, closed=True)
    machine.enter("exit_group", 3)
    assert machine.ring == []
    shut(machine, closed=False)
    machine.enter("exit_group", 3)

    assert shown(machine) == ["exit_group"]


def test_an_exec_while_it_is_closed_leaves_nothing() -> None:
    machine = machine_with(TIMED, closed=True)
    machine.user.place(b"/bin/ls\0", at=PATH)
    regs = machine.enter("execve", PATH, 0, 0)
    machine.run("sched_process_exec", machine.be(TRACED), TRACED, machine.binary(b"/bin/ls"))
    machine.leave(regs, 0)

    assert not machine.maps["execs"].values
    assert [(event.kind, event.flags) for event in machine.events()] == [(Kind.EXEC, record.HIDDEN)]
    assert machine.calls() == []


# What is counted.


@pytest.mark.parametrize("seccomp", [False, True])
@pytest.mark.parametrize("summing", [ALONE, BESIDE], ids=["alone", "beside"])
def test_no_more_is_counted_than_would_be_shown(summing: Summing, seccomp: bool) -> None:
    machine = Counting("getppid,umask,getuid,exit_group", summing=summing, gate=BOTH)
    machine.update(machine.maps["cpus"], bytes(4), gates.cpus(frozenset({1})))
    switches = gates.switches(indexes("umask"), indexes("getuid"))
    machine.update(machine.maps["switches"], bytes(4), switches)
    if seccomp:
        machine.poke(machine.be(TRACED) + (FIELDS.task_seccomp_mode or 0), SECCOMP_FILTER, 4)
    shut(machine, closed=True)
    machine.cpu = 1
    for name in ("getppid", "umask", "getppid", "getuid", "getppid"):
        machine.call_for(name, 10)
    machine.enter("exit_group", 3)
    assert machine.counts() == {"umask": 1, "getppid": 1, "getuid": 1}
    shut(machine, closed=False)
    machine.cpu = 0
    machine.call_for("getppid", 10)
    machine.enter("exit_group", 3)
    assert machine.counts() == {"umask": 1, "getppid": 1, "getuid": 1}
    machine.cpu = 1
    machine.enter("exit_group", 3)

    assert machine.counts() == {"umask": 1, "getppid": 1, "getuid": 1, "exit_group": 1}


@pytest.mark.parametrize("summing", [ALONE, BESIDE], ids=["alone", "beside"])
def test_what_seccomp_refuses_while_it_is_closed_is_not_counted(summing: Summing) -> None:
    machine = Counting("getppid", summing=summing, gate=TIMED)
    machine.poke(machine.be(TRACED) + (FIELDS.task_seccomp_mode or 0), SECCOMP_FILTER, 4)
    for closed in (True, False):
        shut(machine, closed=closed)
        machine.leave(machine.registers(NUMBERS["getppid"]), -1)
        assert machine.counts() == ({} if closed else {"getppid": 1})


# Numbers that no 64-bit call has.


@pytest.mark.parametrize("number", [512, 0xBAD, 0x7FFF_FFFF])
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("compat", [False, True], ids=["64-bit", "32-bit"])
def test_unknown_numbers_open_and_close_nothing(number: int, closed: bool, compat: bool) -> None:
    machine = machine_with(TIMED, closed=closed, calls="")
    machine.call(number, compat=compat)

    assert is_closed(machine) == closed
    assert [call.number for call in machine.calls()] == [number] * (not closed)


@pytest.mark.parametrize("number", [-1, -453, -512])
def test_negative_numbers_open_and_close_nothing(number: int) -> None:
    machine = machine_with(TIMED, closed=True, calls="")
    machine.call(number, compat=True)

    assert is_closed(machine)
    assert machine.ring == []


@pytest.mark.parametrize("closed", [False, True])
def test_32_bit_calls_are_shown_while_it_is_open(closed: bool) -> None:
    machine = machine_with(TIMED, closed=closed)
    machine.call(64, compat=True)  # getppid of 32 bits, and semget of 64

    assert [(call.number, call.flags) for call in machine.calls()] == [(64, Flag.COMPAT)] * (not closed)


@pytest.mark.parametrize("tid", [TRACED, CROWDED], ids=["in a place", "in the hash"])
@pytest.mark.parametrize("compat", [False, True], ids=["64-bit", "32-bit"])
@pytest.mark.parametrize(
    ("opening", "mask"),
    [pytest.param("umask", 0b01, id="64-bit"), pytest.param("i386:95", 0b10, id="32-bit"),
     pytest.param("umask i386:95", 0b11, id="both")],
)  # fmt: skip
def test_the_same_number_is_another_call(
    opening: str, mask: int, tid: int, context: Context, compat: bool
) -> None:
    """95: umask of 64 bits, fchown of 32."""
    assert NUMBERS["umask"] == 95
    machine = machine_with(TIMED, opening=opening, closing="", closed=True, context=context)
    if tid != TRACED:
        machine.track(tid)
    machine.be(tid)
    machine.call(95, compat=compat)

    assert is_closed(machine) == (not mask >> compat & 1)


# What tells of tasks.


@pytest.mark.parametrize("closed", [False, True])
def test_what_tells_of_tasks_is_marked(closed: bool, context: Context) -> None:
    machine = machine_with(TIMED, closed=closed, context=context, calls="getppid,clone,execve")
    child = machine.be(11)
    machine.poke(child + FIELDS.task_files, 1)
    machine.run("sched_process_fork", machine.be(TRACED), child)
    machine.run("task_rename", machine.be(TRACED), machine.kernel.place(b"x\0"))
    machine.run("signal_deliver", 15, 0, 0)
    machine.run("sched_process_exec", machine.be(TRACED), TRACED, machine.binary(b"/bin/ls"))
    machine.run("sched_process_exit", machine.be(TRACED))

    flags = {event.kind: event.flags for event in machine.events()}
    assert set(flags) == {Kind.FORK, Kind.RENAME, Kind.SIGNAL, Kind.EXEC, Kind.EXIT}
    assert {flag & record.HIDDEN for flag in flags.values()} == {record.HIDDEN * closed}
    assert flags[Kind.FORK] & ~record.HIDDEN == record.Shared.FS  # the same nowhere; files are its own
    assert machine.tracked() == {11}


def test_a_newborn_is_one_however_the_gate_is() -> None:
    """Its parent's call returning in it is no call of its own."""
    machine = machine_with(TIMED, closed=True, calls="clone,getppid")
    regs = machine.enter("clone")
    child = machine.be(11)
    machine.run("sched_process_fork", machine.be(TRACED), child)
    shut(machine, closed=False)
    machine.be(11)
    machine.leave(regs, 0)
    machine.call("getppid", result=1)

    assert shown(machine) == ["getppid"]
