"""Any record of what a descriptor is, or of what an exec is made in: names, or FormatError.

Names end with NUL there. Of those that do not, nothing is made: what is left of a path is another path.
"""

from __future__ import annotations

import contextlib

from argtrace.decode import seen, settings
from argtrace.errors import FormatError
from argtrace.fetch import opened as layout
from argtrace.fetch import record
from argtrace.fetch.paths import What
from argtrace.fetch.record import Kind
from argtrace.transport import records
from argtrace.transport.records import FileRecord, SettingRecord
from tests.fuzz.target import Target
from tests.fuzz.targets.execs import setting
from tests.support import record_writer as write


def check(data: bytes) -> None:
    kind, body = Kind.SETTING if data[:1] == b"\1" else Kind.FILE, data[1:]
    size = record.SETTING_PARTS if kind is Kind.SETTING else layout.NAMES
    sample = (write.common(kind) + body).ljust(size, b"\0")
    with contextlib.suppress(FormatError):
        _look(records.parse(sample))


def _look(found: records.Record) -> None:
    if isinstance(found, FileRecord):
        names = found.raw[layout.NAMES :]
        for opened in seen.files(found).values():
            assert opened.detail is None or opened.detail.isascii()
            if opened.name.startswith(b"/"):
                assert not names or names.endswith(b"\0")
    elif isinstance(found, SettingRecord):
        made = settings.setting(found)
        assert made.cwd is None or made.cwd.startswith(b"/") or made.cwd.startswith(b":[")


def seeds() -> list[bytes]:
    head = record.COMMON.size
    inet = write.socket(2, 1, 6, ports=(80, 8080), remote=b"\x7f\0\0\1")
    unix = write.socket(1, 1, peer=9)
    netlink = write.socket(16, 3, netlink=4321)
    files = [
        write.file("openat", 3, b"hosts\0etc\0"),
        write.file("openat", 3, b"x\0tmp\0", what=What.UNLINKED),
        write.file("pipe2", 3, b"\0", what=What.UNATTACHED, magic=seen.PIPEFS_MAGIC, other=4),
        write.file("eventfd2", 3, b"[eventfd]\0", what=What.UNATTACHED, magic=seen.ANON_INODE_FS_MAGIC),
        write.file("memfd_create", 3, b"memfd:x\0", what=What.UNATTACHED, magic=seen.TMPFS_MAGIC),
        write.file("openat", 3, b"", what=What.INCOMPLETE),
        write.file("openat", 3, mode=0o020620, device=136 << 20 | 1, names=b"1\0pts\0dev\0"),
        *(
            write.file("socket", 3, b"/run/x\0", magic=seen.SOCKFS_MAGIC, socket=s)
            for s in (inet, unix, netlink)
        ),
    ]
    settings_ = [
        setting(parts=(b"tmp\0", b"ls\0bin\0", b"x.scope\0")),
        setting(parts=(b"", b"", b""), comm=b"\xff"),
    ]
    return [b"\0" + file[head:] for file in files] + [b"\1" + each[head:] for each in settings_]


MAGICS = [
    *(seen.SOCKFS_MAGIC, seen.PIPEFS_MAGIC, seen.ANON_INODE_FS_MAGIC, seen.TMPFS_MAGIC, seen.NSFS_MAGIC),
    *range(8),
]

TARGET = Target(
    "what descriptors are, and what an exec is made in (decode/seen.py, settings.py)",
    check,
    seeds,
    [magic.to_bytes(4, "little") for magic in MAGICS],
    most=600,
)
