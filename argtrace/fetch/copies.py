"""Copy steps as instructions: how many bytes, and the call that copies them.

Each step ends where it would have ended had it been skipped: one straight line with
side exits that come back. What a side exit knows is always less than what the line
knows there, so the verifier stops following it where they meet, and cost grows with
the number of steps and not with the ways through them. Whatever is computed lies
between 0 and the step's room, since one unsigned comparison says so.

The copies themselves are `functions.py`.

Registers as in `emit.py`; r8 is where the next appended byte goes, r9 the size of
the block at hand.
"""

from __future__ import annotations

from collections.abc import Callable

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.chunks import open_chunk, send_chunk
from argtrace.fetch.emit import (
    END,
    FULL,
    LEFT,
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    R10,
    S32_MAX,
    WORD,
    count_loss,
    item_offset,
)
from argtrace.fetch.function_types import BLOCK, CHUNKS, STRING
from argtrace.fetch.functions import APPEND, LAST
from argtrace.fetch.isa import Reg
from argtrace.fetch.plan import (
    Chosen,
    Code,
    CopyBlock,
    CopyString,
    CopyStrings,
    Filled,
    IoctlSize,
    Lesser,
    Linear,
    Load,
    ResultWord,
)
from argtrace.fetch.record import RECORD

Copy = CopyString | CopyBlock

CONTEXT = END - 8
"""Where the context is on the stack while chunks are sent."""


