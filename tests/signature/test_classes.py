"""Classes of calls, by what is in them and what is not; names in the lists are real."""

from __future__ import annotations

import pytest

from argtrace.errors import NotFound
from argtrace.signature import classes, syscalls
from argtrace.signature.classes import class_members, class_names
from argtrace.signature.model import Int

TABLE = syscalls.signatures(syscalls.NAMES, None)


@pytest.mark.parametrize(
    ("name", "holds", "lacks"),
    [
        pytest.param(
            "file", "open openat execve mount utime umount2 stat", "close read socket add_key memfd_create",
            id="a file call takes a path, not any string",
        ),
        pytest.param(
            "desc", "read close openat mmap epoll_ctl dup2 socket copy_file_range kexec_file_load",
            "getpid execve chdir brk",
            id="a descriptor call takes one or gives one",
        ),
        pytest.param(
            "process", "execve execveat fork clone clone3 exit_group wait4", "getpid open",
            id="processes",
        ),
        pytest.param("network", "socket connect accept4 sendmmsg", "read openat", id="the network"),
        pytest.param("signal", "rt_sigaction kill signalfd4 pause", "getpid", id="signals"),
        pytest.param("ipc", "shmget semop msgsnd semtimedop", "mq_open pipe", id="System V only"),
        pytest.param("memory", "mmap brk munmap mprotect madvise", "read", id="memory"),
        pytest.param("creds", "getuid setresgid capset", "getpid", id="credentials"),
        pytest.param("clock", "clock_gettime gettimeofday", "nanosleep", id="clocks, not sleeping"),
    ],
)  # fmt: skip
def test_members(name: str, holds: str, lacks: str) -> None:
    members = class_members(name, TABLE)

    assert set(holds.split()) <= members
    assert not set(lacks.split()) & members


def test_each_class_has_a_name_that_works() -> None:
    for name in class_names():
        assert class_members(name, TABLE)


@pytest.mark.parametrize(("alias", "name"), [("net", "network"), ("fd", "desc")])
def test_straces_other_names(alias: str, name: str) -> None:
    assert class_members(alias, TABLE) == class_members(name, TABLE)


def test_no_list_names_a_call_that_does_not_exist() -> None:
    named = {name for text in classes._CLASSES.values() for name in text.split()}

    assert (named | classes._DESCRIPTOR_CALLS) <= syscalls.NUMBERS.keys()


def test_every_number_that_is_named_like_a_descriptor_is_one() -> None:
    others = {
        f"{signature.name} {param.name}"
        for signature in TABLE.values()
        for param in signature.params
        if "fd" in param.name and isinstance(param.type, Int) and not classes._is_descriptor(param.meaning)
    }

    # How many there are; a range of numbers, whatever they are; one of another process.
    known = {"close_range fd", "close_range max_fd", "pidfd_getfd fd"}
    assert {each for each in others if not each.endswith(" nfds")} == known


@pytest.mark.parametrize(
    ("name", "similar"),
    [
        pytest.param("netwrok", ("%network",), id="close ones first"),
        pytest.param("xyzzy", tuple(f"%{name}" for name in class_names()), id="all, if none is close"),
    ],
)
def test_an_unknown_class(name: str, similar: tuple[str, ...]) -> None:
    with pytest.raises(NotFound) as caught:
        class_members(name, TABLE)

    assert caught.value.similar == similar
