"""RLIMIT_MEMLOCK, which kernels before 5.11 count maps and programs against: EPERM says both that it is
reached, and that one may not.

Source: setrlimit(2), bpf(2).
"""

from __future__ import annotations

import os
import resource
from threading import Lock

_before: list[tuple[int, int]] = []
_lock = Lock()


def counted(release: str | None = None, limit: int | None = None) -> int | None:
    """Bytes that maps and programs may have here; None without a limit, and from Linux 5.11 on, where they
    are the memory cgroup's.

    `release`: as uname(2) has it; `limit`: RLIMIT_MEMLOCK."""
    import re  # noqa: PLC0415 (start-up: only where something was refused)

    found = re.match(r"(\d+)\.(\d+)", os.uname().release if release is None else release)
    if found is None or (int(found[1]), int(found[2])) >= (5, 11):
        return None
    if limit is None:
        limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return None if limit == resource.RLIM_INFINITY else limit


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
