"""What a descriptor is at the moment a call gave it, by /proc: the record that `fetch/opened.py` lays out.

The task stands still at the end of its call, so what is read here is what the call gave. What a
socket's ends are only the socket itself tells: it is taken over for a moment (pidfd_getfd(2), Linux
5.6, which a tracer may).

Sources: proc_pid_fd(5), proc_pid_cwd(5); pidfd_getfd(2); getsockname(2); fs/proc/fd.c, fs/d_path.c
for how what is in no directory is spelled.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import struct
from collections.abc import Callable

from argtrace import proc_files
from argtrace.decode.seen import ANON_INODE_FS_MAGIC, MINOR_BITS, NSFS_MAGIC, PIPEFS_MAGIC, SOCKFS_MAGIC
from argtrace.fetch import opened as layout
from argtrace.fetch import record
from argtrace.fetch.opened import Where
from argtrace.fetch.paths import What
from argtrace.kernel import ptrace

_FD = struct.Struct("<i")
_PAIR = struct.Struct("<ii")
_CONTROL = struct.Struct("<QQ")
_RIGHTS = struct.Struct("<QiiI")
_HEAD = struct.Struct("<QQIIIi")
_SOCKET = struct.Struct("<HHHHH2xI16s16sQ")
_NUMBERED = re.compile(rb"(pipe|socket|[a-z_]+):\[(\d+)\]")


def seen(
    tid: int, tgid: int, name: str, index: int, args: tuple[int, ...], result: int, time: int
) -> bytes | None:
    """The record for a call that has returned; None for one that gave no descriptor, or none that we
    know. `index` as in `record.py`; `args`: its words."""
    where = layout.CALLS.get(name)
    if where is None or (index >= record.COMPAT_BASE and where is not Where.RESULT):
        return None
    if where is not Where.FIRST and result < 0:
        return None
    try:
        fd, other = _which(tid, where, args, result)
        body = _directory(tid) if where is Where.DIRECTORY else _file(tid, tgid, fd, other)
    except (OSError, struct.error):
        return None  # it is gone, or never was there
    if body is None:
        return None
    head = record.COMMON.pack(record.Kind.FILE, 0, 0, tid, tgid, time)
    number = index - record.COMPAT_BASE if index >= record.COMPAT_BASE else index
    return head + record.FILE.pack(number, fd) + body


def _which(tid: int, where: Where, args: tuple[int, ...], result: int) -> tuple[int, int]:
    """The descriptor, and the other one of a pair or -1. Raises struct.error."""
    match where:
        case Where.RESULT:
            return result, -1
        case Where.FIRST:
            return _FD.unpack(args[0].to_bytes(8, "little")[:4])[0], -1
        case Where.DIRECTORY:
            return layout.AT_FDCWD, -1
        case Where.RIGHTS:
            control, length = _CONTROL.unpack(ptrace.read(tid, args[1] + layout.MSG_CONTROL, 16))
            if length < _RIGHTS.size:
                raise struct.error
            _, level, kind, fd = _RIGHTS.unpack(ptrace.read(tid, control, _RIGHTS.size))
            if (level, kind) != (layout.SOL_SOCKET, layout.SCM_RIGHTS):
                raise struct.error
            return fd, -1
        case _:
            first, second = _PAIR.unpack(ptrace.read(tid, args[0 if where is Where.PAIR else 3], 8))
            return first, second


def _file(tid: int, tgid: int, fd: int, other: int) -> bytes | None:
    link = b"/proc/%d/fd/%d" % (tid, fd)
    name, status = os.readlink(link), os.stat(link)
    device = os.major(status.st_rdev) << MINOR_BITS | os.minor(status.st_rdev)
    magic, what, names = _spelled(name, unlinked=status.st_nlink == 0)
    if magic == SOCKFS_MAGIC:
        peer = os.stat(b"/proc/%d/fd/%d" % (tid, other)).st_ino if other >= 0 else 0
        found = _socket(tgid, fd, status.st_ino, peer)
        if found is None:
            return None
        tail, path = found
    else:
        tail, path = bytes(_SOCKET.size), names
    return _HEAD.pack(status.st_ino, magic, device, status.st_mode, what, other) + tail + path


def _directory(tid: int) -> bytes:
    name = os.readlink(b"/proc/%d/cwd" % tid)
    _, what, names = _spelled(name, unlinked=name.endswith(b" (deleted)"))
    return _HEAD.pack(0, 0, 0, 0, what, -1) + bytes(_SOCKET.size) + names


def _spelled(name: bytes, *, unlinked: bool) -> tuple[int, int, bytes]:
    """As the record has it: the file system's magic if the name depends on it, what, the names."""
    if name.startswith(b"/"):
        what = 0
        if unlinked and name.endswith(b" (deleted)"):
            name, what = name.removesuffix(b" (deleted)"), int(What.UNLINKED)
        parts = [part for part in name.split(b"/") if part]
        return 0, what, b"".join(part + b"\0" for part in reversed(parts))
    if name.startswith(b"anon_inode:"):
        return ANON_INODE_FS_MAGIC, What.UNATTACHED, name.removeprefix(b"anon_inode:") + b"\0"
    match = _NUMBERED.fullmatch(name)
    kind = match[1] if match else b""
    magic = {b"pipe": PIPEFS_MAGIC, b"socket": SOCKFS_MAGIC}.get(kind, NSFS_MAGIC if match else 0)
    return magic, What.UNATTACHED, b"\0"


def _socket(tgid: int, fd: int, inode: int, peer: int) -> tuple[bytes, bytes] | None:
    """Both ends, and the name of a UNIX socket."""
    with contextlib.ExitStack() as stack:
        process = os.pidfd_open(tgid)
        stack.callback(os.close, process)
        taken = ptrace.take_descriptor(process, fd)
        if taken is None:
            return None
        ours = stack.enter_context(socket.socket(fileno=taken))
        family = int(ours.family)
        local_port = remote_port = port_id = 0
        local = remote = path = b""
        match family:
            case layout.AF_INET | layout.AF_INET6:
                local, local_port = _end(family, ours.getsockname)
                remote, remote_port = _end(family, ours.getpeername)
            case layout.AF_UNIX:
                found = ours.getsockname()
                path = os.fsencode(found) if isinstance(found, str) else bytes(found)
                if path and not path.startswith(b"\0"):
                    path += b"\0"
                peer = peer or proc_files.peer_of(inode)
            case layout.AF_NETLINK:
                port_id = ours.getsockname()[0]
        # That port is as it is on the wire.
        remote_port = socket.htons(remote_port)
        tail = _SOCKET.pack(
            family, ours.type, ours.proto, local_port, remote_port, port_id & 0xFFFF_FFFF, local, remote, peer
        )
        return tail, path


def _end(family: int, ask: Callable[[], tuple[str, int]]) -> tuple[bytes, int]:
    try:
        address, port, *_ = ask()
    except OSError:
        return b"", 0  # it is not connected
    return socket.inet_pton(family, address.partition("%")[0]), port
