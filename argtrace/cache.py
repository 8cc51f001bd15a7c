"""What was found out about this kernel, kept between runs: a small JSON file a kernel build.

Reading BTF takes longer than a short command; what we need of it is twenty
numbers. The cache is a convenience: one that cannot be read, written or trusted
is as good as none. It holds offsets that the verifier checks again, and is read
only if it belongs to the user who runs us.
"""

from __future__ import annotations

import contextlib
import os
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


def _read(path: str) -> Numbers | None:
    import json  # noqa: PLC0415

    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            found = json.load(file)
    except (OSError, ValueError, RecursionError):
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
        with open(aside, "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(data)
        os.replace(aside, path)
