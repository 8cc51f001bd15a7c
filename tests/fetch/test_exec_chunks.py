"""argv and envp that are wanted whole: in chunks, which are joined as a reader joins them."""

from __future__ import annotations

import errno

import pytest

from argtrace.decode.model import List, Missing, Text, Why
from argtrace.decode.stream import Stream
from argtrace.decode.strings import strings
from argtrace.fetch import record
from argtrace.fetch.choice import Choice
from argtrace.fetch.context import RAW, Context
from argtrace.fetch.exec_chunks import CHUNKS, MOST_ARGUMENTS, STRETCH
from argtrace.fetch.layout import MAX_EXECS, SLOTS
from argtrace.fetch.record import CHUNK, Flag, Phase
from argtrace.signature.syscalls import NUMBERS
from argtrace.transport.records import CallRecord
from tests.support.generated import EVENTS, FIELDS, SETTINGS, program_set
from tests.support.machine import Machine

LIMIT = 64
FILENAME, ARGV, ENVP, STRINGS = 0x1000, 0x200000, 0x400000, 0x10000000
ITEM_ARGV, ITEM_ENVP = 1, 6
MISSING = -errno.ENOENT


@pytest.fixture
def machine() -> Machine:
    return _machine(RAW)


def _machine(context: Context) -> Machine:
    machine = Machine(program_set("execve", limit=LIMIT, whole=True, context=context))
    machine.track(10)
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    return machine


def _place(machine: Machine, at: int, words: list[bytes | None]) -> None:
    """An array of addresses, and behind each a string; None: the string's page is not there."""
    addresses, data, address = [], bytearray(), STRINGS + at * 0x100
    first = address
    for word in words:
        if word is None:
            addresses.append(0x66)
            continue
        addresses.append(address)
        data += word + b"\0"
        address = first + len(data)
    machine.user.place(bytes(data), at=first)
    machine.user.place(b"".join(word.to_bytes(8, "little") for word in (*addresses, 0)), at=at)


def _exec(
    machine: Machine, argv: list[bytes | None], envp: list[bytes | None], result: int = 0
) -> CallRecord:
    _place(machine, ARGV, argv)
    _place(machine, ENVP, envp)
    machine.call("execve", FILENAME, ARGV, ENVP, result=result)
    return _call(machine)


def _call(machine: Machine) -> CallRecord:
    """The call's record with its chunks."""
    stream = Stream({}, lambda call: pytest.fail(f"no table for {call.number}"))
    for chunk in machine.chunks():
        assert not list(stream.feed(chunk))
    (call,) = machine.calls()
    assert not machine.maps["execs"].values
    return stream._whole(call)


def _list(call: CallRecord, item: int = ITEM_ARGV) -> List:
    value = strings(0x7000, item, call, LIMIT)
    assert isinstance(value, List)
    return value


def _data(value: List) -> list[bytes | str]:
    return [each.data if isinstance(each, Text) else str(getattr(each, "reason", "")) for each in value.items]


def _many(count: int, size: int = 40) -> list[bytes | None]:
    return [(b"%06d" % at).ljust(size, b"x") for at in range(count)]


@pytest.mark.parametrize("context", [RAW, EVENTS], ids=["raw", "event"])
def test_a_short_list_is_in_the_record(context: Context) -> None:
    machine = _machine(context)
    call = _exec(machine, [b"ls", b"", b"-l"], [b"A=1"])

    assert not machine.chunks()
    assert (_data(_list(call)), _list(call).end) == ([b"ls", b"", b"-l"], None)
    assert _data(_list(call, ITEM_ENVP)) == [b"A=1"]


@pytest.mark.newest
@pytest.mark.parametrize("result", [0, MISSING])
@pytest.mark.parametrize("count", [STRETCH, 1000])
def test_a_long_list_goes_before_in_chunks(machine: Machine, count: int, result: int) -> None:
    argv, envp = _many(count), [*_many(500), b"LAST=1"]

    call = _exec(machine, argv, envp, result)

    assert (_data(_list(call)), _list(call).end) == (argv, None)
    assert (_data(_list(call, ITEM_ENVP)), _list(call, ITEM_ENVP).end) == (envp, None)
    assert {chunk.item for chunk in machine.chunks()} >= {ITEM_ENVP}


