"""Any memory in any decoder of what no layout describes: a value, that can be written."""

from __future__ import annotations

from argtrace.decode import decoders
from argtrace.decode.decoders import Memory
from argtrace.decode.model import File
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.laws import test_decoders_law as laws
from tests.support.scope import ADDRESS, Given

decoders.load()
EVERY = [decoder for _, decoder in laws.EVERY]
FILES = (
    None,
    *(File(path) for path in (b"/tmp/file", b"\xff", *sorted(decoders._STREAMS))),
    *(File(b"socket:[8]", detail) for detail in ("NETLINK:[ROUTE:1]", "NETLINK:", "UNIX-STREAM:[8]", "")),
)


def scope(given: Choices) -> Given:
    words = [None if given.byte() == 7 else given.word() for _ in range(given.byte() % 5)]
    result = None if given.byte() & 1 else given.signed()
    files = laws.Everywhere(given.pick(FILES))
    return Given(laws.Numbers(words), files, result, verbose=bool(given.byte() & 1))


def check(data: bytes) -> None:
    given = Choices(data)
    decoder = given.pick(EVERY)
    around = scope(given)
    more = given.word() if given.byte() & 1 else 0
    times = given.byte() if given.byte() == 1 else 1
    memory = (given.rest() * times)[:20_000]

    value = decoder(Memory(ADDRESS, memory, len(memory) + more), around)

    laws.check(value)
    assert value.raw == ADDRESS


BODIES = (
    b"\2\0\0\x50\x7f\0\0\1" + bytes(8),
    b"\1\0/run/socket\0",
    b"\x0a\0\0\x50" + bytes(24),
    b"\x10\0\0\0\1\2\3\4\0\0\0\0",
    b"\x14\0\0\0\x12\0\1\3\1\0\0\0\0\0\0\0\x11\0\0\0",
    b"\x24\0\0\0\x10\0\5\0\1\0\0\0\0\0\0\0" + b"\x08\0\1\0\1\2\3\4" * 3,
    b"\x14\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\6\0\0\0\0\0\0\0",
    b"\1\0\0\0\0\1\0\0\0\0\0\0\x10\0\0\0name\0\0\0\0\0\0\0\0\0\0\0\0",
    bytes(range(64)),
    b"\6\0\0\0\0\0\0\0" * 6,
    b"user.name\0security.selinux\0",
)


def seeds() -> list[bytes]:
    heads = [bytes([at, 1, 3, 0, 9, 1, at % len(FILES), 1, 0, 0]) for at in range(len(EVERY))]
    return [head + BODIES[(at + step) % len(BODIES)] for step in range(4) for at, head in enumerate(heads)]


WORDS = [number.to_bytes(size, "little") for number in (4, 8, 12, 16, 20, 255) for size in (2, 4)]

TARGET = Target("memory in every decoder (decode/*.py)", check, seeds, WORDS)
