"""What /proc says of descriptors: names, what a socket is connected to, which process a pidfd is of.

Sources: proc(5), proc_pid_fdinfo(5), proc_pid_net(5); sock_diag(7) for the peers of
UNIX sockets, which /proc does not tell.

The only reader of /proc for `decode/descriptors.py`, which knows for which time an answer holds.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
import time
from collections.abc import Iterator, Mapping

from argtrace.decode import endpoints
from argtrace.decode.open_files import Found

_FLAGS = re.compile(rb"^flags:\s*([0-7]+)$", re.MULTILINE)
_PID = re.compile(rb"^Pid:\s*(-?\d+)$", re.MULTILINE)
_SOCKET = re.compile(rb"socket:\[(\d+)\]")

# include/uapi/linux/netlink.h, sock_diag.h, unix_diag.h
_HEADER = struct.Struct("<IHHII")
_REQUEST = struct.Struct("<BBxxIII2I")
_REPLY = struct.Struct("<BBBxI2I")
_ATTRIBUTE = struct.Struct("<HH")
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
UDIAG_SHOW_PEER = 4
UNIX_DIAG_PEER = 2


class Proc:
    """A `decode.open_files.Source`. `details`: more than the names."""

    def __init__(self, *, details: bool) -> None:
        self._details = details

    def now(self) -> int:
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC)

    def directories(self, tid: int) -> tuple[bytes, bytes] | None:
        try:
            return os.readlink(b"/proc/%d/cwd" % tid), os.readlink(b"/proc/%d/root" % tid)
        except OSError:
            return None

    def descriptors(self, tid: int) -> Mapping[int, Found]:
        try:
            fds = [int(fd) for fd in os.listdir(f"/proc/{tid}/fd")]
        except OSError:
            return {}
        sockets = _Sockets(tid)
        found = {fd: self._descriptor(tid, fd, sockets) for fd in fds}
        return {fd: file for fd, file in found.items() if file is not None}

    def descriptor(self, tid: int, fd: int) -> Found | None:
        return self._descriptor(tid, fd, _Sockets(tid))

    def _descriptor(self, tid: int, fd: int, sockets: _Sockets) -> Found | None:
        link = b"/proc/%d/fd/%d" % (tid, fd)
        try:
            name = os.readlink(link)
            with open(f"/proc/{tid}/fdinfo/{fd}", "rb") as file:
                info = file.read()
            detail = self._detail(link, name, sockets) if self._details else None
            if os.readlink(link) != name:
                return None  # replaced while it was looked at
        except OSError:
            return None
        flags, pid = _FLAGS.search(info), _PID.search(info)
        target = int(pid[1]) if pid and int(pid[1]) > 0 else None
        if target is not None and self._details:
            detail = f"pid:{target}"
        return Found(name, detail, flags and bool(int(flags[1], 8) & os.O_CLOEXEC), target)

    @staticmethod
    def _detail(link: bytes, name: bytes, sockets: _Sockets) -> str | None:
        if match := _SOCKET.fullmatch(name):
            detail = sockets.detail(int(match[1]))
            if detail is not None and not detail.startswith("UNIX"):
                return detail
            # The table of UNIX sockets has text of others in it: the socket itself says what it is.
            itself = _protocol(link, name)
            return detail if detail is not None and (itself or detail).startswith("UNIX") else itself
        if not name.startswith(b"/"):
            return None
        status = os.stat(link)
        return endpoints.device(status.st_mode, os.major(status.st_rdev), os.minor(status.st_rdev))


class _Sockets:
    """The sockets of a process's network namespace, read when the first is asked for."""

    def __init__(self, tid: int) -> None:
        self._tid = tid
        self._found: dict[int, str] | None = None

    def detail(self, inode: int) -> str | None:
        if self._found is None:
            self._found = {}
            for reader in (self._internet, self._netlink, self._unix):
                # A process that is gone, a table that is laid out as nobody knows.
                with contextlib.suppress(OSError, ValueError, IndexError):
                    for number, detail in reader():
                        self._found.setdefault(number, detail)
        return self._found.get(inode)

    def _internet(self) -> Iterator[tuple[int, str]]:
        for name, protocol in (
            ("tcp", "TCP"),
            ("udp", "UDP"),
            ("udplite", "UDPLITE"),
            ("raw", "RAW"),
            ("icmp", "PING"),
        ):
            for file in (name, f"{name}6"):
                for words in self._lines(file):
                    inode = int(words[9])
                    yield inode, endpoints.internet(protocol, inode, _end(words[1]), _end(words[2]))

    def _netlink(self) -> Iterator[tuple[int, str]]:
        for words in self._lines("netlink"):
            inode = int(words[9])
            yield inode, endpoints.netlink(int(words[1]), inode, int(words[2]))

    def _unix(self) -> Iterator[tuple[int, str]]:
        # Our own namespace is the only one that sock_diag answers for.
        here = os.stat(f"/proc/{self._tid}/ns/net").st_ino == os.stat("/proc/self/ns/net").st_ino
        with _diagnosis() as diagnosis:
            for inode, (type, path) in self._unix_table().items():
                peer = _peer(diagnosis, inode) if here else 0
                yield inode, endpoints.unix(type, inode, peer, path)

    def _unix_table(self) -> dict[int, tuple[int, bytes]]:
        """Type and path by inode. A path is written as it is, with line ends too (unix_seq_show()), so
        whoever binds a socket may write lines here: what is no line of a socket is skipped, and nothing is
        known of a socket that has two."""
        found: dict[int, tuple[int, bytes] | None] = {}
        for words in self._lines("unix"):
            try:
                inode, type = int(words[6]), int(words[4], 16)
            except (ValueError, IndexError):
                continue
            path = words[7] if len(words) > 7 else b""
            path = b"\0" + path[1:] if path.startswith(b"@") else path
            found[inode] = None if inode in found else (type, path)
        return {inode: line for inode, line in found.items() if line is not None}

    def _lines(self, file: str) -> Iterator[list[bytes]]:
        """The words of each line after the first."""
        try:
            with open(f"/proc/{self._tid}/net/{file}", "rb") as table:
                lines = table.read().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines[1:]:
            if line:
                yield line.split(maxsplit=7) if file == "unix" else line.split()


