"""Paths from the root beside relative ones: of calls that have paths, whoever else is called like them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from argtrace.decode.descriptors import Descriptors
from argtrace.decode.events import Call
from argtrace.decode.model import Text
from argtrace.decode.open_files import Found
from argtrace.decode.stream import Naming
from argtrace.fetch.record import Flag
from argtrace.signature.syscalls import COMPAT_NAMES
from tests.support import decoding
from tests.support import record_writer as write

COMPAT_OPEN = next(number for number, name in COMPAT_NAMES.items() if name == "open")

OPEN = write.call("open", [0x7000, 0], write.string(b"hosts"), result=3)
OPEN_OF_32_BITS = write.call(COMPAT_OPEN, [0x7000, 0], flags=Flag.COMPAT, result=-14)


class Etc:
    """A source that knows where everybody is."""

    def now(self) -> int:
        return 0

    def descriptors(self, _: int) -> Mapping[int, Found]:
        return {}

    def descriptor(self, _: int, __: int) -> Found | None:
        return None

    def directories(self, _: int) -> tuple[bytes, bytes] | None:
        return b"/etc", b"/"


@pytest.mark.parametrize("order", [(OPEN, OPEN_OF_32_BITS, OPEN), (OPEN_OF_32_BITS, OPEN, OPEN_OF_32_BITS)])
def test_a_32_bit_call_of_the_same_name_has_no_paths_and_takes_none_away(order: tuple[bytes, ...]) -> None:
    descriptors = Descriptors(Etc())
    descriptors.start(write.TID, write.TID)

    events = decoding.feed(*order, to=decoding.stream(naming=Naming(descriptors)))

    assert len(events) == len(order)
    for event in events:
        assert isinstance(event, Call)
        first = next(iter(event.args.values()))
        path = first.absolute if isinstance(first, Text) else None
        assert path == (None if event.abi else b"/etc/hosts")
