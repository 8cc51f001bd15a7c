"""Which kernel runs, to the build: the key of whatever is remembered about it.

Source: elf(5), "Notes"; /sys/kernel/notes holds those of vmlinux.
"""

from __future__ import annotations

import os
import struct
import zlib

from argtrace.kernel.calls import PRETEND

BTF = "/sys/kernel/btf/vmlinux"

OWN_BTF = "ARGTRACE_BTF"
"""A variable of the environment: a file with this kernel's types, where the kernel has none itself."""

_NOTE = struct.Struct("<III")  # name size, description size, type
_GNU, _NT_GNU_BUILD_ID = b"GNU\0", 3


def build_id(notes: bytes | None = None) -> str | None:
    """The running kernel's build id in hexadecimal, or None if it tells none."""
    if notes is None:
        try:
            with open("/sys/kernel/notes", "rb") as file:
                notes = file.read()
        except OSError:
            return None
    at = 0
    while at + _NOTE.size <= len(notes):
        name_size, size, type = _NOTE.unpack_from(notes, at)
        name_at = at + _NOTE.size
        begin = name_at + (name_size + 3 & ~3)
        if type == _NT_GNU_BUILD_ID and notes[name_at : name_at + name_size] == _GNU:
            found = notes[begin : begin + size].hex()
            return found + _otherwise() if found else None
        at = begin + (size + 3 & ~3)
    return None


def btf() -> str:
    """Where this kernel's types are."""
    return os.environ.get(OWN_BTF) or BTF


def _otherwise() -> str:
    """What makes the answers others than the kernel's own."""
    own, pretended = os.environ.get(OWN_BTF), os.environ.get(PRETEND)
    found = f"-as-{pretended}" if pretended else ""
    if own:
        try:
            told = os.stat(own)
        except OSError:
            return found
        found += f"-by-{zlib.crc32(own.encode()):x}-{told.st_size:x}-{told.st_mtime_ns:x}"
    return found