def _protocol(link: bytes, name: bytes) -> str | None:
    """Of a socket that is in none of the tables, as it is not bound: its protocol and its number."""
    try:
        protocol = os.getxattr(link, "system.sockprotoname")
    except OSError:
        return None
    return f"{protocol.rstrip(bytes(1)).decode(errors='replace')}:{name[len('socket:') :].decode()}"


def _end(text: bytes) -> endpoints.End:
    """0100007F:1F90: words as this machine has them in memory, and a port. Raises ValueError."""
    found = _END.fullmatch(text)
    if found is None:
        raise ValueError(f"no end of a connection: {text!r}")
    address, port = found.groups()
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    return struct.pack(f"={len(words)}I", *words), int(port, 16)


_END = re.compile(rb"((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})")


def peer_of(inode: int) -> int:
    """The number of the socket that a UNIX socket of our network namespace is connected to, or 0."""
    try:
        with _diagnosis() as diagnosis:
            return _peer(diagnosis, inode)
    except (OSError, struct.error):
        return 0


@contextlib.contextmanager
def _diagnosis() -> Iterator[socket.socket]:
    with socket.socket(
        socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG
    ) as diagnosis:
        diagnosis.settimeout(1)
        yield diagnosis


def _peer(diagnosis: socket.socket, inode: int) -> int:
    """The number of the socket that this UNIX socket is connected to, or 0."""
    request = _REQUEST.pack(socket.AF_UNIX, 0, 0xFFFF_FFFF, inode, UDIAG_SHOW_PEER, 0xFFFF_FFFF, 0xFFFF_FFFF)
    header = _HEADER.pack(_HEADER.size + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 0, 0)
    diagnosis.send(header + request)
    reply = diagnosis.recv(4096)
    if len(reply) < _HEADER.size or _HEADER.unpack_from(reply)[1] != SOCK_DIAG_BY_FAMILY:
        return 0  # an error: it is gone
    at = _HEADER.size + _REPLY.size
    while at + _ATTRIBUTE.size <= len(reply):
        size, kind = _ATTRIBUTE.unpack_from(reply, at)
        if kind == UNIX_DIAG_PEER and size == _ATTRIBUTE.size + 4 and at + size <= len(reply):
            return int.from_bytes(reply[at + _ATTRIBUTE.size : at + size], "little")
        at += max(size + 3 & ~3, _ATTRIBUTE.size)
    return 0
