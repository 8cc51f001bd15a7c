"""A machine whose calls are counted, and what it counted as values."""

from __future__ import annotations

from argtrace.decode import summary
from argtrace.decode.summary import Row, Tally
from argtrace.fetch import summary_programs
from argtrace.fetch.choice import OPEN, Gate
from argtrace.fetch.context import RAW
from argtrace.fetch.filters import Filters
from argtrace.fetch.layout import ONE
from argtrace.fetch.summary_layout import Summing, maps
from argtrace.fetch.summary_programs import OF_CALLS, Counted, ordinals, words
from argtrace.location.frames import frame
from argtrace.signature import syscalls
from argtrace.target import AARCH64, X86_64, Target
from argtrace.value import replace
from tests.support.generated import ARM64_FIELDS, FIELDS, NO_FILTERS, program_set, signatures
from tests.support.machine import Machine, Table

ALONE = Summing()
BESIDE = Summing(alone=False)
COUNTS = Summing(times=False)


class Counting(Machine):
    """`calls`: as for `program_set`; a task with the id 10 is traced from the beginning."""

    def __init__(
        self,
        *calls: str,
        summing: Summing = ALONE,
        filters: Filters = NO_FILTERS,
        gate: Gate = OPEN,
        target: Target = X86_64,
    ) -> None:
        fields = ARM64_FIELDS if target == AARCH64 else FIELDS
        trace = program_set(*calls, filters=filters, gate=gate, offsets=fields, target=target)
        super().__init__(trace, target)
        names = {number: syscalls.names(target)[number] for number in signatures(*calls, target=target)}
        compat = syscalls.compat_of(names.values(), target, everything=not calls)
        self.summing = summing
        self.counted = Counted(names, compat, not calls)
        for spec in maps(len(names)):
            self.maps[spec.name] = Table(spec, self.kernel.place(bytes(8)))
        self.update(self.maps["words"], ONE, words(self.counted, filters, summing))
        tasks = {at: program for at, program in trace.attached.items() if at not in OF_CALLS}
        self.programs = replace(
            trace,
            before=summary_programs.programs(summing, filters, fields, frame(target), RAW, gate),
            attached=tasks if summing.alone else trace.attached,
        )
        self.track(10)

    def call_for(self, name: str | int, ns: int, result: int = 0, *, compat: bool = False) -> None:
        """A call that takes so long."""
        regs = self.enter(name, compat=compat)
        self.now += ns
        self.leave(regs, result)
        self.now += 1

    def die(self) -> None:
        """The current task ends."""
        self.run("sched_process_exit", self.be(self.tid, self.tgid, self.comm))

    def rows(self) -> list[Row]:
        """Everything that was counted."""
        found = [
            Row(self.counted.names[number], number, None, 0, 0, None, tally)
            for ordinal, number in enumerate(ordinals(self.counted), 1)
            if (tally := self._tally("totals", ordinal.to_bytes(4, "little"))).calls
        ]
        for key in self.maps["cells"].values:
            value = self.kernel.read(self.maps["cells"].values[key], self.maps["cells"].spec.value_size)
            assert value is not None
            found.append(summary.row(key, value, self.target, self.summing))
        return sorted(summary.merged(found), key=lambda row: (row.name, row.tid, row.pid, row.errno or 0))

    def others(self) -> Tally:
        """What had no room in `cells` and no ordinal."""
        return self._tally("totals", bytes(4))

    def counts(self) -> dict[str, int]:
        """Calls by name."""
        found: dict[str, int] = {}
        for row in self.rows():
            found[row.name] = found.get(row.name, 0) + row.tally.calls
        return found

    def _tally(self, name: str, key: bytes) -> Tally:
        address = self.maps[name].values.get(key)
        if address is None:
            return summary.NOTHING
        return summary.tally(self.kernel.read(address, self.maps[name].spec.value_size) or b"")
