"""What the kernel's side saw a descriptor to be, as a name.

Pure: a record in, open files out. Sources: `fetch/opened.py` for the record; fs/d_path.c
and include/uapi/linux/magic.h for the names of files that are in no directory.
"""

from __future__ import annotations

import struct

from argtrace.decode import endpoints
from argtrace.decode.open_files import Opened
from argtrace.errors import FormatError
from argtrace.fetch import opened as layout
from argtrace.fetch.paths import What
from argtrace.transport.records import FileRecord

_HEAD = struct.Struct("<QQIIIi")  # from the inode on
_SOCKET = struct.Struct("<HHHHH2xI16s16sQ")
_NETWORK_SHORT = struct.Struct(">H")
_NATIVE_SHORT = struct.Struct("<H")

TMPFS_MAGIC = 0x01021994
HUGETLBFS_MAGIC = 0x958458F6
PIPEFS_MAGIC = 0x50495045
SOCKFS_MAGIC = 0x534F434B
ANON_INODE_FS_MAGIC = 0x09041934
SECRETMEM_MAGIC = 0x5345434D
NSFS_MAGIC = 0x6E736673

MINOR_BITS = 20
"""A device number within the kernel: include/linux/kdev_t.h."""


def files(record: FileRecord) -> dict[int, Opened]:
    """By descriptor: one, or the two of a pair. Empty for what has no name that we know.

    Raises FormatError."""
    inode, magic, device, mode, what, other = _HEAD.unpack_from(record.raw, layout.INODE)
    if magic == SOCKFS_MAGIC:
        return _sockets(record, inode, other)
    name = file_name(record.raw[layout.NAMES :], inode, magic, what)
    if name is None:
        return {}
    detail = endpoints.device(mode, device >> MINOR_BITS, device & (1 << MINOR_BITS) - 1)
    opened = Opened(name, exact=True, detail=detail)
    if other < 0:
        return {record.fd: opened}
    # The ends of a pipe have one name, but are not one open file.
    return {record.fd: opened, other: Opened(name, exact=True)}


def file_name(names: bytes, inode: int, magic: int, what: int) -> bytes | None:
    """From its names, the last component first; None where we know none.

    Of a namespace it is the number: its kind is not seen. Raises FormatError for a name that is cut: what is
    left of a path would be another one."""
    *parts, rest = names.split(b"\0")
    if rest:
        raise FormatError("record", layout.NAMES + len(names), "the end of a name")
    if magic == NSFS_MAGIC:
        return b":[%d]" % inode
    if what & What.INCOMPLETE:
        return None
    if what & What.UNATTACHED:
        if magic == PIPEFS_MAGIC:
            return b"pipe:[%d]" % inode
        if not parts:  # it could not be read
            return None
        # An anonymous inode in a file system of its own until Linux 6.16.
        if magic == ANON_INODE_FS_MAGIC and parts[0] != b"secretmem":
            return b"anon_inode:" + parts[0]
        memory = magic in (TMPFS_MAGIC, HUGETLBFS_MAGIC, SECRETMEM_MAGIC, ANON_INODE_FS_MAGIC)
        return b"/" + parts[0] + b" (deleted)" if memory else None
    path = b"/" + b"/".join(reversed(parts))
    return path + b" (deleted)" if what & What.UNLINKED and parts else path


def _sockets(record: FileRecord, inode: int, other: int) -> dict[int, Opened]:
    *_, peer = _SOCKET.unpack_from(record.raw, layout.FAMILY)
    path = record.raw[layout.NAMES :]
    found = {record.fd: _socket(record, inode, peer, path)}
    if other >= 0:
        found[other] = _socket(record, peer, inode, b"")
    return found


def _socket(record: FileRecord, inode: int, peer: int, path: bytes) -> Opened:
    family, type, protocol, port, remote_port, netlink_port, local, remote, _ = _SOCKET.unpack_from(
        record.raw, layout.FAMILY
    )
    opened = Opened(b"socket:[%d]" % inode, exact=True)
    match family:
        case layout.AF_INET | layout.AF_INET6:
            size = 4 if family == layout.AF_INET else 16
            # That port is as it is on the wire.
            (remote_port,) = _NETWORK_SHORT.unpack(_NATIVE_SHORT.pack(remote_port))
            if (name := endpoints.protocol(type, protocol)) is not None:
                ends = (local[:size], port), (remote[:size], remote_port)
                opened.detail = endpoints.internet(name, inode, *ends)
        case layout.AF_UNIX:
            path = path if path.startswith(b"\0") else path.split(b"\0", 1)[0]
            opened.inode, opened.peer = inode, peer
            opened.detail = endpoints.unix(type, inode, peer, path)
        case layout.AF_NETLINK:
            opened.detail = endpoints.netlink(protocol, inode, netlink_port)
    return opened
