"""Which pointers are strings, checked against what a kernel prints as strings itself.

Linux 6.19 began to print what some parameters of system calls point to
(kernel/trace/trace_syscalls.c): a list made by others
for the same question. Where we differ, DIFFERENCES says why.
"""

from __future__ import annotations

import pathlib
import re

import pytest

from argtrace.signature import contents, syscalls
from argtrace.signature.aliases import ENTRY_NAMES
from argtrace.signature.c_types import parse
from argtrace.signature.meaning import (
    ADDRESS,
    DIRFD,
    FD,
    HEX,
    INT,
    PERMISSIONS,
    PID,
    UID,
    Choice,
    Content,
    In,
    InOut,
    Meaning,
    Path,
    String,
    Strings,
    Struct,
)
from argtrace.signature.model import Signature

KERNELS = pathlib.Path(__file__).parent.parent / "cases" / "formats" / "strings-7.3.txt"

TABLE = {s.name: s for s in syscalls.signatures(syscalls.NAMES, None).values()}


def _list(text: str) -> list[str]:
    return text.split()


OUTPUTS = _list("""
    read.buf pread64.buf readlink.buf readlinkat.buf getcwd.buf getrandom.ubuf syslog.buf
    listxattr.list llistxattr.list flistxattr.list listxattrat.list lookup_dcookie.buf
    mq_timedreceive.u_msg_ptr getsockopt.optval mincore.vec""")

# Given with a length, or an address that is not read at all.
NO_STRINGS = _list("""
    write.buf pwrite64.buf mq_timedsend.u_msg_ptr setsockopt.optval sethostname.name setdomainname.name
    kexec_file_load.cmdline_ptr shmat.shmaddr shmdt.shmaddr""")

# What these are, another argument decides.
CHOSEN = _list("""
    fsconfig._value ioctl.arg keyctl.arg2 keyctl.arg3 keyctl.arg4 prctl.arg2 prctl.arg5 quotactl.addr
    quotactl_fd.addr reboot.arg sysfs.arg1""")

DIFFERENCES = {
    "stat.filename": "the kernel forgot it, though not that of newfstatat",
    "lstat.filename": "forgotten",
    "file_getattr.filename": "forgotten",
    "file_setattr.filename": "forgotten",
    "request_key._callout_info": "the kernel prints two of the three",
    "kexec_file_load.flags": "the kernel counts this call's parameters wrongly: no pointer",
    "uselib.library": "the call is gone from 7.3",
    **dict.fromkeys(
        ("listxattr.list", "llistxattr.list", "flistxattr.list", "listxattrat.list"), "an output"
    ),
    "syslog.buf": "an output",
    "shmdt.shmaddr": "an address",
    "sethostname.name": "has a length beside it",
    "setdomainname.name": "has a length beside it",
    "mount.data": "declared void *: the options of the file system",
    **dict.fromkeys(CHOSEN, "a string in some cases of another argument"),
}

# Every NUL-terminated string that names no file.
STRINGS = _list("""
    mount.type mount.data init_module.uargs finit_module.uargs delete_module.name_user
    setxattr.name lsetxattr.name fsetxattr.name setxattrat.name
    getxattr.name lgetxattr.name fgetxattr.name getxattrat.name
    removexattr.name lremovexattr.name fremovexattr.name removexattrat.name
    mq_open.u_name mq_unlink.u_name memfd_create.uname fsopen._fs_name fsconfig._key
    add_key._type add_key._description
    request_key._type request_key._description request_key._callout_info""")


def _inputs(meaning: Meaning) -> set[type[Content]]:
    """The kinds of content that the kernel may read."""
    match meaning:
        case In(content=content) | InOut(content=content):
            return {type(content)}
        case Choice(cases=cases, default=default):
            return {kind for _, case in (*cases, ("", default)) for kind in _inputs(case)}
    return set()


