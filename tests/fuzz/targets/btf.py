"""Any bytes as BTF: every question has an answer, or is a FormatError, or about a name that is not there."""

from __future__ import annotations

import contextlib
from pathlib import Path

from argtrace.errors import FormatError, NotFound
from argtrace.signature import layouts
from argtrace.signature.btf import Btf, Kind, TypeId
from tests.fuzz.target import Target
from tests.laws import test_btf_law as laws
from tests.support.btf_writer import BtfWriter

CORPUS = Path(__file__).parents[1] / "corpus"
MOST = 24
"""Ids that are asked about: real BTF has more, and each is much to ask."""


def check(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        ask(Btf(data))


def ask(btf: Btf) -> None:
    ids = [*range(-1, min(len(btf) + 2, MOST)), len(btf) - 1, len(btf), 1 << 32]
    for id in map(TypeId, ids):
        for question in (btf.type, btf.strip, btf.size_of, btf.spell):
            with contextlib.suppress(FormatError):
                question(id)
    names: list[str] = []
    for kind in Kind:
        with contextlib.suppress(FormatError):
            names += [*btf.names(kind)][:3]
    for name in dict.fromkeys((*names[::3][:6], "task", "nosuch")):
        for about in (btf.ids_named, btf.scalar, btf.enumerators, btf.function):
            with contextlib.suppress(FormatError, NotFound):
                about(name)
        with contextlib.suppress(FormatError, NotFound):
            assert layouts.from_btf(btf, name).size >= 0
        for path in ("x", "mm.x", "a"):
            with contextlib.suppress(FormatError, NotFound):
                found = btf.field(name, path)
                assert found.offset >= 0
                assert found.size >= 0


def written() -> list[bytes]:
    deep = BtfWriter()
    deep.name("deep")
    for _ in range(20):
        deep.array(deep.next_id + 1, 0x10000)
    deep.integer("deep", 4)
    return [laws._sample().build(), laws._sample("big").build(), deep.build()]


def seeds() -> list[bytes]:
    """Ours, and parts of a real kernel's (`tests/fuzz/cut_btf.py`)."""
    return [*written(), *(path.read_bytes() for path in sorted(CORPUS.glob("*.btf")))]


WORDS = [word.to_bytes(4, "little") for kind in range(21) for word in (kind << 24, kind << 24 | 1 << 31 | 2)]

TARGET = Target("bytes to types (signature/btf*.py, btf_layouts.py)", check, seeds, WORDS)
