"""Any selection of calls: numbers, or a sentence that says why not."""

from __future__ import annotations

from argtrace.errors import ArgtraceError
from argtrace.signature.select import select
from tests.fuzz.child import Slow
from tests.fuzz.target import Target
from tests.support.decoding import signatures


def check(data: bytes) -> None:
    expressions = data.decode(errors="surrogateescape").split("\0")
    every = signatures()
    try:
        assert select(expressions, every) <= every.keys()
    except ArgtraceError as error:
        assert "\n" not in str(error) or any("\n" in each for each in expressions)
    except Slow:
        # Who writes a regular expression that takes for ever waits for it.
        if "/" not in data.decode(errors="replace"):
            raise


def seeds() -> list[bytes]:
    return [
        b"openat", b"open*,%file,!stat", b"/^p?read", b"?nosuch,?%nosuch", b"!futex,%memory", b"all\0none",
        b"trace=openat\0t=read", b"[a-z]?*", b"%net,%network", b"/" + b"(" * 300, b"/a{99999999999}",
    ]  # fmt: skip


WORDS = (b"%file", b"%", b"!", b"?", b"/", b"*", b"[", b"(?i)", b"{1,9}", b"all", b"none", b"read", b",", b"\0")

TARGET = Target("-e (signature/select.py, classes.py)", check, seeds, WORDS, most=400)