def _ours(*wanted: type[Content]) -> set[str]:
    return {f"{s.name}.{p.name}" for s in TABLE.values() for p in s.params if _inputs(p.meaning) & {*wanted}}


def _kernels() -> set[str]:
    numbered = {event: name for name, event in ENTRY_NAMES.items()}
    lines = [line.split() for line in KERNELS.read_text().splitlines() if line and not line.startswith("#")]
    return {
        f"{numbered.get(event.rstrip(':'), event.rstrip(':'))}.{param}"
        for event, *params in lines
        for param in params
    }


def test_we_and_the_kernel_differ_where_we_know_why() -> None:
    assert _ours(Path, String) ^ _kernels() == set(DIFFERENCES)


def test_strings_that_name_no_file() -> None:
    paths = {"quotactl.addr", "quotactl_fd.addr"}

    assert _ours(String) == {*STRINGS, *CHOSEN} - paths


def test_arrays_of_strings() -> None:
    assert _ours(Strings) == {"execve.argv", "execve.envp", "execveat.argv", "execveat.envp"}


@pytest.mark.parametrize("argument", [*OUTPUTS, *NO_STRINGS])
def test_a_buffer_is_no_string(argument: str) -> None:
    call, name = argument.split(".")
    (param,) = (param for param in TABLE[call].params if param.name == name)

    assert not _inputs(param.meaning) & {Path, String, Strings}


@pytest.mark.parametrize(
    ("declared", "meaning"),
    [
        pytest.param("const char *name", In(Path()), id="what a new call names by const char * is a path"),
        pytest.param("char *name", ADDRESS, id="without const it is an output"),
        pytest.param("const char *const *argv", In(Strings()), id="an array of strings"),
        pytest.param("char **argv", In(Strings()), id="an array of strings, without any const"),
        pytest.param("const void *data", ADDRESS, id="bytes of no type"),
        pytest.param("const unsigned char *data", ADDRESS, id="bytes that are no characters"),
        pytest.param("const struct iovec *vec", In(Struct("iovec")), id="a structure that is read"),
        pytest.param("struct stat *buf", InOut(Struct("stat")), id="a structure that may be written"),
        pytest.param("union bpf_attr *attr", InOut(Struct("bpf_attr")), id="a union"),
        pytest.param("const struct made_up_here *p", ADDRESS, id="a structure that nobody describes"),
        pytest.param("const enum stat *p", ADDRESS, id="no structure, though one has its name"),
        pytest.param("unsigned long arg", INT, id="a number"),
        pytest.param("int dfd", DIRFD, id="a directory, by its name"),
        pytest.param("unsigned int fd", FD, id="a descriptor, by its name"),
        pytest.param("unsigned int flags", HEX, id="flags, by their name"),
        pytest.param("unsigned long addr", ADDRESS, id="an address, by its name"),
        pytest.param("umode_t mode", PERMISSIONS, id="permissions, by their type"),
        pytest.param("pid_t fd", PID, id="the type says more than the name"),
        pytest.param("qid_t id", UID, id="the owner of a quota"),
        pytest.param("cap_user_header_t header", ADDRESS, id="a type that hides a pointer"),
    ],
)
def test_a_call_no_table_knows(declared: str, meaning: Meaning) -> None:
    type, name = re.fullmatch(r"(.*?)(\w+)", declared, re.DOTALL).groups()  # type: ignore[union-attr]

    assert contents.guess(name, parse(type), frozenset({name})) == meaning


@pytest.mark.parametrize("length", ["len", "size", "count", "length"])
def test_characters_with_a_length_beside_them_are_no_string(length: str) -> None:
    assert contents.guess("name", parse("const char *"), frozenset({"name", length})) == ADDRESS


def test_every_call_has_at_most_six_parameters() -> None:
    """Six registers hold them: a seventh would be lost in silence."""
    longest: Signature = max(TABLE.values(), key=lambda s: len(s.params))

    assert len(longest.params) == 6, longest
