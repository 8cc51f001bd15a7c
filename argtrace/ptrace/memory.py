"""Another process's memory, read as the helpers of BPF programs read it.

Source: kernel/trace/bpf_trace.c, bpf_probe_read_user() and bpf_probe_read_user_str();
mm/maccess.c, strncpy_from_user_nofault(); arch/x86/include/asm/uaccess_64.h, __access_ok().

One difference is wanted: a page that is not there yet is brought in. So what is read when a
call begins is there, where BPF must wait for its end.
"""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]
"""(address, size): what can be read from there on, up to so many bytes."""

PAGE = 4096
_TOP_57 = 0xFF_FFFF_FFFF_F000
"""Where user memory ends at the latest (57-bit addresses)."""


def block(read: Read, address: int, size: int) -> bytes | None:
    """All of it, or None."""
    if address + size > _TOP_57:
        return None
    if size == 0:
        return b""
    data = read(address, size)
    while 0 < len(data) < size:
        # A read ends at what is not there, and at the most one call gives.
        more = read(address + len(data), size - len(data))
        if not more:
            return None
        data += more
    return data if len(data) == size else None


def string(read: Read, address: int, space: int) -> bytes | None:
    """Up to and with its NUL; the first `space` - 1 bytes and a NUL if it is longer; None where it
    cannot be read so far."""
    found = b""
    while len(found) < space - 1:
        at = address + len(found)
        # To the end of the page: most strings end before it.
        part = read(at, min(space - 1 - len(found), PAGE - at % PAGE)) if at < _TOP_57 else b""
        end = part.find(b"\0")
        if end >= 0:
            return found + part[: end + 1]
        if not part:
            return None
        found += part
    return found + b"\0"
