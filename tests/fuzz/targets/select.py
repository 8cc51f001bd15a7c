"""Any selection of calls: numbers, or a sentence that says why not."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from argtrace.errors import ArgtraceError
from argtrace.signature.model import Signature
from argtrace.signature.select import select
from tests.fuzz.child import Slow
from tests.fuzz.target import Target
from tests.support.decoding import signatures


@functools.cache
def _some() -> Mapping[int, Signature]:
    """Every tenth call: each term is held against all of them."""
    return {
        number: signature for number, signature in signatures().items() if number % 10 < 1 or number == 257
    }


def check(data: bytes) -> None:
    expressions = data.decode(errors="surrogateescape").split("\0")
    every, said = _some(), ""
    try:
        assert select(expressions, every) <= every.keys()
    except ArgtraceError as error:
        said = str(error)
    except Slow:
        # Who writes a regular expression that takes for ever waits for it.
        if "/" not in data.decode(errors="replace"):
            raise
    assert "\n" not in said or any("\n" in each for each in expressions)


def seeds() -> list[bytes]:
    return [
        b"openat", b"open*,%file,!stat", b"/^p?read", b"?nosuch,?%nosuch", b"!futex,%memory", b"all\0none",
        b"trace=openat\0t=read", b"[a-z]?*", b"%net,%network", b"/" + b"(" * 300, b"/a{99999999999}",
    ]  # fmt: skip


WORDS = (
    b"%file",
    b"%",
    b"!",
    b"?",
    b"/",
    b"*",
    b"[",
    b"(?i)",
    b"{1,9}",
    b"all",
    b"none",
    b"read",
    b",",
    b"\0",
)

TARGET = Target("-e (signature/select.py, classes.py)", check, seeds, WORDS, most=400)
