"""argv and environment of an exec: walked at entry, again if it fails, or taken from the new program."""

from __future__ import annotations

import errno

import pytest

from argtrace.fetch import record
from argtrace.fetch.derive import ARRAY_SPACE
from argtrace.fetch.execs import STRETCH
from argtrace.fetch.layout import MAX_EXECS
from argtrace.fetch.record import BLOB, BLOB_CUT, CUT, ENDED
from argtrace.transport.records import CallRecord
from tests.support.generated import program_set
from tests.support.machine import Machine

LIMIT = 64
FILENAME, ARGV, ENVP, STRINGS = 0x1000, 0x2000, 0x8000, 0x100000
ITEM_ARGV, ITEM_ENVP = 1, 4

List = tuple[list[bytes | int], int]
"""What is in a list, each string with its NUL or as an errno, and how it ended."""


@pytest.fixture
def machine() -> Machine:
    machine = Machine(program_set("execve", limit=LIMIT))
    machine.track(10)
    return machine


def _place(machine: Machine, at: int, strings: list[bytes], *, end: bool = True) -> None:
    """An array of addresses, and behind each a string."""
    first = STRINGS + at * 0x1000
    addresses = [first + 0x100 * n for n in range(len(strings))]
    for address, string in zip(addresses, strings, strict=True):
        if string:
            machine.user.place(string + b"\0", at=address)
    words = [*addresses, 0] if end else addresses
    if words:
        machine.user.place(b"".join(word.to_bytes(8, "little") for word in words), at=at)


def _exec(machine: Machine, result: int = 0) -> CallRecord:
    machine.call("execve", FILENAME, ARGV, ENVP, result=result)
    (call,) = machine.calls()
    return call


def _filename(call: CallRecord) -> bytes | int:
    at, size = call.item(0)
    return size if size < 0 else call.raw[at : at + size]


def _list(call: CallRecord, item: int) -> List:
    at, size = call.item(item)
    count, end = record.ITEM.unpack_from(call.raw, record.ITEMS + record.ITEM.size * (item + 1))
    if end in (BLOB, BLOB_CUT):
        return [call.raw[at : at + size]], end
    strings: list[bytes | int] = []
    position = at
    for _ in range(count):
        length, _ = record.ELEMENT.unpack_from(call.raw, position)
        position += record.ELEMENT.size
        strings.append(length if length < 0 else call.raw[position : position + length])
        position += max(length, 0)
    assert position == at + size
    return strings, end


def test_a_small_exec(machine: Machine) -> None:
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    _place(machine, ARGV, [b"ls", b"-l"])
    _place(machine, ENVP, [b"A=1"])

    call = _exec(machine)

    assert _filename(call) == b"/bin/ls\0"
    assert _list(call, ITEM_ARGV) == ([b"ls\0", b"-l\0"], ENDED)
    assert _list(call, ITEM_ENVP) == ([b"A=1\0"], ENDED)
    assert (call.number, call.result, call.flags) == (59, 0, 0)
    assert not machine.maps["execs"].values


