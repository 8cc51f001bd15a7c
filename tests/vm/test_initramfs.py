"""The archive that the kernel unpacks, read back by cpio's own rules."""

from __future__ import annotations

from pathlib import Path

from vm.initramfs import archive, initramfs
from vm.kernels import Kernel
from vm.shares import Share


def entries(data: bytes) -> dict[str, tuple[int, bytes]]:
    """Mode and contents by name, up to the trailer."""
    found: dict[str, tuple[int, bytes]] = {}
    at = 0
    while True:
        assert data[at : at + 6] == b"070701"
        words = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, length = words[1], words[6], words[11]
        name = data[at + 110 : at + 110 + length - 1].decode()
        begin = (at + 110 + length + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found[name] = (mode, data[begin : begin + size])
        at = (begin + size + 3) & ~3


def test_contents_of_any_length() -> None:
    given = [(f"f{size}", 0o100644, bytes(range(size))) for size in range(9)]

    assert entries(archive(given)) == {name: (mode, data) for name, mode, data in given}


def test_what_a_guest_gets(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "fuse.ko").write_bytes(b"a module")
    busybox = tmp_path / "busybox"
    busybox.write_bytes(b"busybox")
    kernel = Kernel(tmp_path, "6.1", "amd64", "6.1.0", "linux-image", "6.1.0-1", ("fuse.ko",))
    shares = [Share("results", tmp_path, "/run/results", writable=True), Share("tree", tmp_path, "/tree")]
    found = entries(initramfs(kernel, busybox, "exec true\n", shares, ["/root/.cache"]))

    assert found["bin/busybox"] == (0o100755, b"busybox")
    assert found["vm/command"][1] == b"exec true\n"
    assert found["vm/shares"][1] == b"results|rw|/run/results\ntree|ro|/tree\nown|own|/root/.cache\n"
    assert (found["modules/list"][1], found["modules/fuse.ko"][1]) == (b"fuse.ko\n", b"a module")
    assert found["init"][1].startswith(b"#!/bin/busybox sh")
