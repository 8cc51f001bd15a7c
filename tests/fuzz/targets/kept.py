"""Any bytes where prepared programs are kept: those that were kept, or as good as none.

Every second input gets the right checksum, so that what is behind it is looked at too: as bytes that
Python's marshal reads, or as values of other types in the places of the true ones.
"""

from __future__ import annotations

import marshal
import os
import zlib
from random import Random
from typing import Any
from unittest import mock

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


FILE = os.memfd_create("kept")
os.fchmod(FILE, 0o600)


def check(data: bytes) -> None:
    kind, content = data[0] % 4 if data else 0, data[1:]
    if kind == 1:
        content = _checked(content)
    elif kind >= 2:
        content = _checked(marshal.dumps(_changed(whole(), Choices(content))))
    os.ftruncate(FILE, 0)
    os.pwrite(FILE, content, 0)
    with mock.patch.object(kept, "_path", return_value=f"/proc/self/fd/{FILE}"):
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
