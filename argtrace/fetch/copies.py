"""Copy steps as instructions: a string, a block, and how many bytes of it.

Each step ends where it would have ended had it been skipped: one straight line with
side exits that come back. What a side exit knows is always less than what the line
knows there, so the verifier stops following it where they meet, and cost grows with
the number of steps and not with the ways through them. Whatever is computed lies
between 0 and the step's room, since one unsigned comparison says so.

Registers as in `emit.py`; r8 is where the next appended byte goes, r9 the size of
the block at hand.
"""

from __future__ import annotations

from collections.abc import Callable

from argtrace.fetch import record
from argtrace.fetch.asm import Asm
from argtrace.fetch.emit import (
    FULL,
    LEFT,
    R0,
    R1,
    R2,
    R3,
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
from argtrace.fetch.isa import Reg
from argtrace.fetch.layout import LOST_TOTAL
from argtrace.fetch.plan import (
    TERMINATOR,
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
from argtrace.fetch.record import RECORD, Rest
from argtrace.kernel import uapi

Copy = CopyString | CopyBlock

PAGE = 4096
"""Pages of other sizes are multiples of it: less may be read then, and nothing that is not there."""


class Copier:
    """The steps of one half. `retries`: whether what fails is left to the exit half.

    `aside` must be called behind the last exit of the program: the side exits.
    """

    def __init__(self, asm: Asm, items: int, *, retries: bool) -> None:
        self._asm = asm
        self._items = items
        self._retries = retries
        self._aside: list[tuple[str, str, Callable[[], None]]] = []

    def copy(self, step: Copy, done: str) -> None:
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
            self._string(step, done)
        else:
            self._block(step, done)

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

    def at_least(self, left: Reg, right: Reg | int, name: str) -> None:
        """left = max(left, right)."""
        back = f"{name}_{len(self._aside)}"
        self._leave("<", left, right, back, lambda: self._asm.move(left, right))
        self._asm.label(back)

    def _failed(self, step: Copy, back: str) -> None:
        """Leave it to the exit half; there, take what is before the end of the page."""
        asm = self._asm
        if isinstance(step, CopyBlock):
            asm.store(R7, item_offset(step.item) + 4, R0, 4)
        if self._retries:
            asm.load(R1, R7, record.REST, 2)
            asm.alu("|=", R1, Rest.RETRY)
            asm.store(R7, record.REST, R1, 2)
        else:
            self._page(step, back)

    def _page(self, step: Copy, back: str) -> None:
        """Copy up to where the next page begins, if that is less than was wanted. Loses r9.

        The helpers give nothing of what they cannot read to the end.
        """
        asm = self._asm
        whole = step.space if isinstance(step, CopyString) else step.room
        known = isinstance(step, CopyString) or isinstance(step.size, int)
        asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
        asm.move(R2, R3)
        asm.alu("&=", R2, PAGE - 1)
        asm.move(R1, PAGE)
        asm.alu("-=", R1, R2)
        asm.jump(">=", R1, whole if known else R9, back)
        asm.jump(">", R1, whole, back)
        asm.move(R9, R1)
        asm.move(R1, R7)
        if isinstance(step, CopyString) or step.fixed is None:
            asm.alu("+=", R1, R8)
            asm.alu("+=", R1, RECORD)
        else:
            asm.alu("+=", R1, RECORD + record.payload_offset(self._items) + step.fixed)
        asm.move(R2, R9)
        asm.call("probe_read_user")
        asm.jump("!=", R0, 0, back)
        asm.store(R7, item_offset(step.item) + 4, R9, 4)
        asm.load(R1, R7, item_offset(step.item), 4)
        asm.alu("|=", R1, record.PARTIAL - (1 << 32))
        asm.store(R7, item_offset(step.item), R1, 4)
        if isinstance(step, CopyString):
            asm.alu("+=", R8, R9)

    def _string(self, step: CopyString, done: str) -> None:
        """Append a user string at r8 and note the result in its item.

        A helper's negative errno is a huge unsigned number, and below it the verifier
        knows the exact range that r8 grows by.
        """
        asm = self._asm
        asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
        asm.jump("==", R3, 0, done)
        asm.move(R1, R7)
        asm.alu("+=", R1, R8)
        asm.alu("+=", R1, RECORD)
        asm.move(R2, step.space)
        asm.call("probe_read_user_str")
        asm.store(R7, item_offset(step.item), R8, 4)
        asm.store(R7, item_offset(step.item) + 4, R0, 4)
        self._leave(">", R0, step.limit + TERMINATOR, done, lambda: self._failed(step, done))
        asm.alu("+=", R8, R0)

    def _block(self, step: CopyBlock, done: str) -> None:
        asm = self._asm
        constant = isinstance(step.size, int)
        if self._retries:
            # A null pointer fails; at entry that would be tried again.
            asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
            asm.jump("==", R3, 0, done)
        if not constant:
            self._compute(step.size, done)
            if step.chunks:
                asm.store(R10, FULL, R9)
            self.at_most(R9, step.room, done)
        asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
        asm.move(R1, R7)
        if step.fixed is None:
            asm.alu("+=", R1, R8)
            asm.alu("+=", R1, RECORD)
            asm.store(R7, item_offset(step.item), R8, 4)
        else:
            at = record.payload_offset(self._items) + step.fixed
            asm.alu("+=", R1, RECORD + at)
            asm.store(R7, item_offset(step.item), at, 4)
        size = step.room if constant else R9
        asm.store(R7, item_offset(step.item) + 4, size, 4)
        asm.move(R2, size)
        asm.call("probe_read_user")
        # What could not be read is zeros, and they stay: the way back is the same.
        self._leave("!=", R0, 0, f"{done}_read", lambda: self._failed(step, f"{done}_read"))
        asm.label(f"{done}_read")
        if step.fixed is None:
            asm.alu("+=", R8, size)
        if step.chunks and not constant:
            self._chunks(step, done)

    def _chunks(self, step: CopyBlock, done: str) -> None:
        """Send what is beyond the step's room, a chunk a record. Loses r6 and r9."""
        asm = self._asm
        asm.load(R1, R10, FULL)
        asm.jump("<=", R1, step.room, done)
        asm.load(R1, R7, item_offset(step.item) + 4, 4)
        asm.jump(">", R1, S32_MAX, done)
        asm.move(R9, step.room)
        asm.label(f"{done}_chunk")
        asm.load_map(R1, "events")
        asm.move(R2, record.CHUNK_DATA + record.CHUNK)
        asm.move(R3, 0)
        asm.call("ringbuf_reserve")
        asm.jump("==", R0, 0, f"{done}_full")
        asm.move(R6, R0)
        asm.store(R6, record.KIND, record.Kind.CHUNK, 4)
        asm.load_map_value(R1, "counters")
        asm.load(R1, R1, LOST_TOTAL, 4)
        asm.store(R6, record.LOST, R1, 4)
        asm.load(R1, R7, RECORD + record.TID)
        asm.store(R6, record.TID, R1)
        asm.load(R1, R7, RECORD + record.START)
        asm.store(R6, record.TIME, R1)
        asm.store(R6, record.CHUNK_ITEM, step.item, 4)
        asm.store(R6, record.CHUNK_OFFSET, R9)
        asm.load(R2, R10, FULL)
        asm.alu("-=", R2, R9)
        self.at_most(R2, record.CHUNK, done)
        asm.store(R6, record.CHUNK_BYTES, R2, 4)
        asm.move(R1, R6)
        asm.alu("+=", R1, record.CHUNK_DATA)
        asm.load(R3, R7, RECORD + step.pointer.offset(self._items))
        asm.alu("+=", R3, R9)
        asm.call("probe_read_user")
        self._leave("!=", R0, 0, f"{done}_got", lambda: asm.store(R6, record.CHUNK_BYTES, R0, 4))
        asm.label(f"{done}_got")
        asm.move(R1, R6)
        asm.move(R2, uapi.BPF_RB_NO_WAKEUP)
        asm.call("ringbuf_submit")
        asm.alu("+=", R9, record.CHUNK)
        asm.load(R1, R10, FULL)
        asm.jump("<=", R1, R9, done)
        asm.jump("<", R9, step.room + record.CHUNK * step.chunks, f"{done}_chunk")
        asm.goto(done)
        asm.label(f"{done}_full")
        count_loss(asm)

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
