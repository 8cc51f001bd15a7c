"""A plan's steps, carried out: what the generated programs do, over a function that reads.

    making = Making(plan, head)
    enter(making, read)         when the call begins
    leave(making, read, …)      when it has returned: what failed before, and what the call gave

A record's bytes come out as the programs would have sent them (`fetch/functions.py`,
`fetch/copies.py`, `fetch/collectors.py`, `fetch/execs.py`): what is decoded cannot tell who made them.
The tests run both over the same memory.

Pure: what is read comes from `read`. `native/stops.pyx` does the same; this is the reference.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable, Iterable

from argtrace.fetch import record
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
    Plan,
    ResultWord,
    Step,
)
from argtrace.ptrace import memory
from argtrace.ptrace.memory import PAGE, Read
from argtrace.signature.meaning import On

_S32_MAX = 0x7FFF_FFFF
_WORD = (1 << 64) - 1
_EFAULT = -errno.EFAULT
_SIZE = struct.Struct("<I")
_NEXT = struct.Struct("<Q")
_LIST = struct.Struct("<IiIi")

# EINTR; ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND and ERESTART_RESTARTBLOCK (include/linux/errno.h).
INTERRUPTED = frozenset({-errno.EINTR, -512, -513, -514, -516})

Chunk = Callable[[bytes], None]
"""What is done with a record of its own that has more of a buffer."""


class Making:
    """A call's record in the making: `head` is it up to the items, whose size is set here.

    `retry`: something could not be read at entry. `native`: the plan as `native/stops.pyx` has it, if
    that is who makes it.
    """

    __slots__ = ("items", "left", "native", "plan", "raw", "result", "retry")

    def __init__(self, plan: Plan, head: bytes) -> None:
        self.plan = plan
        self.items = plan.items
        self.raw = bytearray(head)
        skipped = record.ITEM.pack(0xFFFF_FFFF, record.SKIPPED)
        unset = record.ITEM.pack(0, 0)
        tried = {step.item for step in plan.steps}
        self.raw += b"".join(skipped if item in tried else unset for item in range(plan.items))
        self.raw += bytes(plan.fixed)
        self.retry = False
        self.left = 0
        self.result = 0
        self.native: object = None

    def item(self, number: int) -> tuple[int, int]:
        found: tuple[int, int] = record.ITEM.unpack_from(self.raw, record.ITEMS + record.ITEM.size * number)
        return found

    def set_item(self, number: int, at: int, size: int) -> None:
        record.ITEM.pack_into(self.raw, record.ITEMS + record.ITEM.size * number, at, size)

    def number(self, load: Load) -> int:
        at = load.spot.offset(self.items)
        return int.from_bytes(self.raw[at : at + load.size], "little")

    def copy(self) -> Making:
        """As it is now."""
        twin = Making.__new__(Making)
        for name in Making.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.raw = bytearray(self.raw)
        return twin

    def finish(self) -> bytes:
        """The record as it is to be sent."""
        _SIZE.pack_into(self.raw, record.SIZE, len(self.raw))
        return bytes(self.raw)


def enter(making: Making, read: Read, send: Chunk) -> None:
    """The entry half."""
    if making.plan.walks:
        _walk(making, read)
        return
    for step in making.plan.steps:
        if step.on is None:
            _copy(making, step, read, send, last=False)


def leave(making: Making, read: Read, send: Chunk, result: int) -> None:
    """The exit half."""
    making.result = result
    if making.plan.walks:
        if making.retry and result:
            _walk(making, read)
        return
    if making.retry:
        for step in making.plan.steps:
            if step.on is None and making.item(step.item)[1] < 0:
                _copy(making, step, read, send, last=True, again=isinstance(step, CopyBlock))
    for step in making.plan.steps:
        if step.on is not None and _given(step.on, result):
            _copy(making, step, read, send, last=True)


def _given(on: On, result: int) -> bool:
    """Whether the outputs are there after such a result."""
    if on is On.ALWAYS:
        return True
    if on is On.SUCCESS:
        return result >= 0
    if on is On.POSITIVE:
        return result > 0
    return result in INTERRUPTED


def _copy(making: Making, step: Step, read: Read, send: Chunk, *, last: bool, again: bool = False) -> None:
    if isinstance(step, CopyBlock) and isinstance(step.size, Filled) and step.size.start is not None:
        making.left = _compute(making, step.size.start, step)
    if step.guard is not None and making.item(step.guard.item)[1] < step.guard.size:
        return
    address = int.from_bytes(making.raw[(at := step.pointer.offset(making.items)) : at + 8], "little")
    if isinstance(step, CopyString):
        _string(making, step, address, read, last=last)
    elif isinstance(step, CopyBlock):
        _block(making, step, address, read, send, last=last, again=again)


def _string(making: Making, step: CopyString, address: int, read: Read, *, last: bool) -> None:
    if address == 0:
        return
    at = len(making.raw)
    found = memory.string(read, address, step.space)
    if found is not None:
        making.set_item(step.item, at, len(found))
        making.raw += found
        return
    making.set_item(step.item, at, _EFAULT)
    if not last:
        making.retry = True
        return
    part = _before_page_end(read, address, step.space)
    if part is not None:
        making.set_item(step.item, at | record.PARTIAL, len(part))
        making.raw += part


def _block(
    making: Making, step: CopyBlock, address: int, read: Read, send: Chunk, *, last: bool, again: bool
) -> None:
    if address == 0 and not last:
        return  # a null pointer fails; it would be tried again
    whole = size = step.room if isinstance(step.size, int) else _compute(making, step.size, step)
    size = min(size, step.room)
    at = len(making.raw)
    if step.fixed is not None:
        at = record.payload_offset(making.items) + step.fixed
    elif again and making.item(step.item)[0] < at:
        at = making.item(step.item)[0]  # the entry half left room for it
    found = memory.block(read, address, size)
    if found is not None:
        _place(making, at, found)
        making.set_item(step.item, at, size)
    else:
        # What could not be read is zeros, and they stay: the next copy is where it would have been.
        making.set_item(step.item, at, _EFAULT)
        _place(making, at, bytes(size))
        if not last:
            making.retry = True
        elif (part := _before_page_end(read, address, size)) is not None:
            _place(making, at, part)
            making.set_item(step.item, at | record.PARTIAL, len(part))
    if step.chunks and whole > step.room and making.item(step.item)[1] >= 0:
        send_chunks(making, step, address, whole, read, send)


def _place(making: Making, at: int, data: bytes) -> None:
    making.raw[at : at + len(data)] = data


def _before_page_end(read: Read, address: int, size: int) -> bytes | None:
    """What is before the end of the page, if more than that was wanted."""
    left = PAGE - address % PAGE
    return memory.block(read, address, left) if left < size else None


def send_chunks(making: Making, step: CopyBlock, address: int, whole: int, read: Read, send: Chunk) -> None:
    """What is beyond the step's room, a chunk a record."""
    *_, tid, tgid, _ = record.COMMON.unpack_from(making.raw)
    (start,) = _NEXT.unpack_from(making.raw, record.START)
    head = record.COMMON.pack(record.Kind.CHUNK, 0, 0, tid, tgid, start)
    for offset in range(step.room, min(whole, step.room + record.CHUNK * step.chunks), record.CHUNK):
        size = min(whole - offset, record.CHUNK)
        found = memory.block(read, address + offset, size)
        told = _EFAULT if found is None else size
        send(head + record.CHUNK_HEAD.pack(step.item, told, offset, 0) + (found or b""))


