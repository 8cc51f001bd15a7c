"""What /proc says of this very process."""

from __future__ import annotations

import os
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from argtrace import proc_files
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


# A line of /proc/net/unix as the kernel writes it, but for the name that it is part of.
FORGED = "x\n0000000000000000: 00000002 00000000 00010000 0001 01 {} /fake"


def test_nobody_says_what_the_socket_of_another_is(stack: ExitStack) -> None:
    """A UNIX socket's name may have line ends in it, and the table has it as it is."""
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    unbound = stack.enter_context(socket.socket())
    for each in (server, unbound):
        liar = stack.enter_context(socket.socket(socket.AF_UNIX))
        liar.bind("\0" + FORGED.format(inode(each)))

    assert detail(server) == f"TCP:[127.0.0.1:{server.getsockname()[1]}]"
    assert detail(unbound) == f"TCP:[{inode(unbound)}]"


def test_of_a_unix_socket_with_two_lines_the_name_is_not_known(stack: ExitStack) -> None:
    true, liar = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
    true.bind(f"\0argtrace-{os.getpid()}-true")
    liar.bind("\0" + FORGED.format(inode(true)))

    found = detail(true)
    assert found is not None
    assert found.startswith("UNIX")
    assert found.endswith(f":[{inode(true)}]")


def test_a_name_with_a_line_end_hides_no_other(stack: ExitStack) -> None:
    sockets = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(32)]
    for at, each in enumerate(sockets):  # in no order that we know
        each.bind(f"\0{os.getpid()}-{'x' * at}" + "\nis broken" * (at % 2))

    for at, each in enumerate(sockets):
        if at % 2 == 0:
            assert detail(each) == f'UNIX-STREAM:[{inode(each)},@"{os.getpid()}-{"x" * at}"]'


@pytest.mark.parametrize(
    "end", [b"-F:1F90", b"0100007F:-1", b"0100007:1F90", b"0100007F", b":", b"0100007F:1:2"]
)
def test_what_is_no_end_of_a_connection(end: bytes) -> None:
    with pytest.raises(ValueError, match="no end"):
        proc_files._end(end)


ANSWER = struct.pack("<IHHII", 40, 20, 0, 0, 0) + struct.pack("<BBBxI2I", 1, 1, 1, 7, 0, 0)


@pytest.mark.parametrize(
    ("answer", "peer"),
    [
        pytest.param(ANSWER + struct.pack("<HHI", 8, 2, 99), 99, id="a peer"),
        pytest.param(
            ANSWER + struct.pack("<HHI", 8, 1, 5) + struct.pack("<HHI", 8, 2, 9), 9, id="behind another"
        ),
        pytest.param(ANSWER, 0, id="no attribute"),
        pytest.param(ANSWER[:9], 0, id="half a header"),
        pytest.param(ANSWER + struct.pack("<HHQ", 12, 2, 1 << 40), 0, id="a number that is too long"),
        pytest.param(ANSWER + struct.pack("<HHH", 8, 2, 9), 0, id="a number that is cut"),
        pytest.param(ANSWER + bytes(4) + struct.pack("<HHI", 8, 2, 9), 9, id="an attribute of no length"),
    ],
)
def test_an_answer_of_the_kernel_is_a_number(
    monkeypatch: pytest.MonkeyPatch, answer: bytes, peer: int
) -> None:
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, its:
        its.send(answer)
        monkeypatch.setattr(proc_files, "_diagnosis", lambda: ours)

        assert proc_files.peer_of(7) == peer
