"""Cgroups: where ours is, and a leaf below it that can be frozen as one.

Sources: Documentation/admin-guide/cgroup-v2.rst ("Core Interface Files", "Delegation"),
proc_pid_mountinfo(5), cgroups(7).

    0::/user.slice/session-2.scope                  /proc/self/cgroup
    41 31 0:38 / /sys/fs/cgroup rw - cgroup2 …      /proc/self/mountinfo
    -> /sys/fs/cgroup/user.slice/session-2.scope/argtrace-1234-9f3c0a17

A leaf has no controllers, so that what is in it is limited and accounted as before.
While somebody guards a leaf its directory is locked with flock(2); one that nobody
guards any more is thawed, emptied and removed by the next argtrace that makes one.

Not here: when to freeze is `guard.py`.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import time
from collections.abc import Sequence

from argtrace.errors import ArgtraceError

_PREFIX = "argtrace-"
_PATIENCE = 2.0  # seconds in which a leaf must become empty

ELSE = "take a larger --buffer; --no-backpressure leaves this note out"
"""What helps whatever the reason; last in every remedy."""
DELEGATE = f"be root, or start it with `systemd-run --user --scope -p Delegate=yes`, or {ELSE}"
_CURES = {
    errno.EACCES: DELEGATE,
    errno.EPERM: DELEGATE,
    errno.EROFS: f"mount cgroup2 writable, or {ELSE}",
    errno.ENOENT: f"a kernel that can freeze cgroups (Linux 5.2), or {ELSE}",
    errno.EOPNOTSUPP: f"start it outside of threaded cgroups, or {ELSE}",
}


class NoFreezer(ArgtraceError):
    """There is no cgroup to put a command into, so it cannot be held while its records are read."""

    of_machine = True

    def __init__(self, why: str, *, remedy: str = ELSE, slowed: bool = True) -> None:
        otherwise = ", only slowed down" if slowed else ""
        super().__init__(f"the command cannot be frozen while its records are read{otherwise}: {why}")
        self.why = why
        self.remedy = remedy


def ours() -> str:
    """The directory of the cgroup this process is in. Raises NoFreezer."""
    try:
        with open("/proc/self/mountinfo", errors="surrogateescape") as file:
            mounts = file.read()
        with open("/proc/self/cgroup", errors="surrogateescape") as file:
            return find(mounts, file.read())
    except OSError as error:
        raise NoFreezer(str(error)) from error


def mounted(mountinfo: str | None = None) -> str | None:
    """Where cgroup2 is mounted, from its highest root; None if nowhere. `mountinfo`: the file's text."""
    if mountinfo is None:
        with open("/proc/self/mountinfo", errors="surrogateescape") as file:
            mountinfo = file.read()
    mounts = sorted(_mounts(mountinfo), key=lambda mount: len(mount[0]))
    return mounts[0][1] if mounts else None


def find(mountinfo: str, membership: str) -> str:
    """The same from the texts of /proc/self/mountinfo and /proc/self/cgroup. Raises NoFreezer."""
    path = next((line[3:] for line in membership.splitlines() if line.startswith("0::/")), None)
    if path is None:
        raise NoFreezer("/proc/self/cgroup names no cgroup of version 2")
    mounts = sorted(_mounts(mountinfo), key=lambda mount: mount[2])  # those we may write to first
    if not mounts:
        raise NoFreezer("no cgroup2 is mounted", remedy=f"mount -t cgroup2 none DIRECTORY, or {ELSE}")
    for root, point, _ in mounts:
        # Above the root of our namespace a path has no names: "/..".
        if "/.." not in (root[:3], path[:3]) and f"{path}/".startswith(f"{root.rstrip('/')}/"):
            return os.path.join(point, path[len(root) :].lstrip("/")).rstrip("/")
    raise NoFreezer(f"our cgroup {path} is outside of what is mounted at {mounts[0][1]}")


def _mounts(mountinfo: str) -> list[tuple[str, str, bool]]:
    """Root, mount point, whether it is read-only, of each mounted cgroup2."""
    found = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if kind[0] == "cgroup2" and len(fields) >= 6 and len(kind) >= 3:
            options = {*fields[5].split(","), *kind[2].split(",")}
            found.append((_unescaped(fields[3]), _unescaped(fields[4]), "ro" in options))
    return found


