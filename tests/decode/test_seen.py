"""What the kernel's side saw of a descriptor, as a name."""

from __future__ import annotations

import socket
import struct
from typing import Any

import pytest

from argtrace.decode import seen
from argtrace.errors import FormatError
from argtrace.fetch.opened import FAMILY, INODE, NAMES
from argtrace.fetch.paths import What
from argtrace.transport import records
from argtrace.transport.records import FileRecord
from tests.support import record_writer as write

SOCKFS = seen.SOCKFS_MAGIC
HERE, THERE = socket.inet_aton("127.0.0.1"), socket.inet_aton("10.0.0.2")
LOOPBACK = socket.inet_pton(socket.AF_INET6, "::1")
MAPPED = socket.inet_pton(socket.AF_INET6, "::ffff:127.0.0.1")


def names(*args: Any, **more: Any) -> dict[int, tuple[bytes, str | None]]:
    record = records.parse(write.file(*args, **more))
    assert isinstance(record, FileRecord)
    found = seen.files(record)
    assert all(opened.exact for opened in found.values())
    return {fd: (opened.name, opened.detail) for fd, opened in found.items()}


PATHS = [
    pytest.param(b"hosts\0etc\0", {}, b"/etc/hosts", id="a path from the file upwards"),
    pytest.param(b"", {}, b"/", id="the root"),
    pytest.param(b"x\0tmp\0", {"what": What.UNLINKED}, b"/tmp/x (deleted)", id="a file without a name"),
    pytest.param(
        b"", {"what": What.UNLINKED}, b"/", id="the root is in no directory, and is there all the same"
    ),
    pytest.param(b"a\0", {"what": What.INCOMPLETE}, None, id="a path that is too long is not told"),
    pytest.param(
        b"\0",
        {"what": What.UNATTACHED, "magic": seen.PIPEFS_MAGIC, "inode": 7},
        b"pipe:[7]",
        id="a pipe",
    ),
    pytest.param(
        b"[eventfd]\0",
        {"what": What.UNATTACHED, "magic": seen.ANON_INODE_FS_MAGIC},
        b"anon_inode:[eventfd]",
        id="a kind that has one inode for all",
    ),
    pytest.param(
        b"memfd:x\0",
        {"what": What.UNATTACHED, "magic": seen.TMPFS_MAGIC},
        b"/memfd:x (deleted)",
        id="memory",
    ),
    *(
        pytest.param(
            b"secretmem\0",
            {"what": What.UNATTACHED, "magic": magic},
            b"/secretmem (deleted)",
            id=f"memory that the kernel cannot read, in {where}",
        )
        for magic, where in (
            (seen.SECRETMEM_MAGIC, "its file system"),
            (seen.ANON_INODE_FS_MAGIC, "an older kernel"),
        )
    ),
    pytest.param(b"", {"magic": seen.NSFS_MAGIC, "inode": 7}, b":[7]", id="a namespace, of any kind"),
    pytest.param(b"?\0", {"what": What.UNATTACHED, "magic": 1}, None, id="what we do not know is not told"),
]


@pytest.mark.parametrize(("components", "how", "expected"), PATHS)
def test_names(components: bytes, how: dict[str, Any], expected: bytes | None) -> None:
    assert names("openat", 3, components, **how) == ({} if expected is None else {3: (expected, None)})


@pytest.mark.parametrize(
    ("mode", "device", "expected"),
    [(0o020666, 1 << 20 | 3, "char 1:3"), (0o060660, 8 << 20 | 1, "block 8:1"), (0o100644, 5, None)],
)
def test_devices(mode: int, device: int, expected: str | None) -> None:
    assert names("openat", 3, b"x\0", mode=mode, device=device) == {3: (b"/x", expected)}


SOCKETS = [
    pytest.param(write.socket(2, 1, 6), b"", "TCP:[8]", id="neither bound nor connected"),
    pytest.param(write.socket(2, 1, 6, ports=(80, 0), local=HERE), b"", "TCP:[127.0.0.1:80]", id="bound"),
    pytest.param(
        write.socket(2, 2, 17, ports=(80, 4242), local=HERE, remote=THERE),
        b"",
        "UDP:[127.0.0.1:80->10.0.0.2:4242]",
        id="connected",
    ),
    pytest.param(
        write.socket(10, 1, 6, ports=(80, 4242), local=LOOPBACK, remote=MAPPED),
        b"",
        "TCPv6:[[::1]:80->[::ffff:127.0.0.1]:4242]",
        id="IPv6",
    ),
    pytest.param(write.socket(2, 3, 89), b"", "RAW:[8]", id="raw, whatever the protocol"),
    pytest.param(write.socket(2, 1, 99), b"", None, id="a protocol we do not know"),
    pytest.param(write.socket(1, 5), b"", "UNIX:[8]", id="UNIX"),
    pytest.param(write.socket(1, 1, peer=9), b"", "UNIX-STREAM:[8->9]", id="UNIX, with the other end"),
    pytest.param(write.socket(1, 2), b"/run/x\0", 'UNIX:[8,"/run/x"]', id="UNIX, with a path"),
    pytest.param(write.socket(1, 1), b'\0a"\x01', 'UNIX-STREAM:[8,@"a\\042\\001"]', id="UNIX, abstract"),
    pytest.param(write.socket(16, 3, 0), b"", "NETLINK:[8]", id="netlink, not bound"),
    pytest.param(write.socket(16, 3, 16, netlink=77), b"", "NETLINK:[GENERIC:77]", id="netlink"),
    pytest.param(write.socket(16, 3, 99, netlink=77), b"", "NETLINK:[99:77]", id="netlink of a new kind"),
    pytest.param(write.socket(17, 3), b"", None, id="another family"),
]


@pytest.mark.parametrize(("part", "rest", "expected"), SOCKETS)
def test_sockets(part: bytes, rest: bytes, expected: str | None) -> None:
    found = names("socket", 3, rest, inode=8, magic=SOCKFS, mode=0o140777, socket=part)

    assert found == {3: (b"socket:[8]", expected)}


def test_pairs() -> None:
    ends = write.socket(1, 1, peer=9)
    assert names("socketpair", 3, inode=8, magic=SOCKFS, other=4, socket=ends) == {
        3: (b"socket:[8]", "UNIX-STREAM:[8->9]"),
        4: (b"socket:[9]", "UNIX-STREAM:[9->8]"),
    }
    assert names("pipe2", 3, b"\0", inode=7, magic=seen.PIPEFS_MAGIC, what=What.UNATTACHED, other=4) == {
        3: (b"pipe:[7]", None),
        4: (b"pipe:[7]", None),
    }


def test_the_parts_of_a_record_are_where_the_program_puts_them() -> None:
    assert struct.calcsize("<QQIIIi") == FAMILY - INODE
    assert len(write.socket(0, 0)) == NAMES - FAMILY


@pytest.mark.parametrize("magic", [seen.ANON_INODE_FS_MAGIC, seen.TMPFS_MAGIC])
def test_of_a_file_in_no_directory_whose_name_could_not_be_read_nothing_is_known(magic: int) -> None:
    assert names("openat", 3, b"", what=What.UNATTACHED, magic=magic) == {}


@pytest.mark.parametrize("cut", [b"hosts\0et", b"hosts"])
def test_what_is_left_of_a_path_is_not_taken_for_one(cut: bytes) -> None:
    with pytest.raises(FormatError):
        names("openat", 3, cut)
