"""Any samples as `argtrace exec` has them: starts and ends, as lines that a shell reads and as objects."""

from __future__ import annotations

import json
import struct

from argtrace.decode.execs import Execs
from argtrace.decode.stream import Naming
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch import settings as layout
from argtrace.fetch.record import Kind
from argtrace.present import execs as present
from argtrace.transport import records
from tests.fuzz import samples
from tests.fuzz.target import Target
from tests.fuzz.targets.stream import PATHS
from tests.support import decoding
from tests.support import record_writer as write

LOOKS = (
    present.Look(),
    present.Look(environment=frozenset(), cwd=True, cgroup=True, absolute=True, realtime=10**18),
    present.Look(environment=frozenset({b"A", b"\xff"}), at_end=True),
    present.Look(ends=False, environment=frozenset({b"PATH"})),
)


def check(data: bytes) -> None:
    look, data = LOOKS[data[0] % 4 if data else 0], data[1:]
    stream = decoding.stream(samples.LIMIT, Naming(origins=None))
    execs = Execs(None)
    for sample in samples.split(data):
        try:
            events = list(stream.feed(records.parse(sample)))
        except FormatError:
            continue
        for event in events:
            for found in execs.feed(event):
                line = present.to_line(found, look) or ""
                for text in (line, json.dumps(present.to_json(found, look))):
                    assert text.isascii(), text
                    assert text.isprintable(), text


def setting(
    *, parts: tuple[bytes, bytes, bytes], sizes: tuple[int, ...] = (), inode: int = 7, comm: bytes = b"shell"
) -> bytes:
    """What an exec is made in (`fetch/settings.py`); its parts are paths, the last component first."""
    bodies = [bytes(layout.NAMES) + part for part in parts]
    told = sizes or tuple(map(len, bodies))
    words = struct.pack("<I4x16sIIIIQQQQQIII", 1, comm, 0, 1, 2, 3, 10**9, 10**8, 5, inode, 0, *told)
    head = write.common(Kind.SETTING, time=write.START) + words
    return head.ljust(record.SETTING_PARTS, b"\0") + b"".join(bodies)


def seeds() -> list[bytes]:
    whole = setting(parts=(b"tmp\0", b"ls\0bin\0usr\0", b"x.scope\0"))
    start = write.call(
        "execve", [1, 2, 3], write.string(b"/bin/ls", samples.LIMIT),
        write.strings(b"ls", b"two words", b"\x1b[2J", limit=64), write.strings(b"A=1", b"B", limit=64),
    )  # fmt: skip
    failed = write.call("execve", [1, 2, 3], write.string(b"ls"), result=-2)
    stories = [
        [whole, start, write.exit(0)],
        [whole, failed, write.exec(b"ls"), start, start, write.exit(9)],
        [setting(parts=(b"", b"", b""), sizes=(8, 9, 7)), start],
        *([whole, each] for each in samples.captured() if each[44:48] and each[40:44] == b"\x3b\0\0\0"),
    ]
    return [bytes([look]) + samples.join(story) for look in range(4) for story in stories]


assert PATHS  # the same cgroups

TARGET = Target("program starts and ends (decode/execs.py, settings.py, present/execs.py)", check, seeds)
