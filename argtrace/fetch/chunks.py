"""A chunk of a buffer that is wanted whole: the sequence that reads it straight into the ring.

    open_chunk(asm, "full")     r6 = a chunk in the ring, its head written but for what follows
    …                           its item, offset and turn
    send_chunk(asm, "chunk")    its bytes, from r3 on

    r6  the chunk      r7  the slot whose call it belongs to

A chunk is a record of its own, sent before that of the call (`record.py`); its time is the call's start.
"""

from __future__ import annotations

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import R0, R1, R2, R3, R6, R7
from argtrace.fetch.layout import LOST_TOTAL
from argtrace.fetch.record import RECORD, Kind
from argtrace.kernel import uapi


def open_chunk(asm: Asm, full: str) -> None:
    """r6 = a chunk; or to `full`, where there is no room for one."""
    asm.load_map(R1, "events")
    asm.move(R2, record.CHUNK_DATA + record.CHUNK)
    asm.move(R3, 0)
    asm.call("ringbuf_reserve")
    asm.jump("==", R0, 0, full)
    asm.move(R6, R0)
    asm.store(R6, record.KIND, Kind.CHUNK, 4)
    asm.load_map_value(R1, "counters")
    asm.load(R1, R1, LOST_TOTAL, 4)
    asm.store(R6, record.LOST, R1, 4)
    asm.load(R1, R7, RECORD + record.TID)
    asm.store(R6, record.TID, R1)
    asm.load(R1, R7, RECORD + record.START)
    asm.store(R6, record.TIME, R1)


def send_chunk(asm: Asm, label: str) -> None:
    """Fill it from the address r3 on, where there are r2 bytes or more than it takes, and send it."""
    asm.jump("<=", R2, record.CHUNK, f"{label}_measured")
    asm.move(R2, record.CHUNK)
    asm.label(f"{label}_measured")
    asm.store(R6, record.CHUNK_BYTES, R2, 4)
    asm.move(R1, R6)
    asm.alu("+=", R1, record.CHUNK_DATA)
    asm.call("probe_read_user")
    asm.jump("==", R0, 0, f"{label}_read")
    asm.store(R6, record.CHUNK_BYTES, R0, 4)
    asm.label(f"{label}_read")
    asm.move(R1, R6)
    asm.move(R2, uapi.BPF_RB_NO_WAKEUP)
    asm.call("ringbuf_submit")