@pytest.mark.parametrize(
    "size", [LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 2, 2 * (LIMIT + 1), 2 * LIMIT + 3, 20_000]
)
def test_a_string_of_any_length_is_pieced_together(machine: Machine, size: int) -> None:
    long = bytes(0x20 + at % 0x5F for at in range(size))

    call = _exec(machine, [b"before", long, b"after"], [long], MISSING)

    assert _data(_list(call)) == [b"before", long, b"after"]
    assert not any(isinstance(each, Text) and each.cut for each in _list(call).items)
    assert _data(_list(call, ITEM_ENVP)) == [long]


def test_sending_a_chunk_may_ask_for_the_rings_size(machine: Machine) -> None:
    """It does so by the time's low bits; what the walk keeps on the stack stays."""
    machine.now = 1 << 20
    machine.unread = 1 << 15
    argv = _many(400)

    assert _data(_list(_exec(machine, argv, [], MISSING))) == argv


def test_a_string_that_is_not_there_is_one_of_the_list(machine: Machine) -> None:
    argv = [*_many(500), None, b"last"]

    found = _list(_exec(machine, argv, [], MISSING))

    assert _data(found) == [*_many(500), "EFAULT", b"last"]
    # Read at entry and again at the exit: the chunks of both came, and one reading counts.
    assert {chunk.turn for chunk in machine.chunks()} == {1, 2}


def test_a_long_string_whose_end_is_not_there(machine: Machine) -> None:
    machine.user.place(b"z" * (2 * LIMIT + 2), at=0x9000)
    machine.user.place(b"".join(word.to_bytes(8, "little") for word in (0x9000, 0)), at=ARGV)
    _place(machine, ENVP, [])
    machine.call("execve", FILENAME, ARGV, ENVP, result=MISSING)

    (text,) = _list(_call(machine)).items
    assert text == Text(
        0x9000,
        b"z" * (2 * LIMIT + 2),
        cut=True,
        end=Missing(0x9000 + 2 * LIMIT + 2, Why.UNREADABLE, "EFAULT"),
    )


