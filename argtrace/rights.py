"""Which capabilities argtrace still needs once everything is attached; the others it gives up.

Maps, the ring and links are descriptors: whoever has them needs no right to use them. What remains:

    CAP_KILL              the command that we end may have become another user's
    CAP_DAC_OVERRIDE      its cgroup is to be removed from below one that we may not write to
    CAP_SYS_PTRACE and    with -y, /proc/PID/fd of other users and of who has more rights than we;
    CAP_DAC_READ_SEARCH   any /proc/PID where /proc is mounted with hidepid
    CAP_DAC_READ_SEARCH   this program's own files, in a home directory that others may not enter
    CAP_BPF               looking into maps, before Linux 5.19

What can be tried without them in effect is tried. The command was forked before, so it has what it would
have without argtrace; the guard gives up its own (`guard.py`).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from argtrace.errors import ArgtraceError, KernelRefused, NotSupported
from argtrace.kernel import capabilities
from argtrace.kernel.capabilities import (
    CAP_BPF,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    CAP_KILL,
    CAP_SYS_PTRACE,
    mask,
)


def drop(keep: int, look: Callable[[], object] | None = None) -> ArgtraceError | None:
    """Give up what is not needed to the end, but for `keep`. `look`: by bpf(2), if we ever do.

    Gives why they stay, where they do: a sandbox forbids capset(2), or somebody else has threads in this
    process. A trace is not the worse for it."""
    had = capabilities.permitted()
    if not had:
        return None
    if processes_are_hidden():
        keep |= mask(CAP_SYS_PTRACE)
    for capability, trial in ((CAP_DAC_READ_SEARCH, _read_ourselves), (CAP_BPF, look)):
        if trial is not None and not _works(trial, had & ~keep):
            keep |= mask(capability)
    try:
        capabilities.drop(keep)
    except (KernelRefused, NotSupported) as error:
        return error
    return None


def for_command() -> int:
    """What ending a command takes."""
    return mask(CAP_KILL)


def for_cgroup(parent: str) -> int:
    """What removing a cgroup below this one takes, and moving back what is in it."""

    def remove() -> None:
        for path in (parent, f"{parent}/cgroup.procs"):
            if not os.access(path, os.W_OK, effective_ids=True):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    override = mask(CAP_DAC_OVERRIDE)
    return override if capabilities.permitted() & override and not _works(remove, override) else 0


def for_descriptors(command: int | None) -> int:
    """What reading /proc/PID/fd takes: of a command of ours and what it starts, or of any process.

    Without CAP_SYS_PTRACE one may look at what has no more rights than oneself
    (security/commoncap.c, cap_ptrace_access_check()): then what they have is kept.
    """
    had = capabilities.permitted()
    if had >> CAP_SYS_PTRACE & 1:
        return mask(CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH)
    return had if command is None else capabilities.of_process(command).get("permitted", 0)


def _works(trial: Callable[[], object], without: int) -> bool:
    """Whether it is not refused for want of these."""
    try:
        with capabilities.without(without):
            trial()
    except OSError as error:
        return error.errno not in (errno.EPERM, errno.EACCES)
    return True


def _read_ourselves() -> None:
    """What is imported later is where this is, and where Python's own modules are."""
    for file in (__file__, os.__file__):
        with open(file, "rb"):
            continue


def processes_are_hidden() -> bool:
    """Whether /proc is mounted with hidepid (proc(5))."""
    try:
        with open("/proc/self/mountinfo", errors="replace") as file:
            return any(" /proc " in line and "hidepid=" in line for line in file)
    except OSError:
        return True
