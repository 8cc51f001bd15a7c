"""Any text as an event's format: fields or FormatError; and a call has a signature whatever it says."""

from __future__ import annotations

import contextlib
from pathlib import Path

from argtrace.errors import FormatError
from argtrace.signature import c_types, syscalls, tracefs
from tests.fuzz.target import Target

CASES = Path(__file__).parents[2] / "cases" / "formats"


def check(data: bytes) -> None:
    # As `running_kernel.py` reads it, but for bytes that are no UTF-8.
    text = data.decode(errors="replace")
    with contextlib.suppress(FormatError):
        for field in tracefs.parse(text).fields:
            assert field.name
            assert field.offset >= 0
            c_types.parse.__wrapped__(field.type)  # not remembered: there is no end of them here
    assert syscalls.signatures([257], lambda _: text)[257].name == "openat"


def seeds() -> list[bytes]:
    return [path.read_bytes() for path in sorted(CASES.glob("*.format"))]


WORDS = (
    *(b"\n", b"\n\n", b"\tfield:", b";", b"offset:", b"size:8;", b"signed:1;", b"print fmt:", b"name: "),
    *(b"ID: ", b"format:\n", b"__data_loc char[] ", b"const char *", b"[16]", b"999999999", b"-1", b"*"),
    *("٣".encode(), b"\x85", b"\xff"),
)

TARGET = Target("tracefs formats (signature/tracefs.py, syscalls.py, c_types.py)", check, seeds, WORDS)
