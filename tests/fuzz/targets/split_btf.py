"""Any two blobs, one as the base of the other: the questions of `btf`."""

from __future__ import annotations

import contextlib

from argtrace.errors import FormatError
from argtrace.signature.btf import Btf
from tests.fuzz.target import Target
from tests.fuzz.targets import btf
from tests.laws import test_btf_law as laws


def check(data: bytes) -> None:
    size = int.from_bytes(data[:2], "little")
    base, split = data[2 : 2 + size], data[2 + size :]
    with contextlib.suppress(FormatError):
        btf.ask(Btf(split, Btf(base)))


def seeds() -> list[bytes]:
    made = []
    for order in ("little", "big"):
        base = laws._sample(order)
        split = laws._sample(order, base=base).build()
        made.append(len(base.build()).to_bytes(2, "little") + base.build() + split)
    return made


TARGET = Target("a module's types on a kernel's (signature/btf.py)", check, seeds, btf.WORDS)
