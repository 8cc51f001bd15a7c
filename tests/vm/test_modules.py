"""Modules come after those that they need."""

from __future__ import annotations

import lzma
from pathlib import Path

from vm import modules


def module(directory: Path, name: str, depends: str) -> None:
    contents = b"\x7fELF\0depends=" + depends.encode() + b"\0name=x\0"
    (directory / f"{name}.ko.xz").write_bytes(lzma.compress(contents))


def test_in_the_order_of_loading(tmp_path: Path) -> None:
    module(tmp_path, "virtiofs", "fuse,virtio")
    module(tmp_path, "fuse", "")
    module(tmp_path, "virtio-ring", "")
    module(tmp_path, "virtio", "virtio_ring")
    module(tmp_path, "other", "")
    found = modules.closure(tmp_path, ("virtio_pci", "virtiofs", "fuse"))

    assert [modules.plain(path) for path in found] == [
        "fuse.ko",
        "virtio-ring.ko",
        "virtio.ko",
        "virtiofs.ko",
    ]
    assert modules.contents(found[0]).startswith(b"\x7fELF")
