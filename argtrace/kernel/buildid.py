"""Which kernel runs, to the build: the key of whatever is remembered about it.

Source: elf(5), "Notes"; /sys/kernel/notes holds those of vmlinux.
"""

from __future__ import annotations

import os
import struct

from argtrace.kernel.calls import PRETEND

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
            # What an older one would have said is not to be taken for this one's.
            pretended = os.environ.get(PRETEND)
            return f"{found}-as-{pretended}" if found and pretended else found or None
        at = begin + (size + 3 & ~3)
    return None