class Copier:
    """The steps of one half. `retries`: whether what fails is left to the exit half. `in_line`: whether
    chunks are sent in place, as no function can: it has no context, which perf's buffers want.

    `aside` must be called behind the last exit of the program: the side exits.
    """

    def __init__(self, asm: Asm, items: int, *, retries: bool, in_line: bool = False) -> None:
        self._asm = asm
        self._items = items
        self._retries = retries
        self._in_line = in_line
        self._aside: list[tuple[str, str, Callable[[], None]]] = []

    def copy(self, step: Copy, done: str, flags: int = 0) -> None:
        """One step; the label `done` must follow it."""
        asm = self._asm
        if isinstance(step, CopyBlock) and isinstance(step.size, Filled) and step.size.start is not None:
            self._compute(step.size.start, done)
            asm.store(R10, LEFT, R9)
        if step.guard is not None:
            # An errno stays above S32_MAX, and a size that is too small comes round to there.
            asm.load(R1, R7, item_offset(step.guard.item) + 4, 4)
            asm.alu("-=", R1, step.guard.size)
            asm.jump(">", R1, S32_MAX, done)
        if isinstance(step, CopyString):
            self._call(STRING, step, step.space, flags)
        else:
            self._block(step, done, flags)

    def skip(self, steps: tuple[CopyString | CopyStrings | CopyBlock, ...]) -> None:
        """Nobody has tried these yet."""
        for step in steps:
            self._asm.store(R7, item_offset(step.item), record.SKIPPED)

    def aside(self) -> None:
        for label, back, work in self._aside:
            self._asm.label(label)
            work()
            self._asm.goto(back)

    def _leave(
        self, comparison: str, left: Reg, right: Reg | int, back: str, work: Callable[[], None]
    ) -> None:
        """Go aside if the comparison holds, do this, and come back to `back`."""
        label = f"aside{len(self._aside)}"
        self._aside.append((label, back, work))
        self._asm.jump(comparison, left, right, label)

    def at_most(self, left: Reg, right: Reg | int, name: str) -> None:
        """left = min(left, right)."""
        back = f"{name}_{len(self._aside)}"
        self._leave(">", left, right, back, lambda: self._asm.move(left, right))
        self._asm.label(back)

    def _call(self, function: str, step: Copy, size: Reg | int, flags: int) -> None:
        """Have a function make the copy, to r8 or to its fixed place."""
        asm = self._asm
        fixed = step.fixed if isinstance(step, CopyBlock) else None
        asm.load(R4, R7, RECORD + step.pointer.offset(self._items))
        asm.move(R5, size)
        asm.move(R3, R8 if fixed is None else record.payload_offset(self._items) + fixed)
        asm.move(R2, item_offset(step.item) | flags | (0 if self._retries else LAST))
        asm.move(R1, R7)
        asm.call_function(function)
        if fixed is None:
            asm.move(R8, R0)

    def _block(self, step: CopyBlock, done: str, flags: int) -> None:
        asm = self._asm
        if step.fixed is None:
            flags |= APPEND
        if isinstance(step.size, int):
            self._call(BLOCK, step, step.room, flags)
            return
        if self._retries:
            # A null pointer fails; at entry that would be tried again.
            asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
            asm.jump("==", R3, 0, done)
        self._compute(step.size, done)
        if step.chunks:
            asm.store(R10, FULL, R9)
        self.at_most(R9, step.room, done)
        self._call(BLOCK, step, R9, flags)
        if step.chunks:
            asm.load(R9, R10, FULL)
            asm.jump("<=", R9, step.room, done)
            asm.load(R1, R7, item_offset(step.item) + 4, 4)
            asm.jump(">", R1, S32_MAX, done)
            (self._chunks_in_line if self._in_line else self._chunks)(step, done)

    def _chunks(self, step: CopyBlock, done: str) -> None:
        """Send what is beyond the step's room, of r9 bytes in all."""
        asm = self._asm
        self.at_most(R9, step.room + record.CHUNK * step.chunks, done)
        asm.load(R4, R7, RECORD + step.pointer.offset(self._items))
        asm.move(R5, R9)
        asm.move(R3, step.room)
        asm.move(R2, step.item)
        asm.move(R1, R7)
        asm.call_function(CHUNKS)

    def _chunks_in_line(self, step: CopyBlock, done: str) -> None:
        """The same in a loop. Loses r9."""
        asm = self._asm
        asm.store(R10, CONTEXT, R6)
        asm.move(R9, step.room)
        asm.label(f"{done}_chunk", most=step.chunks, differ=True)
        open_chunk(asm, f"{done}_full")
        asm.store(R6, record.CHUNK_ITEM, step.item, 4)
        asm.store(R6, record.CHUNK_OFFSET, R9)
        asm.load(R2, R10, FULL)
        asm.alu("-=", R2, R9)
        asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
        asm.alu("+=", R3, R9)
        send_chunk(asm, done)
        asm.alu("+=", R9, record.CHUNK)
        asm.load(R1, R10, FULL)
        asm.jump("<=", R1, R9, f"{done}_sent")
        asm.jump("<", R9, step.room + record.CHUNK * step.chunks, f"{done}_chunk")
        asm.goto(f"{done}_sent")
        asm.label(f"{done}_full")
        count_loss(asm)
        asm.label(f"{done}_sent")
        asm.load(R6, R10, CONTEXT)

    def _compute(self, code: Code, done: str) -> None:
        """r9 = how many bytes. Loses r0 to r2."""
        asm = self._asm
        match code:
            case int():
                asm.move(R9, code)
            case Load():
                self._load(R9, code)
            case ResultWord():
                asm.load(R9, R7, RECORD + record.RESULT)
            case Lesser(a=a, b=b):
                self._compute(b, done)
                if isinstance(a, int):
                    self.at_most(R9, a, done)
                else:
                    asm.store(R10, WORD, R9)
                    self._compute(a, done)
                    asm.load(R1, R10, WORD)
                    self.at_most(R9, R1, done)
            case Linear(of=of, add=add, shift=shift, by=by):
                self._compute(of, done)
                if add:
                    asm.alu("+=", R9, add)
                if shift:
                    asm.alu(">>=", R9, shift)
                if by != 1:
                    # Beyond this it is more than any room, and must not come round to little.
                    self.at_most(R9, S32_MAX, done)
                    asm.alu("*=", R9, by)
            case IoctlSize(of=of, reads=reads):
                # include/uapi/asm-generic/ioctl.h: | dir: 2 | size: 14 | type: 8 | nr: 8 |
                self._load(R9, of)
                asm.move(R1, R9)
                asm.alu(">>=", R1, 31 if reads else 30)
                asm.alu("&=", R1, 1)
                asm.alu(">>=", R9, 16)
                asm.alu("&=", R9, 0x3FFF)
                asm.alu("*=", R9, R1)
            case Chosen(exit=exit):
                asm.load(R9, R7, record.SIZES + 4 * exit, 4)
            case Filled(of=of):
                self._load(R9, of)
                asm.load(R1, R10, LEFT)
                self.at_most(R9, R1, done)
                asm.alu("-=", R1, R9)
                asm.store(R10, LEFT, R1)

    def _load(self, register: Reg, load: Load) -> None:
        self._asm.load(register, R7, RECORD + load.spot.offset(self._items), load.size)
