"""The copies that every collector makes, as functions that the verifier goes through once.

A call costs a few nanoseconds; in line, each copy was some sixty instructions in a program, and at exit,
where what failed is tried again to its end and then to that of its page, more than a hundred for the
verifier. A *global* function is verified by itself, for whatever its arguments are, so a collector's cost
is that of its calls (Linux 5.6, "bpf: Introduce function-by-function verification").

    copy_string(slot, what, at, from, space) -> at    append a string; `at` is where the next copy goes
    copy_block(slot, what, at, from, size) -> at      a block, in its place or appended
    send_chunks(slot, item, at, from, size) -> 0      what is beyond `at` of a buffer, a chunk a record
    send_chunk(slot, item, at, from, size) -> 0       one of them, or 1 where the ring had no room

`what` is where in the slot the copy's item is, and flags. Chunks in line were a loop for each buffer:
2.5 million instructions for the verifier, two seconds, where all of each buffer was wanted.

Not here: what the kernel is told of their types is `function_types.py`.
"""

from __future__ import annotations

from argtrace.fetch import derive, record
from argtrace.fetch.asm import Asm
from argtrace.fetch.chunks import open_chunk, send_chunk
from argtrace.fetch.emit import R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, count_loss
from argtrace.fetch.function_types import BLOCK, CHUNK, CHUNKS, STRING
from argtrace.fetch.layout import Layout
from argtrace.fetch.record import RECORD, Rest

# Flags of `what`, above the item's offset.
LAST, APPEND, AGAIN = 1 << 16, 1 << 17, 1 << 18
"""LAST: the call has returned, nobody tries later. APPEND: a block's size is added to `at`. AGAIN: its
entry half may have left room for it."""
_ITEM = 0xFFFF

PAGE = 4096
"""Pages of other sizes are multiples of it: less may be read then, and nothing that is not there."""

# Stack of a function.
_WHAT, _FROM, _SIZE, _END, _LEFT = -8, -16, -24, -32, -40


def append(asm: Asm, layout: Layout) -> None:
    """Those that were called, behind all else."""
    called = asm.called()
    if STRING in called:
        asm.function(STRING)
        with asm.scope(STRING):
            _string(asm, layout)
    if BLOCK in called:
        asm.function(BLOCK)
        with asm.scope(BLOCK):
            _block(asm, layout)
    if CHUNKS in called:
        asm.function(CHUNKS)
        with asm.scope(CHUNKS):
            _chunks(asm)
        asm.function(CHUNK)
        with asm.scope(CHUNK):
            _chunk(asm)


def _begin(asm: Asm, layout: Layout) -> None:
    """r7 the slot, r6 the item, r8 `at`, r9 the size."""
    asm.move(R7, R1)
    asm.move(R8, R3)
    asm.jump("==", R7, 0, "out")  # never, as the next; but the verifier cannot know
    asm.move(R6, R2)
    asm.alu("&=", R6, _ITEM)
    asm.jump(">", R6, RECORD + layout.payload - record.ITEM.size, "out")
    asm.alu("+=", R6, R7)
    asm.move(R9, R5)
    asm.store(R10, _WHAT, R2)
    asm.store(R10, _FROM, R4)
    asm.store(R10, _SIZE, R5)
    asm.store(R10, _END, R8)


def _room(asm: Asm, layout: Layout) -> None:
    """Go to `full` where there is no room at r8."""
    asm.jump(">", R8, layout.record_space, "full")
    asm.jump(">", R9, layout.room, "full")
    asm.move(R1, R8)
    asm.alu("+=", R1, R9)
    asm.jump(">", R1, layout.record_space, "full")


def _string(asm: Asm, layout: Layout) -> None:
    """A helper's negative errno is a huge unsigned number."""
    _begin(asm, layout)
    asm.jump("==", R4, 0, "out")
    _room(asm, layout)
    _target(asm)
    asm.move(R2, R9)
    asm.move(R3, R4)
    asm.call("probe_read_user_str")
    asm.store(R6, 0, R8, 4)
    asm.store(R6, 4, R0, 4)
    asm.jump(">", R0, R9, "failed")
    asm.alu("+=", R8, R0)
    asm.label("full")
    asm.label("out")
    asm.give(R8)
    asm.label("failed")
    _failed(asm, layout, "out")
    asm.alu("+=", R8, R9)
    asm.goto("out")