@pytest.mark.parametrize("count", [0, 1, STRETCH - 1, STRETCH, STRETCH + 1, 200])
def test_any_number_of_arguments(machine: Machine, count: int) -> None:
    arguments = [b"argument %d" % n for n in range(count)]
    _place(machine, ARGV, arguments)
    _place(machine, ENVP, [b"LAST=1"])

    call = _exec(machine, result=-errno.ENOENT)

    assert _list(call, ITEM_ARGV) == ([argument + b"\0" for argument in arguments], ENDED)
    assert _list(call, ITEM_ENVP) == ([b"LAST=1\0"], ENDED)
    # The end after a full stretch is seen by the next one. At exit there is nothing to read again
    # but the file name, and then all of it is.
    assert machine.ran.count("at_exec_argv") == 2 * (count // STRETCH + 1)


@pytest.mark.parametrize(
    "filename",
    [
        pytest.param(b"/bin/ls\0", id="all that was reached was read at entry"),
        pytest.param(b"", id="something was not, and there is a second walk, which is as long"),
    ],
)
def test_more_strings_than_tail_calls_reach(machine: Machine, filename: bytes) -> None:
    """32 strings a call, 33 calls in a row: those that were reached are shown, and that there are more."""
    machine.user.place(filename, at=FILENAME)
    _place(machine, ARGV, [b"x"] * 1500)
    _place(machine, ENVP, [])

    call = _exec(machine, result=-errno.E2BIG)
    strings, end = _list(call, ITEM_ARGV)

    assert end == CUT
    assert set(strings) == {b"x\0"}
    assert 30 * STRETCH <= len(strings) < 1500
    assert _list(call, ITEM_ENVP) == ([], CUT)
    assert not machine.maps["execs"].values


def test_more_bytes_than_there_is_room_for(machine: Machine) -> None:
    _place(machine, ARGV, [b"y" * LIMIT] * (ARRAY_SPACE // LIMIT + 50))
    _place(machine, ENVP, [b"A=1"])

    call = _exec(machine, result=-errno.ENOENT)
    strings, end = _list(call, ITEM_ARGV)

    assert end == CUT
    assert set(strings) == {b"y" * LIMIT + b"\0"}
    assert len(strings) * (LIMIT + 1 + record.ELEMENT.size) > ARRAY_SPACE - 2 * LIMIT
    assert _list(call, ITEM_ENVP) == ([b"A=1\0"], ENDED)


def test_both_arrays_are_cut_within_their_own_room(machine: Machine) -> None:
    for array in (ARGV, ENVP):
        _place(machine, array, [b"y" * LIMIT] * (ARRAY_SPACE // LIMIT + 50))

    call = _exec(machine, result=-errno.E2BIG)

    sizes = [call.item(item)[1] for item in (ITEM_ARGV, ITEM_ENVP)]
    assert [_list(call, item)[1] for item in (ITEM_ARGV, ITEM_ENVP)] == [CUT, CUT]
    # What the file name left free of its own room is the first array's.
    assert sizes[0] <= ARRAY_SPACE + LIMIT + 2
    assert sum(sizes) <= 2 * ARRAY_SPACE + LIMIT + 2
    assert len(call.raw) <= machine.programs.layout.exec_space


def test_an_argument_that_is_too_long(machine: Machine) -> None:
    _place(machine, ARGV, [b"z" * (LIMIT + 20), b"-l"])
    _place(machine, ENVP, [])

    assert _list(_exec(machine), ITEM_ARGV) == ([b"z" * (LIMIT + 1) + b"\0", b"-l\0"], ENDED)


def test_the_kernels_word_for_what_could_not_be_read_and_worked(machine: Machine) -> None:
    """The pages were not there at entry; the new program has the strings, one after the other."""
    machine.program_memory(b"ls\0-l\0", b"A=1\0B=2\0")

    call = _exec(machine)

    assert _list(call, ITEM_ARGV) == ([b"ls\0-l\0"], BLOB)
    assert _list(call, ITEM_ENVP) == ([b"A=1\0B=2\0"], BLOB)
    assert not machine.maps["execs"].values


def test_the_new_programs_strings_may_be_too_many(machine: Machine) -> None:
    machine.program_memory(b"ls\0", b"B=2\0" * (ARRAY_SPACE // 4 + 1))

    call = _exec(machine)

    assert _list(call, ITEM_ARGV) == ([b"ls\0"], BLOB)
    assert _list(call, ITEM_ENVP) == ([b"B=2\0" * (ARRAY_SPACE // 4)], BLOB_CUT)


@pytest.mark.parametrize(
    "missing", [pytest.param(True, id="an address is missing"), pytest.param(False, id="a string is")]
)
def test_one_unread_string_is_reason_enough_to_ask_the_new_program(machine: Machine, missing: bool) -> None:
    _place(machine, ARGV, [b"ls", b"" if not missing else b"-l"], end=not missing)
    _place(machine, ENVP, [])
    machine.program_memory(b"ls\0-l\0", b"")

    assert _list(_exec(machine), ITEM_ARGV) == ([b"ls\0-l\0"], BLOB)


def test_an_exec_that_failed_is_read_again(machine: Machine) -> None:
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.user.place(b"/bin/nothing\0", at=FILENAME)
    _place(machine, ARGV, [b"nothing", b"-l"])
    _place(machine, ENVP, [b"A=1"])
    machine.leave(regs, -errno.ENOENT)

    (call,) = machine.calls()
    assert _filename(call) == b"/bin/nothing\0"
    assert _list(call, ITEM_ARGV) == ([b"nothing\0", b"-l\0"], ENDED)
    assert _list(call, ITEM_ENVP) == ([b"A=1\0"], ENDED)
    assert not machine.maps["execs"].values


def test_what_an_exec_that_failed_could_never_read(machine: Machine) -> None:
    _place(machine, ARGV, [b"ls", b"", b"-l"], end=False)

    call = _exec(machine, result=-errno.EFAULT)

    assert _filename(call) == -errno.EFAULT
    assert _list(call, ITEM_ARGV) == ([b"ls\0", -errno.EFAULT, b"-l\0"], -errno.EFAULT)
    assert _list(call, ITEM_ENVP) == ([], -errno.EFAULT)


def test_a_file_name_that_was_not_read_is_taken_from_the_kernel(machine: Machine) -> None:
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [])
    machine.program_memory(b"ls\0", b"")
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(b"/bin/ls"))
    machine.leave(regs, 0)

    (call,) = machine.calls()
    assert _filename(call) == b"/bin/ls\0"


@pytest.mark.parametrize("name", [b"/dev/fd/3", b"/dev/fd/3/true"])
def test_a_file_name_that_the_kernel_made_up_is_nobodys(machine: Machine, name: bytes) -> None:
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [])
    machine.program_memory(b"ls\0", b"")
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(name))
    machine.leave(regs, 0)

    (call,) = machine.calls()
    assert _filename(call) == -errno.EFAULT


def test_a_file_name_that_was_read_stays(machine: Machine) -> None:
    machine.user.place(b"./ls\0", at=FILENAME)
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [])
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.run("sched_process_exec", machine.be(10), 10, machine.binary(b"/bin/ls"))
    machine.leave(regs, 0)

    (call,) = machine.calls()
    assert _filename(call) == b"./ls\0"
    assert _list(call, ITEM_ARGV) == ([b"ls\0"], ENDED)


def test_an_exec_by_a_thread_goes_on_under_its_processs_id(machine: Machine) -> None:
    """fs/exec.c, de_thread(): the thread that execs takes over the first thread's id."""
    machine.be(12, tgid=10)
    machine.track(12)
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [])
    regs = machine.enter("execve", FILENAME, ARGV, ENVP)
    task = machine.be(10)  # the thread under its new id
    machine.run("sched_process_exec", task, 12, machine.binary(b"/bin/ls"))
    machine.leave(regs, 0)

    (call,) = machine.calls()
    assert (call.tid, call.tgid, call.result) == (12, 10, 0)
    assert _list(call, ITEM_ARGV) == ([b"ls\0"], ENDED)
    assert machine.tracked() == {10}
    assert not machine.maps["execs"].values


def test_too_many_execs_at_once_lose_their_strings_and_nothing_else(machine: Machine) -> None:
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [])
    for tid in range(100, 100 + MAX_EXECS):
        machine.be(tid)
        machine.track(tid)
        machine.enter("execve", FILENAME, ARGV, ENVP)
    machine.be(10)

    call = _exec(machine, result=-errno.EACCES)

    assert (call.tid, call.result) == (10, -errno.EACCES)
    assert [call.item(item)[1] for item in (0, ITEM_ARGV, ITEM_ENVP)] == [-errno.ENOBUFS] * 3
    assert len(machine.maps["execs"].values) == MAX_EXECS


def test_a_task_that_dies_in_its_exec_gives_its_slot_back(machine: Machine) -> None:
    machine.enter("execve", FILENAME, ARGV, ENVP)
    assert machine.maps["execs"].values

    machine.run("sched_process_exit", machine.be(10))

    assert not machine.maps["execs"].values
    assert machine.tracked() == set()


def test_execveat_has_its_arguments_one_place_further_on() -> None:
    machine = Machine(program_set("execveat", limit=LIMIT))
    machine.track(10)
    machine.user.place(b"/bin/ls\0", at=FILENAME)
    _place(machine, ARGV, [b"ls"])
    _place(machine, ENVP, [b"A=1"])
    machine.call("execveat", -100, FILENAME, ARGV, ENVP, 0)

    (call,) = machine.calls()
    assert _filename(call) == b"/bin/ls\0"
    assert (_list(call, ITEM_ARGV), _list(call, ITEM_ENVP)) == (([b"ls\0"], ENDED), ([b"A=1\0"], ENDED))


def test_a_null_array_is_an_empty_one(machine: Machine) -> None:
    """execve(path, NULL, NULL): Linux takes it, and its own word for what ran is an empty name."""
    machine.program_memory(b"\0", b"")
    machine.call("execve", FILENAME, 0, 0)

    (call,) = machine.calls()
    assert _list(call, ITEM_ARGV) == ([b"\0"], BLOB)
    assert _list(call, ITEM_ENVP) == ([b""], BLOB)
