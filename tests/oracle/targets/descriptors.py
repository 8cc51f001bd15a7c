"""Opens one of each kind, and asks about each: run by test_descriptor_names.py in an empty directory."""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import sys


def used(*files: socket.socket | int) -> None:
    for file in files:
        os.fstat(file if isinstance(file, int) else file.fileno())


def sockets() -> list[socket.socket]:
    server = socket.create_server(("127.0.0.1", 0))
    client = socket.create_connection(server.getsockname())
    accepted, _ = server.accept()
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.connect(server.getsockname())
    six = socket.create_server(("::1", 0), family=socket.AF_INET6)
    return [server, client, accepted, datagrams, six, socket.socket(socket.AF_INET, socket.SOCK_STREAM)]


def local() -> list[socket.socket]:
    server, client = (socket.socket(socket.AF_UNIX) for _ in range(2))
    server.bind("socket")
    server.listen()
    client.connect("socket")
    accepted, _ = server.accept()
    abstract = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    abstract.bind(f"\0argtrace-{os.getpid()}")
    route = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    route.bind((0, 0))
    return [server, client, accepted, *socket.socketpair(), abstract, route]


def passed() -> int:
    """A descriptor that came through a socket."""
    here, there = socket.socketpair()
    fd = os.open("/etc/passwd", os.O_RDONLY)
    here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
    os.close(fd)
    _, control, _, _ = there.recvmsg(1, socket.CMSG_SPACE(4))
    return int.from_bytes(control[0][2], sys.byteorder)


def main() -> None:
    os.mkdir("directory")
    os.symlink("directory", "link")
    directory = os.open("link", os.O_RDONLY | os.O_DIRECTORY)
    file = os.open("file", os.O_RDWR | os.O_CREAT, dir_fd=directory)
    null = os.open("/dev/null", os.O_RDWR)
    event = os.eventfd(0)
    used(directory, file, null, passed(), *os.pipe(), event, os.pidfd_open(os.getpid()))
    used(os.memfd_create("memory"), os.open("/proc/self/status", os.O_RDONLY))
    for made in (sockets(), local()):
        used(*made)
        for each in made:
            each.close()
    epoll = select.epoll()
    epoll.register(event)
    used(epoll.fileno(), os.dup(file), fcntl.fcntl(file, fcntl.F_DUPFD, 50), os.dup2(null, 60))
    os.closerange(50, 61)
    os.fchdir(directory)
    used(os.open("../file2", os.O_RDWR | os.O_CREAT))
    os.set_inheritable(file, True)
    child = os.fork()
    if child == 0:
        os.close(null)
        used(os.open("/etc/group", os.O_RDONLY))
        os.execv("/bin/cat", ["cat", f"/proc/self/fd/{file}"])
    os.waitpid(child, 0)
    used(file, null)


main()
