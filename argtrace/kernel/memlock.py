"""RLIMIT_MEMLOCK, which kernels before 5.11 count maps and programs against: EPERM says both that it is
reached, and that one may not.

Source: setrlimit(2), bpf(2).
"""

from __future__ import annotations

import resource
from threading import Lock

_before: list[tuple[int, int]] = []
_lock = Lock()


def lift() -> bool:
    """Have no limit, until `put_back`. False if there never was one, or it is not ours to lift; True also
    where another thread has lifted it."""
    with _lock:
        limits = resource.getrlimit(resource.RLIMIT_MEMLOCK)
        if limits[0] == resource.RLIM_INFINITY:
            return bool(_before)
        try:
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            return False
        _before.append(limits)
        return True


def put_back() -> None:
    """The limit as it was: commands that are started inherit it."""
    while _before:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, _before.pop())
