"""Any text as the tables of sockets: what they say of a socket is of that one, whatever others are called.

A UNIX socket's path may have anything in it, line ends too (unix(7)), and the kernel writes it as it is.
An input is such paths: whatever they are, nothing is said of sockets that are not theirs.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock

from argtrace import proc_files
from argtrace.proc_files import _Sockets
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.fuzz.targets import proc

HEADS = {
    "tcp": b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid inode",
    "unix": b"Num       RefCount Protocol Flags    Type St Inode Path",
    "netlink": b"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode",
}
TCP = (
    b"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0"
)
NETLINK = b"0000000000000000 0   4321       00000111 0        0        0     2        0        88"
UNIX = b"0000000000000000: 00000002 00000000 00010000 0001 01 %d %s"


class _Tables:
    tables: dict[str, bytes]

    def open(self, path: str, mode: str = "r", **_: Any) -> Any:
        name = path.rpartition("/")[2]
        if name not in self.tables:
            raise FileNotFoundError
        proc.FILES.text = self.tables[name]
        return proc.FILES.open(path, mode)


TABLES = _Tables()


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    yield None


def check(data: bytes) -> None:
    given = Choices(data)
    kind = given.byte()
    if kind % 4 == 0:
        # Any text: something, or nothing.
        TABLES.tables = {name: given.block() for name in ("tcp", "tcp6", "udp", "netlink", "unix")}
        _details((1, 77, 88))
        return
    paths = [given.block(107).replace(b"\0", b"@") for _ in range(1 + kind % 3)]
    lines = [UNIX % (100 + at, path) for at, path in enumerate(paths)]
    lines.insert(kind // 4 % (len(lines) + 1), UNIX % (200, b"/run/mine"))
    TABLES.tables = {
        "tcp": HEADS["tcp"] + b"\n" + TCP + b"\n",
        "netlink": HEADS["netlink"] + b"\n" + NETLINK + b"\n",
        "unix": HEADS["unix"] + b"\n" + b"\n".join(lines) + b"\n",
    }
    found = _details((77, 88, 200, 300))
    assert found[77] == "TCP:[127.0.0.1:8080]", found
    assert found[88] == "NETLINK:[ROUTE:4321]", found
    assert found[200] in (None, 'UNIX-STREAM:[200,"/run/mine"]'), found


def _details(inodes: tuple[int, ...]) -> dict[int, str | None]:
    with (
        mock.patch.object(proc_files, "open", TABLES.open, create=True),
        mock.patch.object(proc_files, "_diagnosis", _nobody),
        mock.patch.object(proc_files, "_peer", return_value=0),
    ):
        sockets = _Sockets(os.getpid())
        found = {inode: sockets.detail(inode) for inode in inodes}
    for detail in found.values():
        assert detail is None or re.match(r"[A-Z0-9-]+:", detail), detail
    return found


def seeds() -> list[bytes]:
    forged = UNIX % (77, b"/fake")
    return [
        b"\1\6/a/b/c",
        b"\1" + bytes([len(forged) + 2]) + b"x\n" + forged,
        b"\1\3a\nb",
        b"\0" + bytes([len(TCP) + 1]) + b"\n" + TCP,
    ]


WORDS = (b"\n", UNIX % (77, b"/x"), UNIX % (200, b"/other"), UNIX % (88, b"@x"), b" ", b"@")

TARGET = Target("tables of sockets (proc_files.py, decode/endpoints.py)", check, seeds, WORDS, most=800)
