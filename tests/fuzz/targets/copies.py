"""Any arguments over any memory: the ptrace back end and its native half fetch the same.

The memory is this process's own: pages that are there, some that never are, some that come when the call
returns.
"""

from __future__ import annotations

import ctypes
import functools
import mmap

from argtrace import native
from argtrace.fetch.plan import CopyStrings
from argtrace.location import frames
from argtrace.ptrace import records
from argtrace.signature.syscalls import NAMES
from argtrace.target import X86_64
from argtrace.transport import records as parsing
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target
from tests.laws import test_ptrace_law as laws

NUMBERS = sorted(NAMES)


@functools.cache
def _region() -> laws.Region:
    memory = mmap.mmap(-1, len(laws.PAGES) * laws.PAGE + laws.BEHIND)
    return laws.Region(memory, ctypes.addressof(ctypes.c_char.from_buffer(memory)))


@functools.cache
def _contents(seed: int) -> bytes:
    return laws._contents(seed, _region().base)


def check(data: bytes) -> None:
    given = Choices(data)
    region = _region()
    limits = laws.WHOLE if given.byte() & 1 else laws.LIMITS
    number = given.pick(laws.MUCH) if given.byte() & 1 else given.pick(NUMBERS)
    args = tuple(_arg(given, region.base) for _ in range(6))
    result = given.signed()
    region.write(_contents(given.short() % 16))
    for _ in range(given.byte() % 8):
        at, word = given.short() * 8 % (len(laws.PAGES) * laws.PAGE), _arg(given, region.base)
        region.memory[at : at + 8] = word.to_bytes(8, "little")
    image = records.image(frames.frame(X86_64), args, 0)
    plan = laws._plan(number, image, limits)
    reference = laws._of_ptrace(laws.REFERENCE, number, plan, image, result, region)
    for sample in reference:
        parsing.parse(sample)
    stops = native.module("stops")
    assert stops is not None, "the native executor was not built"
    if not any(isinstance(step, CopyStrings) for step in plan.steps):
        made = laws._of_ptrace(laws._native(stops, plan), number, plan, image, result, region)
        assert made == reference


def _arg(given: Choices, base: int) -> int:
    kind = given.byte()
    if kind & 1:
        page = kind // 2 % (len(laws.PAGES) + 1) * laws.PAGE
        return base + page + (given.short() % laws.PAGE if kind & 64 else -given.byte() % 97)
    return given.word()


def seeds() -> list[bytes]:
    return [bytes([at % 256, at // 2 % 256]) + bytes(range(at, at + 60)) for at in range(150)]


TARGET = Target(
    "memory to records by ptrace, in Python and natively (ptrace/copies.py, stops.pyx)", check, seeds
)
