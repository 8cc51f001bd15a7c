"""A cgroup of a test's own: what runs in it is seen whole, may be bounded, and does not outlive it.

    with Pen(pids=100) as pen:
        subprocess.run([*pen.prefix, "program"])
        pen.members(), pen.leaves()     who is still there; cgroups that somebody made in it

Its cgroup2 is where argtrace, run in it, makes its leaf. Limits are those of whichever version has the
controller here. Nothing here asserts.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from argtrace.cgroups import ours
from tests.support.live import IN_A_GUEST, SLOWER

_NUMBERS = itertools.count()


def becomes(condition: Callable[[], object], seconds: float = 10) -> bool:
    """Whether a callable is true within so many seconds; more of them in a guest."""
    end = time.monotonic() + seconds * SLOWER
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2 if IN_A_GUEST else 0.005)
    return True


def mount_of(controller: str) -> Path | None:
    """Where a controller of version 1 is mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, kind = line.partition(" - ")
        if kind.startswith("cgroup ") and controller in kind.split()[-1].split(","):
            return Path(fields.split()[4])
    return None


def _own(controller: str) -> Path | None:
    """Our cgroup of that controller, version 1."""
    root = mount_of(controller)
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, names, path = line.split(":", 2)
        if root is not None and controller in names.split(","):
            own = root / path.lstrip("/")
            return own if own.is_dir() else root
    return root


class Pen:
    """`pids`: the most tasks; `memory`: the most bytes. Raises OSError where that cannot be had."""

    def __init__(self, *, pids: int | None = None, memory: int | None = None) -> None:
        name = f"hostile-{os.getpid()}-{next(_NUMBERS)}"
        self.path = Path(ours()) / name
        self._directories = [self.path]
        self._limits: list[tuple[Path, str]] = []
        for controller, files, most in (
            ("pids", ("pids.max", "pids.max"), pids),
            ("memory", ("memory.limit_in_bytes", "memory.max"), memory),
        ):
            if most is not None:
                own = _own(controller)
                directory = self.path if own is None else own / name
                if own is not None:
                    self._directories.append(directory)
                self._limits.append((directory / files[own is None], str(most)))

    @staticmethod
    def can_limit(controller: str) -> bool:
        """Whether a pen may have a limit of that kind."""
        if mount_of(controller) is not None:
            return True
        return controller in Path(ours(), "cgroup.subtree_control").read_text().split()

    def __enter__(self) -> Self:
        for directory in self._directories:
            directory.mkdir()
        try:
            for file, most in self._limits:
                file.write_text(most)
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()
        self._remove()

    @property
    def prefix(self) -> Sequence[str]:
        """Words before a command that is to run in it."""
        enter = "; ".join(f"echo $$ >'{directory}/cgroup.procs'" for directory in self._directories)
        return ["sh", "-c", f'{enter}; exec "$@"', "sh"]

    def leaves(self) -> list[Path]:
        return [entry for entry in self.path.iterdir() if entry.is_dir()]

    def members(self) -> set[int]:
        """Processes in it, in its leaves too; zombies are none."""
        found: set[int] = set()
        for directory in (self.path, *self.leaves()):
            with contextlib.suppress(OSError):
                found |= {int(word) for word in (directory / "cgroup.procs").read_text().split()}
        return {pid for pid in found if state(pid) not in "ZX"}

    def frozen(self) -> bool:
        """Whether any leaf is."""
        for leaf in self.leaves():
            with contextlib.suppress(OSError):
                if "frozen 1" in (leaf / "cgroup.events").read_text():
                    return True
        return False

    def clear(self) -> None:
        """Kill all that is in it, whatever state it is in."""

        def empty() -> bool:
            for directory in (self.path, *self.leaves()):
                with contextlib.suppress(OSError):
                    (directory / "cgroup.kill").write_text("1")
                    (directory / "cgroup.freeze").write_text("0")
            return not self.members()

        becomes(empty)

    def _remove(self) -> None:
        for leaf in self.leaves():
            with contextlib.suppress(OSError):
                leaf.rmdir()
        for directory in self._directories:
            becomes(lambda directory=directory: _removed(directory))  # type: ignore[misc]


def _removed(directory: Path) -> bool:
    try:
        directory.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # a zombie whose parent has not yet waited
        return False
    return True


def state(pid: int) -> str:
    """As ps shows it; X for one that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
