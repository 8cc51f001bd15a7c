"""The strings of an exec: as the programs walk them, up to the end of the list or of the room for it."""

from __future__ import annotations

import pytest

from argtrace.fetch import record
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import CopyStrings
from argtrace.signature.syscalls import NUMBERS
from argtrace.target import X86_64
from argtrace.transport.records import CallRecord
from tests.support.decoding import signatures
from tests.support.generated import of_plans
from tests.support.machine import Machine
from tests.support.tracee import Tracee

EXECVE = NUMBERS["execve"]
FILENAME, ARGV, ENVP, STRINGS = 0x1000_0000, 0x2000_0000, 0x3000_0000, 0x4000_0000
LIMITS = Limits(strings=256)


def told(call: CallRecord) -> list[object]:
    """File name and lists, with the bytes of each, how many there were, and how they ended."""
    plan = plans(EXECVE, signatures()[EXECVE], X86_64, LIMITS).default
    found: list[object] = [call.item(0)[1]]
    for step in plan.steps:
        if isinstance(step, CopyStrings):
            at, size = call.item(step.item)
            begin = record.ITEMS + record.ITEM.size * (step.item + 1)
            found += [size, call.raw[at : at + size], record.ITEM.unpack_from(call.raw, begin)]
    return found


@pytest.mark.parametrize("longest", [1, 40, 200, 300])
@pytest.mark.parametrize("count", [0, 1, 30, 200, 450])
@pytest.mark.parametrize("ends", [True, False], ids=["a null pointer", "the end of memory"])
def test_lists_are_walked_as_by_the_programs(longest: int, count: int, ends: bool) -> None:
    """Of up to a thousand strings: more need more tail calls than the kernel allows, and ptrace has them."""
    strings = [bytes([65 + n % 26]) * (n % longest) + b"\0" for n in range(count)]
    made = (
        Machine(of_plans(plans(EXECVE, signatures()[EXECVE], X86_64, LIMITS))),
        Tracee(plans(EXECVE, signatures()[EXECVE], X86_64, LIMITS)),
    )
    made[0].track(10)
    pointers, at = [], STRINGS
    for string in strings:
        pointers.append(at)
        at += len(string)
    words = [*pointers, *([0] if ends else [])]
    for each in made:
        each.user.place(b"/bin/ls\0", at=FILENAME)
        for where in (ARGV, ENVP):
            each.user.place(b"".join(word.to_bytes(8, "little") for word in words), at=where)
        each.user.place(b"".join(strings), at=STRINGS)
        each.call(EXECVE, FILENAME, ARGV, ENVP, result=-2)
    (bpf,), (ptrace,) = (each.calls() for each in made)
    assert told(ptrace) == told(bpf)


def test_one_that_worked_is_not_read_again_where_another_program_is_now() -> None:
    tracee = Tracee(plans(EXECVE, signatures()[EXECVE], X86_64, LIMITS))
    making = tracee.enter(EXECVE, FILENAME, ARGV, ENVP)
    tracee.user.place(b"another's\0", at=FILENAME)
    tracee.leave(making, 0)
    assert tracee.calls()[0].item(0)[1] < 0
