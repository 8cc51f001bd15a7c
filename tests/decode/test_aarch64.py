"""A record of an arm64 kernel is read on any machine: registers x0 to x7, its numbers, its layouts."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

import pytest

from argtrace.decode import table as tables
from argtrace.decode.model import Address, Flags, Named, Pid, Struct, Text, Unused, Value
from argtrace.decode.process import siginfo
from argtrace.fetch import record
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.fetch.record import Kind
from argtrace.signature import machines
from argtrace.signature.calls import declarations
from argtrace.signature.syscalls import names, signatures
from argtrace.target import AARCH64
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from tests.support.scope import decode, plain

NUMBERS = {name: number for number, name in names(AARCH64).items()}


def _decoded(
    name: str, registers: Sequence[int], fetched: Sequence[bytes] = (), result: int = 0
) -> tuple[Mapping[str, Value], Value | None]:
    """A call as an arm64 kernel's programs would have recorded it: `fetched` are its items in order."""
    number = NUMBERS[name]
    signature = signatures([number], None, AARCH64)[number]
    planned = plans(number, signature, AARCH64, Limits())
    at, items = planned.default.payload, b""
    for data in fetched:
        items += record.ITEM.pack(at, len(data))
        at += len(data)
    for _ in range(planned.default.items - len(fetched)):
        items += record.ITEM.pack(0, record.SKIPPED)
    head = record.COMMON.pack(Kind.CALL, 0, 0, 100, 100, 2_000)
    words = [word & (1 << 64) - 1 for word in registers]
    image = struct.pack("<8Q", *words, *(0xBAD,) * (8 - len(words)))
    head += record.CALL.pack(1_000, result, number, at) + image
    call = records.parse((head + items).ljust(planned.default.payload, b"\0") + b"".join(fetched))
    assert isinstance(call, CallRecord)
    values, returned = tables.arguments(tables.table(signature, planned, AARCH64, 4096), call)
    return values, returned.value


def test_openat() -> None:
    values, _ = _decoded("openat", (-100, 0x1000, 0o2040000, 0o644), [b"/etc\0"], result=3)

    assert values["dfd"] == Named((1 << 64) - 100, -100, "AT_FDCWD")
    assert values["filename"] == Text(0x1000, b"/etc")
    assert isinstance(values["flags"], Flags)
    assert values["flags"].names == ("O_RDONLY", "O_DIRECTORY", "O_CLOEXEC")
    assert isinstance(values["mode"], Unused)


def test_newfstatat() -> None:
    # include/uapi/asm-generic/stat.h: st_dev, st_ino, st_mode, st_nlink, uid, gid, rdev, pad, size, …
    stat = struct.pack(
        "<QQIIIIQQqii9qII", 0x801, 77, 0o100644, 5, 0, 0, 0, 0, 1234, 4096, 0, 8, *(0,) * 8, 0, 0
    )
    values, _ = _decoded("newfstatat", (-100, 0x1000, 0x2000, 0), [b"/etc/hosts\0", stat[:128]])

    found = values["statbuf"]
    assert isinstance(found, Struct)
    assert found.name == "stat"
    members = dict(found.members)
    assert [getattr(members[name], "value", None) for name in ("st_ino", "st_nlink", "st_size")] == [
        77,
        5,
        1234,
    ]
    assert found.end is None


def test_epoll_ctl() -> None:
    event = struct.pack("<IIQ", 1, 0xFFFF_FFFF, 7)
    values, _ = _decoded("epoll_ctl", (4, 1, 7, 0x3000), [event])

    found = values["event"]
    assert isinstance(found, Struct)
    assert found.name == "epoll_event"
    assert dict(found.members)["events"].raw == 1
    assert found.end is None


def test_clone() -> None:
    settls, child_cleartid = 0x80000, 0x200000
    values, result = _decoded("clone", (settls | child_cleartid | 17, 0x10, 0x20, 0x7F00, 0x30), result=42)

    assert list(values) == ["clone_flags", "newsp", "parent_tidptr", "tls", "child_tidptr"]
    assert values["tls"] == Address(0x7F00)
    assert values["child_tidptr"] == Address(0x30)
    assert result == Pid(42, 42)


def test_the_kind_of_a_machine_is_no_part_of_a_name() -> None:
    for number, signature in signatures(sorted(NUMBERS.values()), None, AARCH64).items():
        assert "@" not in signature.name + "".join(param.name for param in signature.params), number


def test_registers_that_ptrace_gives() -> None:
    """PTRACE_GETREGSET of NT_PRSTATUS: struct user_pt_regs, and not x86-64's; declared as such."""
    registers = struct.pack("<34Q", *range(31), 0xFFFF_F000, 0xAAAA_1234, 0x8000_0000)
    found = plain(decode("regset@aarch64", registers, addr=1))
    assert found["regs"] == list(range(31))
    assert (found["sp"], found["pc"], found["pstate"]) == ("0xfffff000", "0xaaaa1234", 0x8000_0000)
    assert plain(decode("regset@aarch64", bytes(527) + b"\1", addr=2))["__reserved"] == [0, 1 << 24]

    ptrace = machines.declared("ptrace", declarations()["ptrace"], AARCH64)
    assert "regset@aarch64" in repr(ptrace)
    assert "'regset'" not in repr(ptrace)


@pytest.mark.parametrize(
    ("number", "name"), [(33, "PTRACE_PEEKMTETAGS"), (32, "PTRACE_SYSEMU_SINGLESTEP"), (12, None)]
)
def test_requests_of_ptrace(number: int, name: str | None) -> None:
    values, _ = _decoded("ptrace", (number, 10, 0, 0))

    found = values["request"]
    assert (found.name if isinstance(found, Named) else None) == name


def test_a_signal_by_seccomp_names_the_call_of_its_machine() -> None:
    # kernel/seccomp.c: si_call_addr, si_syscall, si_arch (AUDIT_ARCH_AARCH64)
    info = struct.pack("<iii4xQiI", 31, 0, 1, 0x1000, NUMBERS["openat"], 0xC000_00B7).ljust(128, b"\0")
    found = siginfo(31, info)["si_syscall"]

    assert isinstance(found, Named)
    assert found.name == "__NR_openat"
