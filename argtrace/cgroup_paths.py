"""Cgroups of version 2 by id, path and container: what is mounted says.

A cgroup's id is the inode number of its directory (Documentation/admin-guide/cgroup-v2.rst is silent;
kernel/cgroup/cgroup.c, cgroup_id(): kernfs_node.id, which stat(2) gives as st_ino on 64-bit machines).

Not here: the leaf that a command is held in is `cgroups.py`; names of containers `decode/containers.py`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator

from argtrace.cgroups import mounted
from argtrace.decode.containers import identify
from argtrace.errors import ArgtraceError, NotFound

_AGAIN = 0.5  # seconds before what was not found is looked for again
_MANY = 100_000  # cgroups that are remembered


class CgroupPaths:
    """Paths by id, remembered: a cgroup may be gone when its last record is read."""

    def __init__(self, root: str | None = None) -> None:
        """`root`: where cgroup2 is mounted."""
        self._root = mounted() if root is None else root
        self._paths: dict[int, str] = {}
        self._missed: dict[int, float] = {}

    def path(self, id: int) -> str | None:
        """From the root of what is mounted; None where it is not, or the cgroup is gone."""
        found = self._paths.get(id)
        if found is not None or self._root is None:
            return found
        # A new id is looked for at once: who asks may remember that there is none.
        missed = self._missed.get(id)
        if missed is None or time.monotonic() - missed > _AGAIN:
            for remembered in (self._paths, self._missed):
                if len(remembered) > _MANY:
                    remembered.clear()
            self._paths |= {inode: path for path, inode in walk(self._root)}
            found = self._paths.get(id)
            if found is None:
                self._missed[id] = time.monotonic()
        return found


def walk(root: str) -> Iterator[tuple[str, int]]:
    """Every cgroup that is mounted there: its path from there, and its id."""
    with contextlib.suppress(FileNotFoundError):  # what has a root that was removed is none
        yield "/", os.stat(root).st_ino
    waiting = [""]
    while waiting:
        above = waiting.pop()
        try:
            with os.scandir(root + above) as entries:
                below = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
        except OSError:  # it was just removed
            continue
        for entry in below:
            path = f"{above}/{entry.name}"
            waiting.append(path)
            yield path, entry.inode()


def directory(path: str) -> str:
    """The directory of a cgroup: given as one, or by its path from the root. Raises ArgtraceError."""
    root = _root()
    inside = f"{root}/{path.strip('/')}".rstrip("/")
    for candidate in (path, inside):
        if os.path.exists(os.path.join(candidate, "cgroup.procs")):
            if not os.path.exists(os.path.join(candidate, "cgroup.controllers")):
                raise ArgtraceError(
                    f"{candidate} is a cgroup of version 1",
                    remedy=f"programs in the kernel know those of version 2: {root}",
                )
            return candidate
    raise ArgtraceError(f"no cgroup {path}", remedy=f"a directory, or a path below {root}: systemd-cgls")


def of_container(id: str) -> str:
    """The directory of a container's cgroup, by the beginning of its id, or by its name. Raises NotFound."""
    root = _root()
    found: dict[str, str] = {}
    others: set[str] = set()
    for path, _ in walk(root):
        container = identify(path)
        # The outermost: there may be more below it.
        if container is not None and container.id not in found:
            if container.id.startswith(id):
                found[container.id] = path
            else:
                others.add(f"{container.runtime} {container.short}")
    if len(found) > 1 and id not in found:
        raise ArgtraceError(
            f"container {id} may be {', '.join(sorted(found))}", remedy="write more of its id"
        )
    if not found:
        raise NotFound(f"container {id}", f"the cgroups at {root}", tuple(sorted(others))[:8])
    return root + (found.get(id) or next(iter(found.values())))


def members(directory: str) -> Iterator[int]:
    """Processes in a cgroup and below it. Those that end meanwhile may be among them."""
    for path, _ in walk(directory):
        try:
            with open(f"{directory}{path}/cgroup.procs") as file:
                yield from (pid for pid in map(int, file) if pid)
        except OSError:  # removed; or threaded: its processes are listed above
            continue


def _root() -> str:
    root = mounted()
    if root is None:
        raise ArgtraceError("no cgroup2 is mounted", remedy="mount -t cgroup2 none DIRECTORY")
    return root
