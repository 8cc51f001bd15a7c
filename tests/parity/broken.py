"""argtrace with one thing in it broken on purpose, so that it can be shown that the comparison notices.

python -m tests.parity.broken NAME ARGUMENT...
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace

from argtrace.cli import main
from argtrace.decode import decoders, numbers
from argtrace.decode.decoders import Memory, Scope
from argtrace.decode.model import Bytes, Flags, Value
from argtrace.decode.numbers import Word
from argtrace.signature.calls import memory
from argtrace.signature.tables import structs


def a_kind_of_number() -> None:
    """Flags lose their first name."""
    whole = numbers.KINDS["flags"]

    def broken(number: Word, table: str, scope: Scope) -> Value:
        value = whole(number, table, scope)
        return replace(value, names=value.names[1:]) if isinstance(value, Flags) else value

    numbers.KINDS["flags"] = broken


def the_order_of_bytes() -> None:
    """Ports are read as this machine has its numbers."""
    numbers.KINDS["port"] = numbers.KINDS["int"]


def a_layout() -> None:
    """Two members of struct stat are exchanged."""
    size, text = structs.STRUCTS["stat"]
    exchanged = {"st_size": "st_blocks", "st_blocks": "st_size"}
    lines = (line.rpartition(" ") for line in text.split("\n"))
    structs.STRUCTS["stat"] = size, "\n".join(f"{a}{b}{exchanged.get(c, c)}" for a, b, c in lines)


def a_declaration() -> None:
    """mmap's protection and flags have each other's names."""
    declared = memory.CALLS["mmap"]
    (prot, protection), (flags, kind) = declared.params[2:4]
    exchanged = (*declared.params[:2], (prot, kind), (flags, protection), *declared.params[4:])
    memory.CALLS["mmap"] = replace(declared, params=exchanged)


def a_decoder() -> None:
    """Socket addresses are bytes."""

    def broken(memory: Memory, _: Scope) -> Value:
        return Bytes(memory.address, memory.data, memory.size)

    decoders.load()
    decoders._DECODERS["sockaddr"] = broken


WAYS: Mapping[str, Callable[[], None]] = {
    way.__name__: way for way in (a_kind_of_number, the_order_of_bytes, a_layout, a_declaration, a_decoder)
}

if __name__ == "__main__":
    # What is broken is not to be kept for others.
    with tempfile.TemporaryDirectory() as directory:
        os.environ["XDG_CACHE_HOME"] = directory
        WAYS[sys.argv[1]]()
        sys.exit(main(sys.argv[2:]))
