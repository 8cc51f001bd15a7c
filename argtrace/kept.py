"""What was prepared for a trace, kept for the next one that wants the same.

Making the programs of all calls takes longer than many commands run. What comes of it
depends on the kernel's build, on the options, and on this program: those are the key. The
file is a convenience: one that cannot be read, written or trusted is as good as none, and
the verifier looks at its programs as at any others. It is read only if it belongs to the
user who runs us and nobody else may write it.

What is not kept: tables of calls, which are made when a call comes.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from argtrace import cache, running_kernel
from argtrace.decode.table import Table, Tables
from argtrace.fetch import record
from argtrace.fetch.loadable import Loadable
from argtrace.kernel.buildid import build_id
from argtrace.prepare import Options, Prepared, compat_tables, prepare, table_of
from argtrace.signature import layouts
from argtrace.target import Target

MOST = 16
"""Files that are kept, a few hundred KiB each; the oldest goes."""

_ENDING = ".trace"


@dataclass(frozen=True, slots=True)
class Ready:
    """`hidden`: see `Prepared`."""

    loadable: Loadable
    tables: Mapping[int, Table]
    hidden: frozenset[int]


def ready(options: Options, target: Target) -> Ready:
    """What a session loads and decodes by, as it was kept, or prepared and kept."""
    path = _path(options, target)
    found = None if path is None else _read(path, options, target)
    if found is not None:
        return found
    prepared = prepare(options, target)
    made = Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)
    # Without formats, parameters are named by the table: only until they can be read.
    if path is not None and prepared.formats:
        _write(path, made.loadable, prepared)
    return made


def _path(options: Options, target: Target) -> str | None:
    build = build_id()
    if build is None:
        return None
    naming = sorted(options.naming)
    wanted = (options.calls, options.filters, options.limits, options.ring, options.follow, naming, target)
    key = hashlib.sha256(repr((build, wanted, *_sources())).encode()).hexdigest()[:32]
    return os.path.join(cache.directory(), key + _ENDING)


def _sources() -> Iterator[tuple[str, int, int]]:
    """Which version of this program runs: its files, their sizes, and when they were changed."""
    root = Path(__file__).parent
    for path in sorted(root.rglob("*.py")):
        told = path.stat()
        yield str(path.relative_to(root)), told.st_size, told.st_mtime_ns


def _read(path: str, options: Options, target: Target) -> Ready | None:
    try:
        with open(path, "rb") as file:
            told = os.fstat(file.fileno())
            if told.st_uid != os.geteuid() or told.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            kept = json.loads(zlib.decompress(file.read()))
        loadable = Loadable.from_json(kept["loadable"])
        formats, calls, compat = kept["formats"], kept["calls"], kept["compat"]
        hidden = frozenset(kept["hidden"])
    except (OSError, zlib.error, ValueError, KeyError, TypeError):
        return None
    layouts.ask_too(running_kernel.layout)
    made: dict[int, Callable[[], Table]] = {
        number: functools.partial(table_of, number, formats.get, target, options.limits) for number in calls
    }
    return Ready(loadable, Tables(made | compat_tables(compat)), hidden)


def _write(path: str, loadable: Loadable, prepared: Prepared) -> None:
    base = record.COMPAT_BASE
    kept = {
        "loadable": loadable.to_json(),
        "formats": prepared.formats,
        "calls": sorted(prepared.signatures),
        "compat": sorted(index - base for index in prepared.tables if base <= index),
        "hidden": sorted(prepared.hidden),
    }
    cache.write(path, zlib.compress(json.dumps(kept).encode(), 1))
    with contextlib.suppress(OSError):
        _forget(Path(path).parent)


def _forget(directory: Path) -> None:
    """The oldest, where there are too many; also what a write that was killed left behind."""
    files = sorted(directory.glob(f"*{_ENDING}*"), key=lambda file: file.stat().st_mtime_ns)
    for file in files[:-MOST]:
        file.unlink()
