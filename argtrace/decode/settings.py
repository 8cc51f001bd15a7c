"""What an exec was made in: the record of `fetch/settings.py` as a value.

Pure. Paths are bytes: from the root of the mount namespace; None where there was more of one than is
followed.
"""

from __future__ import annotations

import struct

from argtrace.decode.origin import Cgroup
from argtrace.decode.seen import file_name
from argtrace.errors import FormatError
from argtrace.fetch import settings as layout
from argtrace.fetch.paths import What
from argtrace.transport.records import SettingRecord
from argtrace.value import frozen

_HEAD = struct.Struct("<I4x16sIIIIQQQQQIII")
_PARTS = 3


@frozen
class Setting:
    """`parent`: the process, and its first thread's name. Ids of users are those of the initial user
    namespace; `started`, `parent_started`: when each process was forked, ns of CLOCK_MONOTONIC.
    `exe`: the file that runs now, of an exec that worked; a script's is its interpreter."""

    parent: int
    parent_comm: str
    uid: int
    gid: int
    euid: int
    egid: int
    started: int
    parent_started: int
    cgroup: Cgroup | None
    cwd: bytes | None
    exe: bytes | None


def setting(record: SettingRecord) -> Setting:
    """Raises FormatError for parts that are longer than the record."""
    parent, comm, uid, gid, euid, egid, started, parent_started, group, inode, magic, *sizes = (
        _HEAD.unpack_from(record.raw, layout.PARENT)
    )
    at = layout.PARTS
    parts: list[tuple[int, bytes]] = []
    for size in sizes:
        part = record.raw[at : at + size]
        if len(part) < size or size < layout.NAMES:
            raise FormatError("record", at, f"{size} bytes of a path")
        parts.append((int.from_bytes(part[:4], "little"), part[layout.NAMES :]))
        at += size
    (pwd, pwd_names), (exe, exe_names), (cgroup, cgroup_names) = parts
    path = None if cgroup & What.INCOMPLETE else file_name(cgroup_names, 0, 0, 0)
    return Setting(
        parent,
        comm.split(b"\0", 1)[0].decode(errors="surrogateescape"),
        uid,
        gid,
        euid,
        egid,
        started,
        parent_started,
        Cgroup(group, None if path is None else path.decode(errors="surrogateescape")) if group else None,
        file_name(pwd_names, 0, 0, pwd),
        file_name(exe_names, inode, magic, exe) if inode else None,
    )
