"""What of the kernel our programs use, and an older one has not.

Programs are made for a kernel that has everything; what it has not is put into their instructions
afterwards (`older.py`); where instructions do not show enough, who makes them is told.

The first Linux of each is in parentheses; a kernel is asked, whatever its version (`probing.py`).
"""

from __future__ import annotations

from argtrace.value import frozen, names


@frozen
class Features:
    """All false is Linux 4.19, about the oldest that is worth it."""

    ring: bool = True
    """A ring buffer for all CPUs (5.8). Else each has a buffer of perf's."""
    exchange: bool = True
    """Atomic operations with a result (5.12). Else a hash says who has a place."""
    task: bool = True
    """The current task as a pointer whose members can be loaded, and its pt_regs (5.11, 5.15)."""
    apart: bool = True
    """Helpers that tell user memory from the kernel's (5.5). Else there is one for both."""
    values: bool = True
    """Addresses of map values in instructions (5.2). Else they are looked up."""
    loops: bool = True
    """Loops (5.3). Else each round is there as often as it may be gone through."""
    functions: bool = True
    """Functions that are verified by themselves (5.6), are given pointers (5.12), and may be called where
    tail calls are (5.10; on aarch64 6.0). Else they are verified at each call."""
    runs: bool = True
    """BPF_PROG_TEST_RUN of raw tracepoints' programs (5.10). Else one is attached to a tracepoint that we
    reach ourselves."""
    allocation: bool = True
    """Hashes whose values are allocated as they come (6.1): before, the kernel warns in its log of programs
    that use one. Else there is room for fewer tasks."""
    mapped: bool = True
    """Arrays as memory (5.5). Else they are looked up by bpf(2)."""

    @property
    def all(self) -> bool:
        return self == ALL

    @property
    def sends_in_functions(self) -> bool:
        """Whether a function can send: it has no context, which perf's buffers want; and what is verified
        at each call is no cheaper than in line."""
        return self.functions and self.ring

    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in names(self) if not getattr(self, name))


ALL = Features()
