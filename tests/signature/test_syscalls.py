"""A call's signature: from the kernel that runs where it tells, else from the table."""

from __future__ import annotations

import pathlib

import pytest

from argtrace.fetch import record
from argtrace.signature import syscalls
from argtrace.signature.aliases import ENTRY_NAMES
from argtrace.signature.calls import declarations
from argtrace.signature.meaning import ADDRESS, DIRFD, FD, HEX, INT, PERMISSIONS, In, Path, Strings
from argtrace.signature.model import Signature
from argtrace.signature.spell import prototype

FORMATS = pathlib.Path(__file__).parent.parent / "cases" / "formats"
NUMBERS = syscalls.NUMBERS


def _captured(release: str) -> syscalls.ReadFormat:
    """The formats captured from one kernel; others it does not have."""

    def read(event: str) -> str | None:
        path = FORMATS / f"{event}-{release}.format"
        return path.read_text() if path.exists() else None

    return read


def _signature(name: str, read_format: syscalls.ReadFormat | None) -> Signature:
    return syscalls.signatures([NUMBERS[name]], read_format)[NUMBERS[name]]


@pytest.mark.parametrize(
    ("name", "release", "text"),
    [
        pytest.param(
            "openat",
            "6.18",
            "long openat(int dfd, const char *filename, int flags, umode_t mode)",
            id="the number field is no parameter",
        ),
        pytest.param(
            "openat",
            "7.3",
            "long openat(int dfd, const char *filename, int flags, umode_t mode)",
            id="neither are the strings that newer kernels add",
        ),
        pytest.param(
            "add_key",
            "7.3",
            "long add_key(const char *_type, const char *_description, const void *_payload, size_t plen,"
            " key_serial_t ringid)",
            id="even if there are two",
        ),
        pytest.param("getppid", "6.18", "long getppid(void)", id="a call may have no parameters at all"),
        pytest.param(
            "mmap",
            "6.18",
            "void *mmap(unsigned long addr, unsigned long len, unsigned long prot, unsigned long flags,"
            " unsigned long fd, unsigned long off)",
            id="the result of mmap is an address",
        ),
        pytest.param(
            "fstat",
            "6.18",
            "long fstat(unsigned int fd, struct stat *statbuf)",
            id="the kernel has fstat's format under another name",
        ),
        pytest.param(
            "futex",
            "5.10",
            "long futex(u32 *uaddr, int op, u32 val, struct __kernel_timespec *utime, u32 *uaddr2, u32 val3)",
            id="a parameter that was renamed has the name of the kernel that runs",
        ),
    ],
)
def test_tracefs_is_asked_first(name: str, release: str, text: str) -> None:
    signature = _signature(name, _captured(release))

    assert prototype(signature) == text
    assert signature.source == "tracefs"


@pytest.mark.parametrize(
    "read_format",
    [
        pytest.param(None, id="tracefs cannot be read"),
        pytest.param(lambda _: None, id="tracefs has no such event"),
        pytest.param(lambda _: "", id="the format is empty"),
        pytest.param(
            lambda event: (_captured("6.18")(event) or "")[:-500], id="the format is cut in its middle"
        ),
    ],
)
@pytest.mark.parametrize("name", ["openat", "execve", "fstat"])
def test_else_the_table_answers(name: str, read_format: syscalls.ReadFormat | None) -> None:
    signature = _signature(name, read_format)

    assert signature.source == "table"
    assert signature.params == _signature(name, _captured("6.18")).params


@pytest.mark.parametrize(
    "name", ["openat", "execve", "add_key", "write", "futex", "mmap", "getppid", "fstat"]
)
def test_meanings_are_the_same_whoever_tells(name: str) -> None:
    table = _signature(name, None)
    for release in ("5.10", "6.18", "7.3"):
        told = _signature(name, _captured(release))
        assert [param.meaning for param in told.params] == [param.meaning for param in table.params]
        assert [param.declared for param in told.params] == [param.declared for param in table.params]
        assert (told.result, told.returns) == (table.result, table.returns)