def _unescaped(text: str) -> str:
    # Space, tab, newline and backslash are octal there: "\040".
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)


class Leaf:
    """A cgroup below `parent`. Nothing exists before `make`; any process may `dissolve` it."""

    def __init__(self, parent: str, name: str | None = None) -> None:
        self.parent = parent
        self.path = f"{parent}/{name or f'{_PREFIX}{os.getpid()}-{os.urandom(4).hex()}'}"
        self._directory = self._freeze = -1

    def make(self) -> None:
        """Make it, lock it, and hold it open. Raises NoFreezer."""
        try:
            os.mkdir(self.path, 0o755)
            self._directory = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._freeze = os.open(f"{self.path}/cgroup.freeze", os.O_RDWR)
        except OSError as error:
            raise self._cannot("make", error) from error

    def admit(self, pid: int) -> None:
        """Move a process into it. Raises NoFreezer."""
        try:
            _write(f"{self.path}/cgroup.procs", b"%d" % pid)
        except OSError as error:
            raise self._cannot("move the command into", error) from error

    def freeze(self, frozen: bool) -> None:
        """Stop, or let go, all that is in it and below it. Raises OSError once it is removed."""
        os.pwrite(self._freeze, b"1" if frozen else b"0", 0)

    def frozen(self) -> bool:
        """Whether that is asked for."""
        return os.pread(self._freeze, 2, 0).startswith(b"1")

    def descriptors(self) -> tuple[int, ...]:
        """What a process that is to guard it must keep open."""
        return self._directory, self._freeze

    def dissolve(self, patience: float = _PATIENCE) -> bool:
        """Thaw it, move what is in it back, remove it.

        False if it could not be removed: cgroups that the command made in it are
        not ours to empty. Then it stays, thawed.
        """
        end = time.monotonic() + patience
        pause = 0.0005
        while True:
            try:
                with contextlib.suppress(FileNotFoundError):  # a kernel without
                    _write(f"{self.path}/cgroup.freeze", b"0")
                self._empty()
                os.rmdir(self.path)
            except FileNotFoundError:
                return True
            except OSError as error:
                # ENODEV: another one of us removes it just now. EBUSY: somebody was forked
                # meanwhile, or has not quite ended.
                if error.errno not in (errno.EBUSY, errno.ENODEV):
                    return False
            else:
                return True
            if self.children() or time.monotonic() > end:
                return False
            time.sleep(pause)
            pause = min(pause * 2, 0.05)

    def children(self) -> Sequence[str]:
        """Names of the cgroups in it: not ours."""
        try:
            return [entry.name for entry in os.scandir(self.path) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            return []

    def close(self) -> None:
        """Release descriptors and with them the lock."""
        for fd in self.descriptors():
            if fd >= 0:
                os.close(fd)
        self._directory = self._freeze = -1

    def _empty(self) -> None:
        with open(f"{self.path}/cgroup.procs", "rb") as file:
            members = file.read().split()
        for pid in members:
            # 0 is a process that our pid namespace does not show; written, it would mean ourselves.
            if pid != b"0":
                with contextlib.suppress(ProcessLookupError):
                    _write(f"{self.parent}/cgroup.procs", pid)

    def _cannot(self, what: str, error: OSError) -> NoFreezer:
        remedy = _CURES.get(error.errno or 0, ELSE)
        return NoFreezer(f"cannot {what} {self.path}: {error.strerror}", remedy=remedy)


def sweep(parent: str) -> None:
    """Dissolve leaves below `parent` that nobody guards: argtrace and all its guards were killed at once."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(parent):
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                _sweep(parent, entry.name)


def _sweep(parent: str, name: str) -> None:
    directory = os.open(f"{parent}/{name}", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Leaf(parent, name).dissolve(patience=0)
    except BlockingIOError:
        return  # guarded
    finally:
        os.close(directory)


def _write(path: str, text: bytes) -> None:
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text)
    finally:
        os.close(fd)
