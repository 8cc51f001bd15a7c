"""What /proc says of this very process."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from argtrace.proc_files import Proc


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def detail(file: socket.socket | int) -> str | None:
    found = Proc(details=True).descriptor(os.getpid(), file if isinstance(file, int) else file.fileno())
    assert found is not None
    return found.detail


def inode(file: socket.socket) -> int:
    return os.fstat(file.fileno()).st_ino


@pytest.mark.parametrize(
    ("family", "address", "mark"),
    [(socket.AF_INET, "127.0.0.1", ""), (socket.AF_INET6, "::1", "v6")],
    ids=["IPv4", "IPv6"],
)
def test_internet_sockets(stack: ExitStack, family: int, address: str, mark: str) -> None:
    server = stack.enter_context(socket.socket(family))
    client = stack.enter_context(socket.socket(family))
    assert detail(client) == f"TCP{mark}:[{inode(client)}]"
    server.bind((address, 0))
    server.listen()
    client.connect(server.getsockname())
    accepted = stack.enter_context(server.accept()[0])

    shown = f"[{address}]" if mark else address
    here, there = f"{shown}:{server.getsockname()[1]}", f"{shown}:{client.getsockname()[1]}"
    assert detail(server) == f"TCP{mark}:[{here}]"
    assert detail(client) == f"TCP{mark}:[{there}->{here}]"
    assert detail(accepted) == f"TCP{mark}:[{here}->{there}]"


def test_datagrams(stack: ExitStack) -> None:
    udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    udp.connect(("127.0.0.1", 9))

    assert detail(udp) == f"UDP:[127.0.0.1:{udp.getsockname()[1]}->127.0.0.1:9]"


def test_unix_sockets(stack: ExitStack) -> None:
    a, b = map(stack.enter_context, socket.socketpair(type=socket.SOCK_DGRAM))
    server, client = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
    name = f"argtrace test {os.getpid()}"
    server.bind("\0" + name)
    server.listen()
    client.connect("\0" + name)
    accepted = stack.enter_context(server.accept()[0])

    assert detail(a) == f"UNIX:[{inode(a)}->{inode(b)}]"
    assert detail(server) == f'UNIX-STREAM:[{inode(server)},@"{name}"]'
    assert detail(client) == f"UNIX-STREAM:[{inode(client)}->{inode(accepted)}]"
    assert detail(accepted) == f'UNIX-STREAM:[{inode(accepted)}->{inode(client)},@"{name}"]'


def test_netlink(stack: ExitStack) -> None:
    route = stack.enter_context(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
    assert detail(route) == f"NETLINK:[{inode(route)}]"
    route.bind((0, 0))

    assert detail(route) == f"NETLINK:[ROUTE:{route.getsockname()[0]}]"


def test_files_and_kinds(stack: ExitStack, tmp_path: Path) -> None:
    file = stack.enter_context((tmp_path / "x").open("w"))
    null = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    os.set_inheritable(null, True)
    pidfd = os.pidfd_open(os.getppid())
    epoll = stack.enter_context(select.epoll())
    for fd in (null, pidfd):
        stack.callback(os.close, fd)

    found = Proc(details=True).descriptors(os.getpid())
    assert found[file.fileno()].name == bytes(tmp_path / "x")
    assert found[file.fileno()].detail is None
    assert found[file.fileno()].close_on_exec is True
    assert (found[null].name, found[null].detail, found[null].close_on_exec) == (
        b"/dev/null", "char 1:3", False,
    )  # fmt: skip
    assert (found[pidfd].pid, found[pidfd].detail) == (os.getppid(), f"pid:{os.getppid()}")
    assert found[epoll.fileno()].name == b"anon_inode:[eventpoll]"
    names = Proc(details=False).descriptors(os.getpid())
    assert {file.detail for file in names.values()} == {None}
    assert names[pidfd].pid == os.getppid()


def test_directories() -> None:
    assert Proc(details=False).directories(os.getpid()) == (os.getcwdb(), b"/")


def test_what_is_gone_is_nothing() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    proc = Proc(details=True)

    assert (proc.descriptors(child), proc.descriptor(child, 0), proc.directories(child)) == ({}, None, None)
    assert proc.descriptor(os.getpid(), 1000) is None
