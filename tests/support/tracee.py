"""A tracee that is stopped at calls, with memory of our own: what `Machine` is for the programs.

tracee = Tracee(plans)
tracee.user.place(b"/etc/hosts\\0", at=0x7000)
tracee.call(257, -100, 0x7000, result=3)
tracee.calls()
"""

from __future__ import annotations

from argtrace.fetch.plan import Plan, Plans
from argtrace.location import frames
from argtrace.ptrace import copies, records
from argtrace.ptrace.copies import Making
from argtrace.target import X86_64
from argtrace.transport import records as transport
from argtrace.transport.records import CallRecord, ChunkRecord, Record
from tests.support.machine import WORD, Memory


class Tracee:
    def __init__(self, plans: Plans) -> None:
        self.user = Memory(0x5555_0000_0000)
        self.ring: list[bytes] = []
        self.now = 1_000_000
        self._plans = plans

    def enter(self, number: int, *arguments: int) -> Making:
        words = tuple(argument & WORD for argument in (*arguments, *(0,) * (6 - len(arguments))))
        image = records.image(frames.frame(X86_64), words, 0)
        making = Making(self._plan(image), records.call(0, 10, 10, self.now, number, image))
        copies.enter(making, self.read, self.ring.append)
        return making

    def leave(self, making: Making, result: int) -> None:
        records.returned(making.raw, self.now, result)
        copies.leave(making, self.read, self.ring.append, result)
        self.ring.append(making.finish())

    def call(self, number: int, *arguments: int, result: int = 0) -> None:
        self.leave(self.enter(number, *arguments), result)

    def read(self, address: int, size: int) -> bytes:
        """What is there from the address on, as process_vm_readv gives it."""
        found = b""
        while len(found) < size:
            there = self.user.find(address + len(found), 1)
            if there is None:
                break
            region, at = there
            found += bytes(region.data[at : at + size - len(found)])
        return found

    def _plan(self, image: bytes) -> Plan:
        plans = self._plans
        if plans.selector is None:
            return plans.default
        at = plans.selector.spot.at
        value = int.from_bytes(image[at : at + 8], "little") & plans.mask & 0xFFFF_FFFF
        return dict(plans.variants).get(value, plans.default)

    def _records(self) -> list[Record]:
        return [transport.parse(sample) for sample in self.ring]

    def calls(self) -> list[CallRecord]:
        return [found for found in self._records() if isinstance(found, CallRecord)]

    def chunks(self) -> list[ChunkRecord]:
        return [found for found in self._records() if isinstance(found, ChunkRecord)]
