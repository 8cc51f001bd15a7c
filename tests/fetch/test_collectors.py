"""What entry and exit halves copy. The generated programs are run on a machine of our own."""

from __future__ import annotations

import errno

import pytest

from argtrace.fetch import record
from argtrace.fetch.record import Flag
from argtrace.location import syscall
from argtrace.location.frames import COMPAT_IMAGE
from argtrace.transport.records import CallRecord
from tests.support.generated import FRAME, program_set
from tests.support.machine import WORD, Machine

LIMIT = 16
ONE, TWO, THREE = 0x7000, 0x8000, 0x9000


def _machine(*calls: str) -> Machine:
    machine = Machine(program_set(*calls, limit=LIMIT))
    machine.track(10)
    return machine


def _one(machine: Machine) -> CallRecord:
    (call,) = machine.calls()
    return call


def _strings(call: CallRecord, count: int) -> list[bytes | int]:
    """Each string with its NUL, or its errno."""
    found: list[bytes | int] = []
    for number in range(count):
        at, size = call.item(number)
        found.append(size if size < 0 else call.raw[at : at + size])
    return found


def test_a_call_without_pointers() -> None:
    machine = _machine("lseek")
    machine.now = 5_000
    regs = machine.enter("lseek", 3, -10, 1)
    machine.now = 7_500
    machine.leave(regs, 90)

    call = _one(machine)
    assert call[:8] == (0, 0, 10, 10, 7_500, 5_000, 90, 8)
    assert [call.image[FRAME.offsets[register] // 8] for register in ("rdi", "rsi", "rdx")] == [
        3,
        -10 & WORD,
        1,
    ]
    assert len(call.raw) == record.ITEMS


def test_all_six_arguments() -> None:
    machine = _machine("mmap")
    machine.call("mmap", 1, 2, 3, 4, 5, 6, result=-errno.ENOMEM)

    call = _one(machine)
    words = [call.image[FRAME.offsets[register] // 8] for register in syscall.X86_64_REGISTERS]
    assert words == [1, 2, 3, 4, 5, 6]
    assert call.result == -errno.ENOMEM


def test_a_thread_has_its_own_id_and_its_processs() -> None:
    machine = _machine("getppid")
    machine.be(12, tgid=10)
    machine.track(12)
    machine.call("getppid", result=1)

    assert (_one(machine).tid, _one(machine).tgid) == (12, 10)


@pytest.mark.parametrize(
    ("text", "copied"),
    [
        pytest.param(b"\0", b"\0", id="nothing but its NUL"),
        pytest.param(b"/etc\0 and beyond", b"/etc\0", id="up to its NUL"),
        pytest.param(b"a" * LIMIT + b"\0", b"a" * LIMIT + b"\0", id="just as long as the limit"),
        pytest.param(
            b"a" * LIMIT + b"b\0", b"a" * LIMIT + b"b\0", id="one longer, which only its length tells"
        ),
        pytest.param(b"a" * LIMIT + b"bcd\0", b"a" * LIMIT + b"b\0", id="longer still"),
        pytest.param(b"\xff\x1b[31m\0", b"\xff\x1b[31m\0", id="any bytes"),
    ],
)
def test_a_string(text: bytes, copied: bytes) -> None:
    machine = _machine("openat")
    machine.user.place(text, at=ONE)
    machine.call("openat", -100, ONE, 0, 0, result=3)

    call = _one(machine)
    assert _strings(call, 1) == [copied]
    assert len(call.raw) == record.payload_offset(1) + len(copied)
    assert machine.ran == ["at_sys_enter", "at_enter_0", "at_sys_exit"]


@pytest.mark.parametrize(
    ("at_entry", "at_exit", "strings"),
    [
        pytest.param({ONE: b"one\0", TWO: b"two\0"}, {}, [b"one\0", b"two\0"], id="both at entry"),
        pytest.param({ONE: b"one\0"}, {TWO: b"two\0"}, [b"one\0", b"two\0"], id="the second at exit"),
        pytest.param({TWO: b"two\0"}, {ONE: b"one\0"}, [b"one\0", b"two\0"], id="the first at exit"),
        pytest.param({}, {ONE: b"one\0", TWO: b"two\0"}, [b"one\0", b"two\0"], id="both at exit"),
        pytest.param({TWO: b"two\0"}, {}, [-errno.EFAULT, b"two\0"], id="the first never"),
        pytest.param({}, {}, [-errno.EFAULT, -errno.EFAULT], id="neither"),
        pytest.param(
            {ONE: b"x" * 99, TWO: b"y" * 99},
            {},
            [b"x" * (LIMIT + 1) + b"\0", b"y" * (LIMIT + 1) + b"\0"],
            id="both too long",
        ),
        pytest.param(
            {ONE: b"x" * 99},
            {TWO: b"y" * 99},
            [b"x" * (LIMIT + 1) + b"\0", b"y" * (LIMIT + 1) + b"\0"],
            id="both too long, the second at exit",
        ),
    ],
)
def test_what_was_not_there_at_entry_is_read_at_exit(
    at_entry: dict[int, bytes], at_exit: dict[int, bytes], strings: list[bytes | int]
) -> None:
    machine = _machine("rename")
    for address, text in at_entry.items():
        machine.user.place(text, at=address)
    regs = machine.enter("rename", ONE, TWO)
    for address, text in at_exit.items():
        machine.user.place(text, at=address)
    machine.leave(regs, 0)

    call = _one(machine)
    assert _strings(call, 2) == strings
    assert len(call.raw) == record.payload_offset(2) + sum(
        len(text) for text in strings if isinstance(text, bytes)
    )


def test_what_was_read_at_entry_is_kept_though_it_changes() -> None:
    machine = _machine("rename")
    machine.user.place(b"before\0", at=ONE)
    regs = machine.enter("rename", ONE, TWO)
    machine.user.forget(ONE)
    machine.user.place(b"after\0", at=ONE)
    machine.user.place(b"two\0", at=TWO)
    machine.leave(regs, 0)

    assert _strings(_one(machine), 2) == [b"before\0", b"two\0"]


def test_three_strings() -> None:
    machine = _machine("mount")
    for address, text in ((ONE, b"/dev/sda\0"), (TWO, b"/mnt\0"), (THREE, b"ext4\0")):
        machine.user.place(text, at=address)
    machine.call("mount", ONE, TWO, THREE, 0, 0)

    assert _strings(_one(machine), 3) == [b"/dev/sda\0", b"/mnt\0", b"ext4\0"]


def test_the_next_call_of_a_task_has_nothing_of_the_one_before() -> None:
    machine = _machine("openat,close")
    machine.call("openat", -100, ONE, 0, 0, result=-errno.EFAULT)
    machine.user.place(b"/etc/hosts\0", at=ONE)
    machine.call("openat", -100, ONE, 0, 0, result=3)
    machine.call("close", 3)

    first, second, third = machine.calls()
    assert _strings(first, 1) == [-errno.EFAULT]
    assert _strings(second, 1) == [b"/etc/hosts\0"]
    assert (len(third.raw), third.result, third.flags) == (record.ITEMS, 0, 0)


def test_a_call_that_does_not_return_is_sent_at_its_entry() -> None:
    machine = _machine("exit_group")
    machine.enter("exit_group", 3)

    call = _one(machine)
    assert (call.flags, call.number) == (Flag.NO_RESULT, 231)
    assert call.time == call.start == machine.now

    machine.run("sched_process_exit", machine.be(10))
    assert len(machine.calls()) == 1


def test_a_32_bit_call_has_its_own_registers() -> None:
    machine = _machine("openat")
    machine.call(295, 1, 2, 3, 4, 5, 6, result=-errno.ENOENT & 0xFFFF_FFFF, compat=True)

    call = _one(machine)
    assert (call.number, call.flags, call.result) == (295, Flag.COMPAT, -errno.ENOENT)
    assert [call.image[COMPAT_IMAGE[register] // 8] for register in syscall.I386_REGISTERS] == [
        1, 2, 3, 4, 5, 6,
    ]  # fmt: skip


@pytest.mark.parametrize("number", [435 + 60, record.CALLS, 0xBAD, -1], ids=lambda n: f"number {n}")
def test_a_number_that_no_table_has(number: int) -> None:
    machine = _machine()
    machine.call(number, 1, 2, result=-errno.ENOSYS)

    call = _one(machine)
    assert (call.number, call.flags, call.result) == (number & 0xFFFF_FFFF, 0, -errno.ENOSYS)


def test_a_full_ring_is_counted_and_told_with_the_next_record() -> None:
    machine = _machine("getppid,close")
    machine.room = 1
    machine.call("getppid")
    machine.call("close", 3)
    machine.call("close", 4)
    machine.call("getppid")
    machine.room = None
    machine.call("close", 5)

    first, second = machine.calls()
    assert (first.lost, second.lost) == (0, 3)
    assert (second.number, machine.value("losses", 3), machine.value("losses", 110)) == (
        3, (2).to_bytes(8, "little"), (1).to_bytes(8, "little"),
    )  # fmt: skip


def test_two_tasks_in_calls_at_the_same_time() -> None:
    machine = _machine("openat")
    machine.user.place(b"mine\0", at=ONE)
    machine.user.place(b"yours\0", at=TWO)
    mine = machine.enter("openat", -100, ONE)
    machine.be(20)
    machine.track(20)
    yours = machine.enter("openat", -100, TWO)
    machine.be(10)
    machine.leave(mine, 3)
    machine.be(20)
    machine.leave(yours, 4)

    assert [(call.tid, call.result, *_strings(call, 1)) for call in machine.calls()] == [
        (10, 3, b"mine\0"),
        (20, 4, b"yours\0"),
    ]
