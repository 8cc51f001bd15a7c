"""Whether a call is looked at at all, whoever makes it: by the CPU it is made on, and by the time.

    cpus       one entry: a byte a CPU         which ones are asked for
    switches   one entry: a byte a call        bits: opens the gate, closes it; then of 32-bit calls
    closed     one entry, mapped               while it is 1 nothing is shown

A call that opens the gate is shown, and so is one that closes it: the trace says by what it began and
ended. What is under way when it closes is shown when it returns. What tells of tasks comes all the
while, since the reader keeps names by it, but is marked HIDDEN.

Not here: who is traced is `choosing.py`.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.choice import CLOSED, Gate
from argtrace.fetch.emit import R0, R1, R2, R7, R8
from argtrace.fetch.fields import TS_COMPAT, Fields
from argtrace.fetch.record import Phase
from argtrace.kernel import uapi
from argtrace.kernel.maps import MapSpec

MOST_CPUS = 8192  # CONFIG_NR_CPUS of the largest kernels
OPENS, CLOSES = 1, 2


def maps(gate: Gate) -> tuple[MapSpec, ...]:
    cpus = MapSpec("cpus", uapi.BPF_MAP_TYPE_ARRAY, 4, MOST_CPUS, 1)
    switches = MapSpec("switches", uapi.BPF_MAP_TYPE_ARRAY, 4, record.UNKNOWN, 1)
    closed = MapSpec(CLOSED, uapi.BPF_MAP_TYPE_ARRAY, 4, 8, 1, uapi.BPF_F_MMAPABLE)
    return (*((cpus,) if gate.cpus else ()), *((switches, closed) if gate.timed else ()))


def cpus(numbers: frozenset[int]) -> bytes:
    """The value of the map `cpus`."""
    return bytes(number in numbers for number in range(MOST_CPUS))


def switches(opening: frozenset[int], closing: frozenset[int]) -> bytes:
    """The value of the map `switches`, from calls' indexes."""
    return bytes(OPENS * (n in opening) | CLOSES * (n in closing) for n in range(record.UNKNOWN))


def enter(asm: Asm, gate: Gate, fields: Fields, shut: str, label: str) -> None:
    """A call begins, its number in r8: go on, or to `shut`. `label`: behind it. Loses r0 to r5."""
    if gate.cpus:
        _on_cpu(asm, shut)
    if gate.timed:
        asm.move(R2, 0)
        asm.jump(">=", R8, record.CALLS, f"{label}_told")
        asm.call("get_current_task_btf")
        asm.load(R0, R0, fields.task_status, 4)
        asm.alu("&=", R0, TS_COMPAT)
        asm.load_map_value(R1, "switches")
        asm.alu("+=", R1, R8)
        asm.load(R2, R1, 0, 1)
        asm.jump("==", R0, 0, f"{label}_told")
        asm.load(R2, R1, record.COMPAT_BASE, 1)
        asm.label(f"{label}_told")
        asm.load_map_value(R1, CLOSED)
        asm.move(R0, R2)
        asm.alu("&=", R0, OPENS)
        asm.jump("!=", R0, 0, f"{label}_opens")
        asm.load(R0, R1, 0)
        asm.jump("!=", R0, 0, shut)
        asm.goto(f"{label}_open")
        asm.label(f"{label}_opens")
        asm.store(R1, 0, 0)
        asm.label(f"{label}_open")
        asm.alu(">>=", R2, 1)
        asm.jump("==", R2, 0, label)
        asm.store(R1, 0, 1)
    asm.label(label)


def pass_over(asm: Asm) -> None:
    """The call that begins, of the task with the slot r7, is not looked at: nor is its exit, which is
    not that of one that seccomp has refused."""
    asm.store(R7, record.PHASE, Phase.NEWBORN, 4)


def late(asm: Asm, gate: Gate, shut: str) -> None:
    """A call returns whose beginning nobody saw: go on, or to `shut`. Loses r0 to r5."""
    if gate.cpus:
        _on_cpu(asm, shut)
    if gate.timed:
        asm.load_map_value(R1, CLOSED)
        asm.load(R0, R1, 0)
        asm.jump("!=", R0, 0, shut)


def _on_cpu(asm: Asm, shut: str) -> None:
    asm.call("get_smp_processor_id")
    asm.jump(">=", R0, MOST_CPUS, shut)
    asm.load_map_value(R1, "cpus")
    asm.alu("+=", R1, R0)
    asm.load(R1, R1, 0, 1)
    asm.jump("==", R1, 0, shut)