def test_a_string_is_known_for_one() -> None:
    params = _signature("execve", _captured("6.18")).params

    assert [param.meaning for param in params] == [In(Path()), In(Strings()), In(Strings())]


def test_a_parameter_that_was_renamed_is_still_named_by_sizes() -> None:
    params = _signature("futex", _captured("5.10")).params

    assert [param.name for param in params][3] == "utime"
    assert params[3].declared == declarations()["futex"].params[3][0]


def _told(*fields: str) -> syscalls.ReadFormat:
    """A kernel whose every call has these fields."""
    lines = (
        f"\tfield:{field};\toffset:{16 + 8 * at};\tsize:8;\tsigned:0;\n" for at, field in enumerate(fields)
    )
    common, rest = (_captured("6.18")("sys_enter_getppid") or "").split("\n\nprint fmt")
    return lambda _: f"{common}\n{''.join(lines)}\nprint fmt{rest}"


def test_a_parameter_that_was_not_declared_is_a_number() -> None:
    params = _signature("close", _told("unsigned int fd", "unsigned int how")).params

    assert [(param.name, param.meaning) for param in params] == [("fd", FD), ("how", INT)]


def test_a_call_that_has_lost_a_parameter() -> None:
    params = _signature("openat", _told("int dfd", "const char * filename")).params

    assert [param.meaning for param in params] == [DIRFD, In(Path())]


def test_a_call_that_nobody_has_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syscalls, "declaration", lambda _: None)
    signature = _signature("openat", None)

    assert [param.meaning for param in signature.params] == [DIRFD, In(Path()), HEX, PERMISSIONS]
    assert (signature.result, signature.returns) == (syscalls.LONG, INT)


def test_every_call_of_the_table_is_declared() -> None:
    assert NUMBERS.keys() - declarations().keys() == set()


def test_results() -> None:
    addresses = {"mmap", "mremap", "brk", "shmat", "map_shadow_stack"}
    for signature in syscalls.signatures(syscalls.NAMES, None).values():
        assert (signature.result == syscalls.LONG) == (signature.name not in addresses), signature.name
        assert (signature.returns == ADDRESS) == (signature.name in addresses), signature.name
    assert addresses <= NUMBERS.keys()


def test_numbers() -> None:
    # arch/x86/entry/syscalls/syscall_64.tbl and syscall_32.tbl: fixed for ever
    known = {"read": 0, "getppid": 110, "execve": 59, "exit_group": 231, "openat": 257, "statx": 332}
    compat = {"read": 3, "execve": 11, "socketcall": 102, "mmap2": 192, "openat": 295}

    assert known.items() <= NUMBERS.items()
    assert {name: number for number, name in syscalls.COMPAT_NAMES.items() if name in compat} == compat
    assert len(NUMBERS) == len(syscalls.NAMES)


def test_every_number_has_a_place_in_the_program_arrays() -> None:
    assert max(syscalls.NAMES) < record.CALLS
    assert max(syscalls.COMPAT_NAMES) < record.CALLS


def test_each_alias_is_a_call_of_the_table() -> None:
    assert ENTRY_NAMES.keys() <= NUMBERS.keys()


def test_a_number_no_table_has() -> None:
    signature = syscalls.unknown(0xBAD)

    assert (signature.name, len(signature.params), signature.source) == ("syscall_0xbad", 6, "unknown")


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(11, "execve", id="a 32-bit call has its own number"),
        pytest.param(999, "syscall_0x3e7", id="one that no table has"),
    ],
)
def test_a_32_bit_call_is_six_words(number: int, name: str) -> None:
    signature = syscalls.compat(number)

    assert signature.name == name
    assert [param.type for param in signature.params] == [syscalls.HALF] * 6
    assert [param.meaning for param in signature.params] == [HEX] * 6