@pytest.mark.parametrize("size", [100, CHUNK - 1, CHUNK, CHUNK + 1, (CHUNKS + 1) * CHUNK + 7])
def test_a_new_programs_strings_are_taken_to_their_end(machine: Machine, size: int) -> None:
    arguments = (b"a" * 9 + b"\0") * (size // 10) + b"b" * (size % 10)
    machine.program_memory(arguments[:-1] + b"\0", b"A=1\0" * (CHUNK // 2))

    call = _exec(machine, [None], [])

    *expected, _ = (arguments[:-1] + b"\0").split(b"\0")
    assert (_data(_list(call)), _list(call).end) == (expected, None)
    assert _data(_list(call, ITEM_ENVP)) == [b"A=1"] * (CHUNK // 2)


@pytest.mark.newest
def test_more_strings_than_tail_calls_reach(machine: Machine) -> None:
    argv = _many(MOST_ARGUMENTS + 1000, 8)

    call = _exec(machine, argv, [b"A=1"], -errno.E2BIG)

    found = _list(call)
    assert found.end == Missing(0, Why.CUT, "no room for the rest")
    assert len(found.items) > MOST_ARGUMENTS
    assert _data(found) == argv[: len(found.items)]
    assert _data(_list(call, ITEM_ENVP)) == [b"A=1"]


def test_if_it_worked_the_new_program_has_them_all(machine: Machine) -> None:
    argv = _many(MOST_ARGUMENTS + 1000, 8)
    machine.program_memory(b"".join([word + b"\0" for word in argv if word]), b"A=1\0")

    assert _data(_list(_exec(machine, argv, [b"A=1"]))) == argv


def test_an_exec_that_fails_when_the_callers_memory_is_gone_keeps_what_was_read_before(
    machine: Machine,
) -> None:
    _place(machine, ARGV, [b"broken", None])
    _place(machine, ENVP, [])
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    for address in (ARGV, STRINGS + ARGV * 0x100):
        machine.user.forget(address)
    machine.program_memory(b"", b"")
    machine.leave(regs, -errno.ENOMEM)

    assert _data(_list(_call(machine))) == [b"broken", "EFAULT"]


@pytest.mark.parametrize("result", [-errno.EPERM, 0])
def test_an_exec_whose_entry_was_not_seen_is_read_at_its_exit(machine: Machine, result: int) -> None:
    _place(machine, ARGV, [b"refused"])
    _place(machine, ENVP, [b"A=1"])
    machine.program_memory(b"refused\0", b"A=1\0")
    machine.poke(machine._slot(10) + record.PHASE, Phase.ATTACHED, 2)
    machine.leave(machine.registers(NUMBERS["execve"], FILENAME, ARGV, ENVP), result)

    call = _call(machine)
    assert call.flags == Flag.LATE
    assert (_data(_list(call)), _data(_list(call, ITEM_ENVP))) == ([b"refused"], [b"A=1"])


@pytest.mark.parametrize("crowded", [False, True], ids=["a place", "the hash"])
def test_an_exec_that_makes_a_stranger_one_of_those_traced(crowded: bool) -> None:
    everyone = Choice(everyone=True)
    machine = Machine(program_set("execve", limit=LIMIT, whole=True, choice=everyone, settings=SETTINGS))
    if crowded:
        machine.be(10 + SLOTS)
        machine.track(10 + SLOTS)
    machine.be(10)
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.program_memory(b"new\0program\0", b"A=1\0")
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(b"/bin/ls"))
    machine.leave(regs, 0)

    call = _call(machine)
    assert (call.tid, call.flags, call.result) == (10, Flag.LATE, 0)
    assert _data(_list(call)) == [b"new", b"program"]


@pytest.mark.newest
@pytest.mark.parametrize("room", [1, 3])
def test_a_chunk_that_was_lost_leaves_a_hole_that_is_told(machine: Machine, room: int) -> None:
    machine.room = room
    _place(machine, ARGV, _many(1500))
    _place(machine, ENVP, [])
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.room = None
    machine.leave(regs, MISSING)

    found = _list(_call(machine))
    whole = 1500 * (record.ELEMENT.size + 41)
    assert found.missing == whole - len(found.items) * (record.ELEMENT.size + 41)
    assert found.end is not None
    assert found.end.why is Why.NOT_CAPTURED
    assert _data(found) == _many(1500)[: len(found.items)]
    assert machine.calls()[0].lost > 0


def test_a_chunk_of_a_new_programs_that_cannot_be_read_leaves_a_hole(machine: Machine) -> None:
    arguments = b"a" * (3 * CHUNK) + b"\0"
    machine.program_memory(arguments, b"")
    mm = machine.be(10)
    at = int.from_bytes(machine.kernel.read(mm + FIELDS.task_mm, 8) or b"", "little")
    end = int.from_bytes(machine.kernel.read(at + FIELDS.mm_arg_end, 8) or b"", "little")
    machine.poke(at + FIELDS.mm_arg_end, end + CHUNK)

    found = _list(_exec(machine, [None], []))

    assert found.missing == CHUNK + 1
    assert found.items == (Text(0, b"a" * (3 * CHUNK), cut=True),)


def test_many_execs_at_once_are_read_each_by_itself(machine: Machine) -> None:
    _place(machine, ENVP, [])
    regs = {}
    for tid in range(100, 100 + MAX_EXECS + 1):
        machine.be(tid)
        machine.track(tid)
        machine.user.forget(ARGV)
        machine.user.forget(STRINGS + ARGV * 0x100)
        _place(machine, ARGV, [b"%d" % tid])
        regs[tid] = machine.enter("execve", FILENAME, ARGV, ENVP)
    for tid, found in regs.items():
        machine.be(tid)
        machine.leave(found, 0)

    assert [_data(_list(call)) for call in machine.calls()] == [[b"%d" % tid] for tid in regs]
