"""Directories: entries that tell their own length, whole and cut, true and false."""

from __future__ import annotations

import struct

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support import record_writer as write
from tests.support import written
from tests.support.written import Trace


def entry(ino: int, kind: int, name: bytes, padding: int = 0) -> bytes:
    size = 19 + len(name) + padding
    return struct.pack("<QqHB", ino, ino - 5, size, kind) + name + bytes(padding)


ENTRY = st.builds(
    entry, st.integers(0, 2**63 - 1), st.integers(0, 20), st.binary(max_size=12), st.integers(0, 9)
)
NAMES = st.sampled_from([b"a\0", b".\0", b"a name\0\0\0", b"no end", b'quo"te\0', b"\xff\xfe\0"])
SAFE = st.builds(entry, st.integers(0, 2**63 - 1), st.sampled_from([0, 4, 8, 77]), NAMES)


@settings(deadline=None)
@given(
    st.lists(st.one_of(SAFE, SAFE, ENTRY), max_size=5),
    st.binary(max_size=30),
    st.integers(0, 40),
    st.sampled_from(["getdents64", "getdents"]),
    st.sampled_from(sorted(written.FORMS)),
)
@example([entry(7, 8, b"file\0")], b"", 0, "getdents64", "json")
@example([entry(7, 8, b"file\0")], b"", 100, "getdents64", "json")
@example([entry(7, 8, b"file\0")] * 2, b"", 0, "getdents64", "perf")
@example([], b"", 0, "getdents64", "json")
def test_both_write_the_same(entries: list[bytes], rest: bytes, more: int, call: str, form: str) -> None:
    """`rest`: what is no entry; `more`: bytes that were not fetched."""
    data = b"".join(entries) + rest
    fetched = write.Fetched(((0, len(data)),), data)
    trace = Trace([write.call(call, [3, 0x7000, 32768], fetched, result=len(data) + more)])

    assert written.by_native(trace, written.FORMS[form]) == written.by_python(trace, written.FORMS[form])


def test_json_has_every_entry() -> None:
    data = entry(7, 8, b"file\0") + entry(9, 4, b"directory\0")
    fetched = write.Fetched(((0, len(data)),), data)
    trace = Trace([write.call("getdents64", [3, 0x7000, 32768], fetched, result=len(data))])

    line = written.by_native(trace, written.FORMS["json"])

    assert line.count('"linux_dirent64"') == 2
    assert '"value":"directory"' in line
    assert '"symbol":"DT_DIR"' in line
