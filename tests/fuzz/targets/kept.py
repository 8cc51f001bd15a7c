"""Any bytes where prepared programs are kept: those that were kept, or as good as none.

Every second input gets the right checksum, so that what is behind it is looked at too: as bytes that
Python's marshal reads, or as values of other types in the places of the true ones.
"""

from __future__ import annotations

import functools
import marshal
import os
import tempfile
import zlib
from pathlib import Path
from random import Random
from typing import Any

from argtrace import kept
from argtrace.fetch.loadable import Code, Loadable
from argtrace.kernel.maps import MapSpec
from argtrace.options import Options
from argtrace.target import X86_64
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target

KEY = "the key"
VALUES: tuple[Any, ...] = (None, True, 0, -1, 1 << 70, "", "text", b"", b"bytes", (), ("a",), [1], {}, 1.5)
OPTIONS = Options()


def _loadable() -> Loadable:
    code = Code("program", bytes(16), ((0, "map"),))
    return Loadable((MapSpec("map", 2, 4, 8, 1),), (code,), (("sys_enter", "program"),), (), (), b"")


def whole() -> tuple[Any, ...]:
    return KEY, _loadable().plain(), {"sys_enter_openat": None}, (257,), (), (3,)


def _checked(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(4, "little") + data


ORIGINAL = _checked(marshal.dumps(whole()))


@functools.cache
def _path() -> str:
    os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="fuzz-kept-", dir="/dev/shm")
    path = kept._path(KEY)
    Path(path).parent.mkdir(parents=True)
    return path


def check(data: bytes) -> None:
    kind, content = data[0] % 4 if data else 0, data[1:]
    if kind == 1:
        content = _checked(content)
    elif kind >= 2:
        content = _checked(marshal.dumps(_changed(whole(), Choices(content))))
    fd = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(fd, content)
    os.close(fd)
    found = kept._read(KEY, OPTIONS, X86_64)
    if kind == 0 and found is not None:
        assert content == ORIGINAL, "bytes that were not kept are believed"


def _changed(value: Any, given: Choices) -> Any:
    """The same with other values in some places."""
    if not given.left:
        return value
    if given.byte() % 8 == 0:
        return given.pick(VALUES)
    if isinstance(value, tuple):
        found = [_changed(each, given) for each in value]
        if given.byte() % 16 == 0:
            found = found[:-1]
        return tuple(found)
    return value


def seeds() -> list[bytes]:
    random = Random(1)
    return [
        b"",
        b"\0" + ORIGINAL,
        b"\1" + ORIGINAL[4:],
        *(bytes([2]) + random.randbytes(5 + 3 * at) for at in range(60)),
    ]


TARGET = Target("kept programs (kept.py, fetch/loadable.py)", check, seeds)
