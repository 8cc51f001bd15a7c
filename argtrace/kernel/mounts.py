"""tracefs without mounting it anywhere: a mount that is only a descriptor.

Source: fsopen(2), fsconfig(2), fsmount(2) (Linux 5.2).

Nobody else sees the mount, and it is gone with the descriptor, kill -9
included. A machine that has tracefs mounted already is read where it is.
"""

from __future__ import annotations

import ctypes
import os

from argtrace.errors import KernelRefused
from argtrace.kernel.calls import Descriptor

# The same number on every architecture (asm-generic/unistd.h, Linux 5.2).
_NR_FSOPEN, _NR_FSCONFIG, _NR_FSMOUNT = 430, 431, 432
_FSOPEN_CLOEXEC = 1
_FSCONFIG_CMD_CREATE = 6
_FSMOUNT_CLOEXEC = 1

_USUAL_PLACES = ("/sys/kernel/tracing", "/sys/kernel/debug/tracing")


def tracefs() -> Descriptor:
    """A directory descriptor of tracefs's root. Raises KernelRefused."""
    for place in _USUAL_PLACES:
        # A mount point without its file system is an empty directory.
        if os.access(f"{place}/events", os.R_OK | os.X_OK):
            return Descriptor(os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    return _detached("tracefs")


def _detached(filesystem: str) -> Descriptor:
    with Descriptor(_call("fsopen", _NR_FSOPEN, filesystem.encode(), _FSOPEN_CLOEXEC)) as context:
        _call("fsconfig", _NR_FSCONFIG, context.fileno(), _FSCONFIG_CMD_CREATE, None, None, 0)
        return Descriptor(_call("fsmount", _NR_FSMOUNT, context.fileno(), _FSMOUNT_CLOEXEC, 0))


def _call(name: str, number: int, *arguments: int | bytes | None) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result: int = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise KernelRefused(name, ctypes.get_errno())
    return result
