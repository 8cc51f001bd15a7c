"""What was prepared for a trace, kept for the next one that wants the same.

Making the programs of all calls takes longer than many commands run. What comes of it
depends on the kernel's build, on the options, and on this program: those are the key. The
file is a convenience: one that cannot be read, written or trusted is as good as none, and
the verifier looks at its programs as at any others. It is read only if it belongs to the
user who runs us and nobody else may write it.

    +-------+----------------------------------------------------+
    | crc32 | key, loadable, formats, calls, compat, hidden      |   marshal: what Python keeps .pyc in
    +-------+----------------------------------------------------+

A file's name is short and may be that of another key: the key in it decides. What is read back
imports nothing of what prepared it. Not kept: tables of calls, which are made when a call comes.
"""

from __future__ import annotations

import contextlib
import functools
import marshal
import os
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from argtrace import cache, running_kernel
from argtrace.fetch.loadable import Loadable
from argtrace.kernel import uapi
from argtrace.kernel.buildid import build_id
from argtrace.targets import gate
from argtrace.value import frozen

if TYPE_CHECKING:
    from argtrace.decode.table import Table
    from argtrace.fetch.limits import Limits
    from argtrace.options import Options
    from argtrace.prepare import Prepared
    from argtrace.target import Target

MOST = 16
"""Files that are kept, a few hundred KiB each; the oldest goes."""

_ENDING = ".trace"
_CHECKSUM = 4  # bytes
_PACKAGE = os.path.dirname(__file__)


@frozen
class Ready:
    """`hidden`: see `Prepared`."""

    loadable: Loadable
    tables: Mapping[int, Table]
    hidden: frozenset[int]


def ready(options: Options, target: Target) -> Ready:
    """What a session loads and decodes by, as it was kept, or prepared and kept."""
    key = _key(options, target)
    found = None if key is None else _read(key, options, target)
    if found is not None:
        return found
    prepared = prepare(options, target)
    made = Ready(prepared.programs.loadable(), prepared.tables, prepared.hidden)
    if key is not None:
        _write(key, made.loadable, prepared)
    return made


def prepare(options: Options, target: Target) -> Prepared:
    from argtrace import prepare as prepares  # noqa: PLC0415 (start-up: not where something is kept)

    return prepares.prepare(options, target)


def _key(options: Options, target: Target) -> str | None:
    """All that decides what is prepared; None where the kernel does not tell which it is."""
    build = build_id()
    if build is None:
        return None
    # Without tracefs names are the table's, and tracepoints raw.
    build += " with tracefs" if running_kernel.has_tracefs() else ""
    naming = sorted(options.naming)
    forced = os.environ.get(running_kernel.FORCED_TRACEPOINTS)
    origins, deciding = (
        sorted(options.origins),
        (options.targets.choice, gate(options.targets, options.window, paced=options.paced)),
    )
    wanted = (
        options.calls,
        options.filters,
        options.limits,
        options.ring,
        options.follow,
        naming,
        origins,
        options.settings,
        deciding,
        target,
    )
    return repr((build, forced, sys.hexversion, wanted, *_sources(_PACKAGE)))


def _path(key: str) -> str:
    return os.path.join(cache.directory(), f"{zlib.crc32(key.encode()):08x}{_ENDING}")


def _sources(directory: str) -> Iterator[tuple[str, int, int]]:
    """Which version of this program runs: its files, their sizes, and when they were changed."""
    with os.scandir(directory) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith(".py"):
                told = entry.stat()
                yield entry.path, told.st_size, told.st_mtime_ns
            elif entry.is_dir() and not entry.name.startswith("__"):
                yield from _sources(entry.path)


def _read(key: str, options: Options, target: Target) -> Ready | None:
    found = _contents(_path(key))
    try:
        its_key, loadable, formats, calls, compat, hidden = found
        if its_key != key:
            return None
        programs = Loadable.of_plain(loadable)
        ring = all(spec.type != uapi.BPF_MAP_TYPE_PERF_EVENT_ARRAY for spec in programs.maps)
        limits = options.limits.fitting(ring=ring)
        tables = functools.partial(_tables, formats, calls, compat, limits, target)
        return Ready(programs, Later(tables), frozenset(hidden))
    except (ValueError, TypeError):
        return None


def _contents(path: str) -> Any:
    """What is in the file; None if it is not there or cannot be trusted."""
    kept = cache.read(path)
    if kept is None:
        return None
    data = memoryview(kept)
    if int.from_bytes(data[:_CHECKSUM], "little") != zlib.crc32(data[_CHECKSUM:]):
        return None
    try:
        return marshal.loads(data[_CHECKSUM:])  # noqa: S302 (as trustworthy as the .pyc files of this user)
    except (EOFError, ValueError, TypeError, MemoryError):
        # Also of an empty file, whose checksum is right: what a machine leaves that went down at once.
        return None


class Later(Mapping[int, "Table"]):
    """Tables whose making imports what decoding needs: not before the first is asked for."""

    def __init__(self, make: Callable[[], Mapping[int, Table]]) -> None:
        self._made = functools.cache(make)

    def __getitem__(self, index: int) -> Table:
        return self._made()[index]

    def __iter__(self) -> Iterator[int]:
        return iter(self._made())

    def __len__(self) -> int:
        return len(self._made())


def _tables(
    formats: Mapping[str, str | None],
    calls: tuple[int, ...],
    compat: tuple[int, ...],
    limits: Limits,
    target: Target,
) -> Mapping[int, Table]:
    from argtrace.call_tables import compat_tables, table_of  # noqa: PLC0415 (start-up)
    from argtrace.decode.table import Tables  # noqa: PLC0415
    from argtrace.signature import layouts  # noqa: PLC0415

    layouts.ask_too(running_kernel.layout)
    made: dict[int, Callable[[], Table]] = {
        number: functools.partial(table_of, number, formats.get, target, limits) for number in calls
    }
    return Tables(made | compat_tables(compat, target))


def _write(key: str, loadable: Loadable, prepared: Prepared) -> None:
    from argtrace.fetch.record import COMPAT_BASE  # noqa: PLC0415 (start-up)

    kept: Any = (
        key,
        loadable.plain(),
        dict(prepared.formats),
        tuple(sorted(prepared.signatures)),
        tuple(sorted(index - COMPAT_BASE for index in prepared.tables if index >= COMPAT_BASE)),
        tuple(sorted(prepared.hidden)),
    )
    data = marshal.dumps(kept)
    path = _path(key)
    cache.write(path, zlib.crc32(data).to_bytes(_CHECKSUM, "little") + data)
    with contextlib.suppress(OSError):
        _forget(os.path.dirname(path))


def _forget(directory: str) -> None:
    """The oldest, where there are too many; also what a write that was killed left behind."""
    with os.scandir(directory) as entries:
        files = [entry for entry in entries if _ENDING in entry.name]
    files.sort(key=lambda entry: entry.stat().st_mtime_ns)
    for file in files[:-MOST]:
        os.unlink(file)
