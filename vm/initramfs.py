"""The files that the kernel has before any other: busybox, its modules, what it starts, and the command.

Source: Documentation/driver-api/early-userspace/buffer-format.rst ("newc").
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from vm.kernels import Kernel
from vm.shares import Share

_SCRIPTS = Path(__file__).parent / "guest"
_DIRECTORY, _PROGRAM, _FILE = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755, stat.S_IFREG | 0o644
_END = ("TRAILER!!!", 0, b"")

Entry = tuple[str, int, bytes]


def initramfs(
    kernel: Kernel, busybox: Path, command: str, shares: Sequence[Share], own: Sequence[str]
) -> bytes:
    """`command` is a script; `own` are directories of the root that are to be empty and the guest's own."""
    table = "".join(f"{share.tag}|{share.mode}|{share.target}\n" for share in shares)
    table += "".join(f"own|own|{directory}\n" for directory in own)
    entries: list[Entry] = [
        (name, _DIRECTORY, b"") for name in ("bin", "modules", "vm", "dev", "proc", "sys", "newroot")
    ]
    entries += [
        ("bin/busybox", _PROGRAM, busybox.read_bytes()),
        ("init", _PROGRAM, (_SCRIPTS / "init").read_bytes()),
        ("vm/start", _PROGRAM, (_SCRIPTS / "start").read_bytes()),
        ("vm/command", _PROGRAM, command.encode()),
        ("vm/shares", _FILE, table.encode()),
        ("modules/list", _FILE, "".join(f"{name}\n" for name in kernel.modules).encode()),
    ]
    for name in kernel.modules:
        entries.append((f"modules/{name}", _FILE, (kernel.directory / "modules" / name).read_bytes()))
    return archive(entries)


def archive(entries: Iterable[Entry]) -> bytes:
    """Names, modes and contents, each with a header of thirteen numbers in hexadecimal."""
    out = bytearray()
    for number, (name, mode, data) in enumerate([*entries, _END], 1):
        ended = name.encode() + b"\0"
        #         inode   mode  u  g  links  mtime  size       device, rdev   name's size  checksum
        header = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(ended), 0)
        out += b"070701" + b"".join(b"%08x" % value for value in header)
        for part in (ended, data):
            out += part
            out += bytes(-len(out) % 4)
    return bytes(out)
