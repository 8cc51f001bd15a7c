"""The modules that a boot needs, with those that they need, in the order of loading.

From 6.12 on Debian's cloud kernels have virtio's drivers built in: then there is nothing to load.

Source: modinfo(8) for the sections of a module (`depends=`).
"""

from __future__ import annotations

import re
from pathlib import Path

from vm.image import unpacked

BOOT = ("virtio_pci", "virtio_console", "fuse", "virtiofs")
"""What the guest's root and its ports are reached by."""


def contents(path: Path) -> bytes:
    data = path.read_bytes()
    return data if data.startswith(b"\x7fELF") else unpacked(data)


def plain(path: Path) -> str:
    """`virtio-pci.ko.xz` is virtio-pci.ko when it is unpacked."""
    return re.sub(r"\.ko\..*", ".ko", path.name)


def closure(directory: Path, wanted: tuple[str, ...]) -> list[Path]:
    """Files of these modules and of what they depend on; what is not there is built in."""
    files = {
        plain(path).removesuffix(".ko").replace("-", "_"): path for path in sorted(directory.rglob("*.ko*"))
    }
    order: list[Path] = []

    def add(name: str) -> None:
        path = files.get(name.replace("-", "_"))
        if path is None or path in order:
            return
        depends = re.search(rb"\0depends=([^\0]*)\0", b"\0" + contents(path))
        for needed in depends[1].decode().split(",") if depends else ():
            add(needed)
        order.append(path)

    for name in wanted:
        add(name)
    return order
