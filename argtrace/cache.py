"""What was found out about this kernel, kept between runs: a small JSON file a kernel build.

Reading BTF takes longer than a short command; what we need of it is twenty
numbers. The cache is a convenience: one that cannot be read, written or trusted
is as good as none. It holds offsets that the verifier checks again, and is read
only if it belongs to the user who runs us and nobody else may write it.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Mapping

from argtrace.kernel.buildid import build_id

Numbers = Mapping[str, int | None]


def remembered(topic: str, version: str, find: Callable[[], Numbers]) -> Numbers:
    """`find()`, or what it found the last time under this kernel and version."""
    build = build_id()
    if build is None:
        return find()
    path = os.path.join(directory(), f"{topic}-{version}-{build}.json")
    numbers = _read(path)
    if numbers is None:
        numbers = find()
        import json  # noqa: PLC0415 (start-up: not where something is kept)

        write(path, json.dumps(dict(numbers)).encode())
    return numbers


def directory() -> str:
    """Where everything of the kind is."""
    # XDG Base Directory Specification.
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "argtrace")


def read(path: str) -> bytes | None:
    """What is in the file; None if it is not there, or somebody else may have written it."""
    try:
        with open(path, "rb") as file:
            told = os.fstat(file.fileno())
            if told.st_uid != os.geteuid() or told.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            return file.read()
    except OSError:
        return None


def _read(path: str) -> Numbers | None:
    data = read(path)
    if data is None:
        return None
    import json  # noqa: PLC0415

    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(v is None or type(v) is int for v in found.values()):
        return None
    return found


def write(path: str, data: bytes) -> None:
    """Keep it, if that can be done."""
    # Written aside and renamed: nobody ever reads half a file.
    aside = f"{path}.{os.getpid()}"
    with contextlib.suppress(OSError):
        home = os.path.dirname(path)
        # Not a whole path: a home directory that is not there (nobody's) stays away.
        for wanted in (os.path.dirname(home), home):
            if not os.path.isdir(wanted):
                os.mkdir(wanted)
        # A new file, no link of somebody else's: the directory may not be ours (sudo keeps HOME).
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
        os.replace(aside, path)
