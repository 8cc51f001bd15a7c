"""Whatever a call's arguments and memory: the BPF programs, the ptrace back end and its native half make
the same record of it.

The programs run on a machine of our own; the others read this process. Pages that are there, and
some that are not, or come only when the call returns.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argtrace import native
from argtrace.fetch import record
from argtrace.fetch.derive import plans, plans_as_met
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import CopyStrings, Plan
from argtrace.kernel import ptrace
from argtrace.location import frames
from argtrace.ptrace import copies, records
from argtrace.ptrace.copies import Making
from argtrace.signature.syscalls import NAMES, NUMBERS
from argtrace.target import X86_64
from tests.support.decoding import signatures
from tests.support.generated import of_plans
from tests.support.machine import Machine

PAGE = mmap.PAGESIZE
LIMITS = Limits(strings=64, buffers=32, elements=4, tables=64, followed=2)
WHOLE = Limits(strings=64, buffers=32, followed=2, whole=True)

# What each page of a region is: there, never there, there when the call returns.
THERE, NEVER, LATER = range(3)
PAGES = (NEVER, THERE, THERE, NEVER, THERE, LATER, NEVER, LATER, NEVER)

BEHIND = 16 << 20
"""Bytes behind them where nothing is: a buffer that is wanted whole is looked for there."""

_libc = ctypes.CDLL(None)
_libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


@dataclass
class Region:
    """Memory of this process, and what the machine is to be given of it."""

    memory: mmap.mmap
    base: int

    def protect(self, *, returned: bool) -> None:
        for number, kind in enumerate(PAGES):
            there = kind == THERE or (kind == LATER and returned)
            assert _libc.mprotect(self.base + number * PAGE, PAGE, mmap.PROT_READ if there else 0) == 0

    def write(self, data: bytes) -> None:
        assert _libc.mprotect(self.base, len(PAGES) * PAGE, mmap.PROT_READ | mmap.PROT_WRITE) == 0
        self.memory[: len(data)] = data

    def pieces(self, kinds: set[int]) -> Iterator[tuple[int, bytes]]:
        """Runs of pages of these kinds: address and bytes."""
        begin = None
        for number, kind in enumerate((*PAGES, NEVER)):
            if kind in kinds and begin is None:
                begin = number
            elif kind not in kinds and begin is not None:
                yield self.base + begin * PAGE, self.memory[begin * PAGE : number * PAGE]
                begin = None


@pytest.fixture(scope="module")
def region() -> Iterator[Region]:
    with mmap.mmap(-1, len(PAGES) * PAGE + BEHIND) as memory:
        base = ctypes.addressof(holder := ctypes.c_char.from_buffer(memory))
        assert _libc.mprotect(base, len(memory), 0) == 0
        yield Region(memory, base)
        assert _libc.mprotect(base, len(memory), mmap.PROT_READ | mmap.PROT_WRITE) == 0
        del holder


PLACES = st.one_of(
    st.sampled_from([1, 2, 3, 4, 5, 6, 7]).map(lambda page: page * PAGE),
    st.builds(
        lambda page, back: page * PAGE - back, st.sampled_from([3, 5, 6, 8]), st.integers(1, 80)
    ),
    st.integers(PAGE, 3 * PAGE - 1),
)  # fmt: skip
"""Offsets in the region."""
AMOUNTS = st.one_of(
    st.integers(0, 40), st.sampled_from([63, 64, 65, 127, 1024, 1 << 31, 1 << 62, (1 << 64) - 1])
)
RESULTS = st.one_of(st.integers(0, 100), st.sampled_from([-1, -4, -14, -512, -516, 4096, (1 << 63) - 1]))


def _contents(seed: int, base: int) -> bytes:
    """Words that are pointers, numbers and text."""
    made = random.Random(seed)
    words = []
    for _ in range(len(PAGES) * PAGE // 8):
        kind = made.random()
        if kind < 0.3:
            page = made.choice([1, 2, 4, 5, 7, 3])
            words.append(base + page * PAGE + made.choice([0, 8, 64, 4032, 4088]))
        elif kind < 0.7:
            words.append(made.choice([0, 1, 2, 3, 8, 16, 33, 64, 1 << 32, 5 << 32 | 3]))
        else:
            words.append(
                int.from_bytes(made.choice([b"letters!", b"a\0b", b"/etc/hos", b"\xff\0\0\xfe"]), "little")
            )
    return b"".join(word.to_bytes(8, "little") for word in words)


def _of_bpf(number: int, args: tuple[int, ...], result: int, limits: Limits, region: Region) -> list[bytes]:
    machine = Machine(of_plans(plans(number, signatures()[number], X86_64, limits)))
    machine.track(10)
    for address, data in region.pieces({THERE}):
        machine.user.place(data, at=address)
    regs = machine.enter(number, *args)
    if machine.calls():
        return machine.ring  # it does not return
    for address, _ in region.pieces({THERE}):
        machine.user.forget(address)
    for address, data in region.pieces({THERE, LATER}):
        machine.user.place(data, at=address)
    machine.leave(regs, result)
    return machine.ring


def _plan(number: int, image: bytes, limits: Limits) -> Plan:
    met, variant = plans_as_met(number, signatures()[number], X86_64, limits)
    if met.selector is None:
        return met.default
    at = met.selector.spot.at
    return variant(int.from_bytes(image[at : at + 8], "little") & met.mask & 0xFFFF_FFFF)


Halves = tuple[Callable[[Making, list[bytes]], object], Callable[[Making, list[bytes], int], object]]
REFERENCE: Halves = (
    lambda making, sent: copies.enter(making, ptrace.reader(os.getpid()), sent.append),
    lambda making, sent, result: copies.leave(making, ptrace.reader(os.getpid()), sent.append, result),
)


def _native(stops: ModuleType, plan: Plan) -> Halves:
    program = stops.Program(plan)
    return (
        lambda making, sent: stops.Copier(sent.append).enter(program, making, os.getpid()),
        lambda making, sent, result: stops.Copier(sent.append).leave(program, making, os.getpid(), result),
    )


def _of_ptrace(
    halves: Halves, number: int, plan: Plan, image: bytes, result: int, region: Region
) -> list[bytes]:
    enter, leave = halves
    sent: list[bytes] = []
    making = Making(plan, records.call(0, 10, 10, 1_000_000, number, image))
    region.protect(returned=False)
    enter(making, sent)
    region.protect(returned=True)
    if plan.returns:
        records.returned(making.raw, 2_000_000, result)
        leave(making, sent, result)
    sent.append(making.finish())
    return sent


def _told(samples: list[bytes], count: int) -> list[object]:
    """What a reader makes of records: every item with its bytes, whatever lies between."""
    found: list[object] = []
    for sample in samples:
        if sample[0] == record.Kind.CHUNK:
            item, size, offset, _ = record.CHUNK_HEAD.unpack_from(sample, record.CHUNK_ITEM)
            found.append((item, size, offset, sample[record.CHUNK_DATA :][: max(size, 0)]))
            continue
        items = []
        for item in range(count):
            at, size = record.ITEM.unpack_from(sample, record.ITEMS + record.ITEM.size * item)
            begin = at & ~record.PARTIAL
            items.append(
                (size, size >= 0 and bool(at & record.PARTIAL), sample[begin : begin + max(size, 0)])
            )
        found.append((items, sample[record.RESULT : record.RESULT + 12]))
    return found


MUCH = [NUMBERS["execve"], NUMBERS["wait4"], NUMBERS["nanosleep"], *(
    number for number, signature in signatures().items()
    if len(plans(number, signature, X86_64, LIMITS).default.steps) > 3
)]  # fmt: skip
"""Calls of which several things are fetched, or after certain results."""


@settings(max_examples=250)
@pytest.mark.parametrize("limits", [LIMITS, WHOLE], ids=["cut", "whole"])
@given(
    number=st.one_of(st.sampled_from(MUCH), st.sampled_from(sorted(NAMES))),
    places=st.lists(
        st.one_of(PLACES.map(lambda at: (True, at)), AMOUNTS.map(lambda n: (False, n))),
        min_size=6, max_size=6,
    ),
    result=RESULTS,
    seed=st.integers(0, 1 << 16),
)  # fmt: skip
def test_who_fetches_cannot_be_told(
    number: int, places: list[tuple[bool, int]], result: int, seed: int, limits: Limits, region: Region
) -> None:
    region.write(_contents(seed, region.base))
    args = tuple(region.base + n if is_place else n for is_place, n in places)
    image = records.image(frames.frame(X86_64), args, 0)
    plan = _plan(number, image, limits)
    if plan.walks and result == 0:
        result = -2  # of an exec that worked the programs may take the new program's strings
    bpf = _of_bpf(number, args, result, limits, region)
    items = plan.items
    if plan.walks:
        lists = [step.item for step in plan.steps if isinstance(step, CopyStrings)]
        items = min(lists)
    reference = _of_ptrace(REFERENCE, number, plan, image, result, region)
    assert _told(reference, items) == _told(bpf, items)
    stops = native.module("stops")
    if stops is not None and not plan.walks:
        assert _of_ptrace(_native(stops, plan), number, plan, image, result, region) == reference
