"""Whether there is room for a trace where addresses are limited: asked once, before anything is begun.

Python 3.11 may go round for good where memory ends in the middle of its work: what handles an error keeps its
place as a number, and where there is no memory for that the error is handled anew (Python/ceval.c,
exception_unwind). So what is known to be too little is said beforehand.
"""

from __future__ import annotations

import resource

from argtrace.errors import ArgtraceError

LEAST = 17 << 20
"""Bytes. Measured with Python 3.11 on x86-64: from here on a trace of `echo` by ptrace takes 12 to 15 MiB; by
BPF the ring comes on top. Two more, since Python is not to come near the end."""

_MIB = 1 << 20


def ask(limit: int | None = None, used: int | None = None) -> None:
    """Raises ArgtraceError if there is less than that left.

    `limit`: RLIMIT_AS in bytes, or RLIM_INFINITY; `used`: of it, as proc(5) has it in statm."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0] if limit is None else limit
    if limit == resource.RLIM_INFINITY:
        return
    if used is None:
        with open("/proc/self/statm", encoding="ascii") as statm:
            used = int(statm.read().split()[0]) * resource.getpagesize()
    if limit - used < LEAST:
        left, least = max(limit - used, 0) // _MIB, LEAST // _MIB
        raise ArgtraceError(
            f"out of memory: {left} MiB of addresses are left, and the least trace takes {least}",
            remedy="raise `ulimit -v`",
        )