def _block(asm: Asm, layout: Layout) -> None:
    """What could not be read is zeros, and they stay: the next copy is where it would have been."""
    _begin(asm, layout)
    asm.jump("!=", R4, 0, "somewhere")
    asm.move(R1, R2)
    asm.alu("&=", R1, LAST)
    asm.jump("==", R1, 0, "out")  # a null pointer fails; at entry that would be tried again
    asm.label("somewhere")
    asm.alu("&=", R2, AGAIN)
    asm.jump("==", R2, 0, "place")
    asm.load(R1, R6, 0, 4)
    asm.jump(">=", R1, R8, "place")  # beyond the end: nobody came so far
    asm.move(R8, R1)
    asm.label("place")
    _room(asm, layout)
    _target(asm)
    asm.store(R6, 0, R8, 4)
    asm.store(R6, 4, R9, 4)
    asm.move(R2, R9)
    asm.load(R3, R10, _FROM)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, "failed")
    asm.label("read")
    asm.load(R1, R10, _WHAT)
    asm.alu("&=", R1, APPEND)
    asm.jump("==", R1, 0, "out")
    asm.load(R1, R10, _SIZE)
    asm.alu("+=", R8, R1)
    asm.load(R1, R10, _END)
    asm.jump(">=", R8, R1, "out")
    asm.label("full")
    asm.load(R8, R10, _END)
    asm.label("out")
    asm.give(R8)
    asm.label("failed")
    asm.store(R6, 4, R0, 4)
    _failed(asm, layout, "read")
    asm.goto("read")


def _target(asm: Asm) -> None:
    asm.move(R1, R7)
    asm.alu("+=", R1, R8)
    asm.alu("+=", R1, RECORD)


def _failed(asm: Asm, layout: Layout, back: str) -> None:
    """Leave it to the exit half; there, take what is before the end of the page, r9 bytes.

    The helpers give nothing of what they cannot read to the end.
    """
    asm.load(R1, R10, _WHAT)
    asm.alu("&=", R1, LAST)
    asm.jump("!=", R1, 0, "last")
    asm.load(R1, R7, record.REST, 2)
    asm.alu("|=", R1, Rest.RETRY)
    asm.store(R7, record.REST, R1, 2)
    asm.goto(back)
    asm.label("last")
    asm.load(R3, R10, _FROM)
    asm.move(R2, R3)
    asm.alu("&=", R2, PAGE - 1)
    asm.move(R1, PAGE)
    asm.alu("-=", R1, R2)
    asm.jump(">=", R1, R9, back)
    asm.jump(">", R1, layout.room, back)
    asm.move(R9, R1)
    _target(asm)
    asm.move(R2, R9)
    asm.call("probe_read_user")
    asm.jump("!=", R0, 0, back)
    asm.store(R6, 4, R9, 4)
    asm.load(R1, R6, 0, 4)
    asm.alu("|=", R1, record.PARTIAL - (1 << 32))
    asm.store(R6, 0, R1, 4)


def _chunks(asm: Asm) -> None:
    asm.move(R7, R1)
    asm.move(R6, R2)
    asm.move(R9, R3)
    asm.move(R8, R4)
    asm.store(R10, _SIZE, R5)
    asm.store(R10, _LEFT, derive.CHUNKS)
    asm.label("next", most=derive.CHUNKS)
    asm.move(R1, R7)
    asm.move(R2, R6)
    asm.move(R3, R9)
    asm.move(R4, R8)
    asm.load(R5, R10, _SIZE)
    asm.call_function(CHUNK)
    asm.jump("!=", R0, 0, "out")
    asm.alu("+=", R9, record.CHUNK)
    asm.load(R1, R10, _SIZE)
    asm.jump("<=", R1, R9, "out")
    asm.load(R1, R10, _LEFT)
    asm.alu("-=", R1, 1)
    asm.store(R10, _LEFT, R1)
    asm.jump("!=", R1, 0, "next")
    asm.label("out")
    asm.give(0)


def _chunk(asm: Asm) -> None:
    asm.jump("==", R1, 0, "out")
    asm.move(R7, R1)
    asm.move(R8, R4)
    asm.alu("+=", R8, R3)
    asm.move(R9, R5)
    asm.alu("-=", R9, R3)
    asm.store(R10, _WHAT, R2)
    asm.store(R10, _FROM, R3)
    open_chunk(asm, "full")
    asm.load(R1, R10, _WHAT)
    asm.store(R6, record.CHUNK_ITEM, R1, 4)
    asm.load(R1, R10, _FROM)
    asm.store(R6, record.CHUNK_OFFSET, R1)
    asm.move(R2, R9)
    asm.move(R3, R8)
    send_chunk(asm, "chunk")
    asm.label("out")
    asm.give(0)
    asm.label("full")
    count_loss(asm)
    asm.give(1)
