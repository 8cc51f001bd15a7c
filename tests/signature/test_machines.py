"""The calls of arm64: their numbers, and what x86-64's declarations say of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.fetch.record import CALLS
from argtrace.signature import constants, machines
from argtrace.signature.calls import declarations
from argtrace.signature.layouts import ArrayOf, layout
from argtrace.signature.model import Opaque, Signature
from argtrace.signature.spell import prototype
from argtrace.signature.syscalls import NAMES, NUMBERS, compat, compat_names, compat_of, names, signatures
from argtrace.signature.tables import structs, structs_aarch64
from argtrace.signature.tables.constants_index import FAMILIES
from argtrace.target import AARCH64, X86_64

GENERIC = Path("/usr/include/asm-generic/unistd.h")
OURS = names(AARCH64)
BY_NAME = {name: number for number, name in OURS.items()}


def _signature(name: str) -> Signature:
    return signatures([BY_NAME[name]], None, AARCH64)[BY_NAME[name]]


def test_numbers() -> None:
    # include/uapi/asm-generic/unistd.h: fixed for ever
    known = {
        "io_setup": 0,
        "openat": 56,
        "read": 63,
        "newfstatat": 79,
        "clone": 220,
        "mmap": 222,
        "execve": 221,
    }
    assert known.items() <= BY_NAME.items()
    assert len(BY_NAME) == len(OURS) == 328


def test_new_calls_have_one_number_on_every_machine() -> None:
    assert {n: name for n, name in OURS.items() if n >= 424} == {
        n: name for n, name in NAMES.items() if n >= 424
    }


def test_numbers_are_those_of_the_header() -> None:
    if not GENERIC.is_file():
        pytest.skip("The header asm-generic/unistd.h is not installed.")
    text = GENERIC.read_text()
    first_of = dict(re.findall(r"(?m)^#define (__NR3264_\w+) (\d+)", text))
    stated = re.findall(r"(?m)^#define __NR_(\w+)\s+(\d+|__NR3264_\w+)", text)
    for name, given in stated:
        number = first_of.get(given, given)
        if name in BY_NAME:
            assert str(BY_NAME[name]) == number
        elif number.isdecimal():  # of 32 bits, of other machines, or no call
            others = ("llseek", "mmap2", "sync_file_range2", "syscalls", "arch_specific_syscall")
            assert "64" in name or name in others


def test_every_call_has_a_declaration() -> None:
    assert set(BY_NAME) - declarations().keys() == set()


def test_what_is_missing_has_another_call_for_it() -> None:
    old = {"open", "stat", "fork", "pipe", "dup2", "select", "poll", "epoll_wait", "mkdir", "unlink", "time"}
    assert old <= NUMBERS.keys() - BY_NAME.keys()


@pytest.mark.parametrize("number", sorted(OURS), ids=OURS.get)
def test_a_plan_follows(number: int) -> None:
    signature = signatures([number], None, AARCH64)[number]
    assert plans(number, signature, AARCH64, Limits()).default.number == number


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param(
            "openat",
            "long openat(int dfd, const char *filename, int flags, umode_t mode)",
            id="parameters are those of x86-64",
        ),
        pytest.param(
            "clone",
            "long clone(unsigned long clone_flags, unsigned long newsp, int *parent_tidptr,"
            " unsigned long tls, int *child_tidptr)",
            id="clone has tls before child_tidptr",
        ),
    ],
)
def test_parameters(name: str, text: str) -> None:
    assert prototype(_signature(name)) == text
    assert [param.name for param in _signature(name).params] == [
        param.declared for param in _signature(name).params
    ]


def test_a_declaration_of_x86_64_stays_as_it_is() -> None:
    for name, declaration in declarations().items():
        assert machines.declared(name, declaration, X86_64) is declaration


def test_a_declaration_that_names_nothing_of_a_machine_is_the_same_on_both() -> None:
    there = machines.declared("getcwd", declarations()["getcwd"], AARCH64)
    assert there == declarations()["getcwd"]


def test_every_set_and_structure_of_arm64_stands_for_one_of_x86_64_or_is_new() -> None:
    sets = {name.removesuffix(machines.SUFFIX) for name in FAMILIES if name.endswith(machines.SUFFIX)}
    assert sets == {"open", "pipe2", "mmap_prot", "mmap_flags", "pkey_rights", "ptrace_request"}
    assert sets <= FAMILIES.keys()
    new = {"user_pt_regs", "user_fpsimd_state"}
    assert structs_aarch64.STRUCTS.keys() - structs.STRUCTS.keys() == new


def test_members_are_found_in_the_table_of_x86_64() -> None:
    # A member's structure is looked up there, so it must be the same on both.
    for name in structs_aarch64.STRUCTS:
        for member in layout(f"{name}@aarch64").members:
            type = member.type
            while isinstance(type, ArrayOf):
                type = type.element
            if isinstance(type, Opaque):
                assert type.name in structs.STRUCTS.keys() - structs_aarch64.STRUCTS.keys()


# include/uapi/asm-generic/stat.h, linux/eventpoll.h (packed on x86-64 alone), arm64's asm/fcntl.h


@pytest.mark.parametrize(
    ("name", "member", "here", "there"),
    [
        pytest.param("stat", "st_nlink", 16, 20, id="an int behind st_mode, not a long before it"),
        pytest.param("stat", "st_size", 48, 48, id="st_size"),
        pytest.param("epoll_event", "data", 4, 8, id="epoll_event is packed on x86-64 alone"),
    ],
)
def test_layouts(name: str, member: str, here: int, there: int) -> None:
    assert layout(name).member(member).offset == here
    assert layout(f"{name}@aarch64").member(member).offset == there


@pytest.mark.parametrize(
    ("name", "here", "there"),
    [
        pytest.param("O_DIRECTORY", 0o200000, 0o40000, id="O_DIRECTORY"),
        pytest.param("O_NOFOLLOW", 0o400000, 0o100000, id="O_NOFOLLOW"),
        pytest.param("O_DIRECT", 0o40000, 0o200000, id="O_DIRECT"),
        pytest.param("O_LARGEFILE", 0o100000, 0o400000, id="O_LARGEFILE"),
        pytest.param("O_TMPFILE", 0o20200000, 0o20040000, id="O_TMPFILE has O_DIRECTORY in it"),
        pytest.param("O_CLOEXEC", 0o2000000, 0o2000000, id="O_CLOEXEC"),
    ],
)
def test_flags_of_open(name: str, here: int, there: int) -> None:
    assert (constants.number("open", name), constants.number("open@aarch64", name)) == (here, there)


def test_32_bit_calls_of_arm() -> None:
    # arch/arm/tools/syscall.tbl and arch/arm/include/uapi/asm/unistd.h: fixed for ever
    known = {0: "restart_syscall", 5: "open", 120: "clone", 192: "mmap2", 322: "openat", 0xF0005: "set_tls"}
    assert known.items() <= compat_names(AARCH64).items()
    assert compat(0xF0002, AARCH64).name == "cacheflush"
    assert compat(0xF0007, AARCH64).name == "syscall_0xf0007"


def test_32_bit_calls_that_a_64_bit_one_brings_along_have_an_index() -> None:
    assert compat_of(["openat", "mmap"], AARCH64, everything=False) == {322: "openat"}
    everything = compat_of(OURS.values(), AARCH64, everything=True)
    assert everything[192] == "mmap2"
    assert max(everything) < CALLS
