"""Bytes to records: every length checked against what is there.

The layout is `fetch/record.py`'s. A record that contradicts itself raises
FormatError; strings are not looked at here, only cut out.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Kind
from argtrace.location.frames import IMAGE_SIZE

_WORDS = IMAGE_SIZE // 8
_CALL = struct.Struct(f"<HHIIIQQqII{_WORDS}Q")


class CallRecord(NamedTuple):
    """A system call as it came back. Times in ns of CLOCK_MONOTONIC; start 0: not seen.

    `image` is the block of registers, as words; `raw` the whole record, where
    items and payload are read from.
    """

    flags: int
    lost: int
    tid: int
    tgid: int
    time: int
    start: int
    result: int
    number: int
    image: tuple[int, ...]
    raw: bytes
    chunks: Mapping[int, bytes] = MappingProxyType({})
    """By item: what came of a buffer beyond what is in the record."""

    def item(self, number: int) -> tuple[int, int]:
        """Where item `number` begins and its size, or a negative errno as size."""
        begin = record.ITEMS + record.ITEM.size * number
        try:
            at, size = record.ITEM.unpack_from(self.raw, begin)
        except struct.error as error:
            raise FormatError("record", begin, f"item {number}") from error
        at &= ~record.PARTIAL
        if size > 0 and at + size > len(self.raw):
            raise FormatError("record", at, f"{size} bytes of item {number}")
        return at, size

    def ending(self, number: int) -> tuple[int, int]:
        """Of the list of strings at item `number`: how many were walked, and how that ended."""
        begin = record.ITEMS + record.ITEM.size * (number + 1)
        try:
            count, end = record.ITEM.unpack_from(self.raw, begin)
        except struct.error as error:
            raise FormatError("record", begin, f"the end of list {number}") from error
        return count, end

    def sent_before(self, number: int) -> tuple[int, int]:
        """Of the list of strings at item `number`: the bytes that went in chunks, and in which turn."""
        if not self.partial(number):
            return 0, 0
        begin = record.ITEMS + record.ITEM.size * (number + record.LIST_BEFORE)
        try:
            before, turn = record.WHOLE.unpack_from(self.raw, begin)
        except struct.error as error:
            raise FormatError("record", begin, f"what was sent before of list {number}") from error
        return before, turn

    def partial(self, number: int) -> bool:
        """Whether only the beginning of item `number`, which is there, could be read."""
        begin = record.ITEMS + record.ITEM.size * number
        try:
            at, size = record.ITEM.unpack_from(self.raw, begin)
        except struct.error as error:
            raise FormatError("record", begin, f"item {number}") from error
        return size >= 0 and bool(at & record.PARTIAL)


class TaskRecord(NamedTuple):
    """An event of a task. `body` is what its kind says, already of the right length."""

    kind: Kind
    lost: int
    tid: int
    tgid: int
    time: int
    body: bytes
    flags: int = 0


class ChunkRecord(NamedTuple):
    """More of a buffer, from `offset` in it on; of the call that this thread began at `time`."""

    lost: int
    tid: int
    time: int
    item: int
    offset: int
    data: bytes
    turn: int = 0
    """Which reading of a list of strings (`record.Turn`)."""


class FileRecord(NamedTuple):
    """What a descriptor is, as `fetch/opened.py` saw it. `raw` is the whole record, at least its head."""

    lost: int
    tid: int
    time: int
    number: int
    fd: int
    raw: bytes


class SettingRecord(NamedTuple):
    """What an exec was made in (`fetch/settings.py`). `raw` is the whole record, at least its head."""

    lost: int
    tid: int
    time: int
    raw: bytes


Record = CallRecord | TaskRecord | FileRecord | ChunkRecord | SettingRecord

_BODY_SIZES = {
    Kind.FORK: record.FORK.size,
    Kind.EXEC: record.EXEC.size,
    Kind.RENAME: record.COMM_SIZE,
    Kind.SIGNAL: record.SIGNAL.size + record.SIGINFO_SIZE,
    Kind.EXIT: record.EXIT.size,
    Kind.CHOSEN: record.CHOSEN.size,
    Kind.TAKING: record.TAKING.size,
}


def exact(sample: bytes) -> bytes:
    """A record that has some bytes more behind it, without those, as far as somebody would take them for
    its own: other kinds are as long as they say inside."""
    if len(sample) < record.COMMON.size:
        return sample
    kind, flags, *_ = record.COMMON.unpack_from(sample)
    if kind == Kind.CALL and len(sample) >= record.ITEMS:
        return sample[: int.from_bytes(sample[record.SIZE : record.SIZE + 4], "little")]
    return sample[:flags] if kind == Kind.FILE else sample


def parse(sample: bytes) -> Record:
    """Raises FormatError for a sample that is no record of ours."""
    try:
        kind, flags, lost, tid, tgid, time, start, result, number, size, *image = _CALL.unpack_from(sample)
    except struct.error:
        return _task(sample)
    if kind != Kind.CALL:
        return _task(sample)
    if not record.ITEMS <= size <= len(sample):
        raise FormatError("record", record.SIZE, f"a size from {record.ITEMS} to {len(sample)}, not {size}")
    return CallRecord(flags, lost, tid, tgid, time, start, result, number, tuple(image), sample)


def _task(sample: bytes) -> TaskRecord | FileRecord | ChunkRecord | SettingRecord:
    if len(sample) < record.COMMON.size:
        raise FormatError("record", 0, f"at least {record.COMMON.size} bytes, not {len(sample)}")
    kind, flags, lost, tid, tgid, time = record.COMMON.unpack_from(sample)
    if kind == Kind.FILE:
        if len(sample) < record.FILE_NAMES:
            raise FormatError("record", 0, f"at least {record.FILE_NAMES} bytes of {Kind.FILE.name}")
        number, fd = record.FILE.unpack_from(sample, record.COMMON.size)
        return FileRecord(lost, tid, time, number, fd, sample)
    if kind == Kind.SETTING:
        if len(sample) < record.SETTING_PARTS:
            raise FormatError("record", 0, f"at least {record.SETTING_PARTS} bytes of {Kind.SETTING.name}")
        return SettingRecord(lost, tid, time, sample)
    if kind == Kind.CHUNK:
        return _chunk(sample, lost, tid, time)
    size = _BODY_SIZES.get(kind)
    body = sample[record.COMMON.size :]
    if size is None:
        raise FormatError("record", record.KIND, f"a kind we know, not {kind}")
    if len(body) < size:
        raise FormatError("record", record.COMMON.size, f"{size} bytes of {Kind(kind).name}")
    return TaskRecord(Kind(kind), lost, tid, tgid, time, body[:size], flags)


def _chunk(sample: bytes, lost: int, tid: int, time: int) -> ChunkRecord:
    if len(sample) < record.CHUNK_DATA:
        raise FormatError("record", 0, f"at least {record.CHUNK_DATA} bytes of {Kind.CHUNK.name}")
    item, size, offset, turn = record.CHUNK_HEAD.unpack_from(sample, record.CHUNK_ITEM)
    data = sample[record.CHUNK_DATA : record.CHUNK_DATA + max(size, 0)]
    if len(data) < size:
        raise FormatError("record", record.CHUNK_BYTES, f"{size} bytes of a buffer, not {len(data)}")
    return ChunkRecord(lost, tid, time, item, offset, data, turn)
