"""Another process's memory, as far as it is there: of a process whose pages somebody brings.

process_vm_readv(2) waits for a page that userfaultfd(2) has somebody else bring. If that is a thread
that waits for its tracer, both wait for ever. So of such a process nothing is read that is not there:
it is read when the call returns, as BPF does, and by then the call itself has waited.

Source: Documentation/admin-guide/mm/pagemap.rst: bit 63 of a page's entry, present; 62, swapped.

Not here: /dev/userfaultfd, which makes one by ioctl(2), is not noticed.
"""

from __future__ import annotations

import os
import struct

from argtrace.kernel import ptrace
from argtrace.ptrace.memory import PAGE, Read

_ENTRY = struct.Struct("<Q")
_THERE = 3 << 62


def reader(tid: int) -> Read:
    """`memory.Read` of one tracee."""

    def read(address: int, size: int) -> bytes:
        there = _there(tid, address, size)
        return ptrace.read(tid, address, there) if there else b""

    return read


def _there(tid: int, address: int, size: int) -> int:
    """How many of these bytes are, from the first on."""
    first = address // PAGE
    count = (address + size + PAGE - 1) // PAGE - first
    try:
        pages = os.open(f"/proc/{tid}/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # it has ended
        return 0
    try:
        entries = os.pread(pages, count * _ENTRY.size, first * _ENTRY.size)
    except OSError:  # no user's address
        return 0
    finally:
        os.close(pages)
    last = first
    for (entry,) in _ENTRY.iter_unpack(entries[: len(entries) & ~7]):
        if not entry & _THERE:
            break
        last += 1
    return max(0, min(last * PAGE - address, size))


def is_served(pid: int) -> bool:
    """Whether a process holds a userfaultfd."""
    try:
        return any(
            os.readlink(f"/proc/{pid}/fd/{fd}") == "anon_inode:[userfaultfd]"
            for fd in os.listdir(f"/proc/{pid}/fd")
        )
    except OSError:  # it has ended, or closed one meanwhile
        return False