def _compute(making: Making, code: Code, step: CopyBlock) -> int:
    """How many bytes."""
    match code:
        case int():
            return code
        case Load():
            return making.number(code)
        case ResultWord():
            return making.result & _WORD
        case Lesser(a=a, b=b):
            return min(_compute(making, a, step), _compute(making, b, step))
        case Linear(of=of, add=add, shift=shift, by=by):
            value = (_compute(making, of, step) + add & _WORD) >> shift
            return value if by == 1 else min(value, _S32_MAX) * by
        case IoctlSize(of=of, reads=reads):
            # include/uapi/asm-generic/ioctl.h: | dir: 2 | size: 14 | type: 8 | nr: 8 |
            command = making.number(of)
            return (command >> 16 & 0x3FFF) * (command >> (31 if reads else 30) & 1)
        case Chosen(exit=exit):
            return making.plan.sizes[exit]
        case Filled(of=of):
            share = min(making.number(of), making.left)
            making.left -= share
            return share


# ---------------------------------------------------------------- execs


def _walk(making: Making, read: Read) -> None:
    """The file name, and two arrays of strings."""
    making.retry = False
    del making.raw[making.plan.payload :]
    lists: list[CopyStrings] = []
    for step in making.plan.steps:
        if isinstance(step, CopyString):
            _file_name(making, step, read)
        elif isinstance(step, CopyStrings):
            lists.append(step)
    end = making.plan.payload + sum(step.space for step in making.plan.steps if isinstance(step, CopyString))
    for step in lists:
        end += step.space
        _list(making, step, end, read)


def _file_name(making: Making, step: CopyString, read: Read) -> None:
    making.set_item(step.item, 0xFFFF_FFFF, record.SKIPPED)
    address = int.from_bytes(making.raw[(at := step.pointer.offset(making.items)) : at + 8], "little")
    if address == 0:
        return
    found = memory.string(read, address, step.space)
    making.set_item(step.item, len(making.raw), _EFAULT if found is None else len(found))
    making.retry |= found is None
    making.raw += found or b""


def _list(making: Making, step: CopyStrings, end: int, read: Read) -> None:
    """Append the strings of an array, up to `end` in the record."""
    begin = len(making.raw)
    cursor = int.from_bytes(making.raw[(at := step.pointer.offset(making.items)) : at + 8], "little")
    element = step.limit + 2
    count, how = 0, record.CUT
    for address in _addresses(read, cursor):
        if address is None:
            how, making.retry = _EFAULT, True
            break
        if address == 0:
            how = record.ENDED
            break
        if len(making.raw) > end - record.ELEMENT.size - element:
            break
        found = memory.string(read, address, element)
        making.retry |= found is None
        making.raw += record.ELEMENT.pack(_EFAULT if found is None else len(found), address)
        making.raw += found or b""
        count += 1
    head = record.ITEMS + record.ITEM.size * step.item
    _LIST.pack_into(making.raw, head, begin, len(making.raw) - begin, count, how)
    _NEXT.pack_into(making.raw, head + _LIST.size, cursor + 8 * count & _WORD)


def _addresses(read: Read, cursor: int) -> Iterable[int | None]:
    """The words from there on; None for one that cannot be read, after which nothing comes."""
    while True:
        # As many as the page has: an array of hundreds takes a few reads.
        words = read(cursor, max(8, PAGE - cursor % PAGE)) if cursor <= _WORD - PAGE else b""
        if len(words) < 8:
            yield None
            return
        for (word,) in struct.iter_unpack("<Q", words[: len(words) & ~7]):
            yield word
        cursor += len(words) & ~7
