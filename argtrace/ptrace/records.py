"""Records of tasks, and the head of a call's, as the programs send them (`fetch/record.py`)."""

from __future__ import annotations

import errno

from argtrace.decode.stream import TICK
from argtrace.fetch import record
from argtrace.fetch.record import Flag, Kind
from argtrace.location.frames import IMAGE_SIZE, WORD, Frame

_MASK = (1 << 64) - 1


def call(
    flags: int, tid: int, tgid: int, start: int, number: int, image: bytes, *, result: int = 0, time: int = 0
) -> bytes:
    """Up to the items. The size is set by who appends them."""
    common = record.COMMON.pack(Kind.CALL, flags, 0, tid, tgid, time)
    return common + record.CALL.pack(start, result, number, 0) + image


def image(frame: Frame, args: tuple[int, ...], ip: int) -> bytes:
    """The block of pt_regs at a 64-bit call's entry. On x86-64 rax says that there is no such call yet,
    rcx where it returns to (arch/x86/entry/entry_64.S); what arm64 has besides nobody asks for."""
    words = bytearray(IMAGE_SIZE)
    spare = (-errno.ENOSYS & _MASK, ip) if "rax" in frame.offsets else (0, 0)
    for at, value in zip((*frame.arguments, *frame.spare), (*args, *spare), strict=True):
        words[at : at + WORD] = value.to_bytes(WORD, "little")
    return bytes(words)


def arguments(frame: Frame, raw: bytes | bytearray) -> tuple[int, ...]:
    """The words of a 64-bit call's record, in the order of its arguments."""
    begins = (record.IMAGE + at for at in frame.arguments)
    return tuple(int.from_bytes(raw[at : at + WORD], "little") for at in begins)


def compat_image(frame: Frame, args: tuple[int, ...]) -> bytes:
    """Of a 32-bit call: six registers, each in a word, as wide as they are."""
    words = bytearray(IMAGE_SIZE)
    for at, value in zip(frame.compat, args, strict=True):
        words[at : at + WORD] = value.to_bytes(WORD, "little")
    return bytes(words)


def returned(raw: bytearray, time: int, result: int) -> None:
    """Note in a call's record how it came back."""
    raw[record.TIME : record.TIME + 8] = time.to_bytes(8, "little")
    raw[record.RESULT : record.RESULT + 8] = (result & _MASK).to_bytes(8, "little")


def not_returned(raw: bytearray, time: int) -> None:
    """Its task died in it."""
    raw[record.TIME : record.TIME + 8] = time.to_bytes(8, "little")
    raw[record.FLAGS] |= Flag.NO_RESULT


def fork(
    tid: int, tgid: int, time: int, child: int, child_tgid: int, began: int, started: int, shared: int
) -> bytes:
    """`began`: when the parent's call began, 0 if nobody knows; `started`: when the child did, in clock
    ticks; `shared`: of record.Shared."""
    return record.COMMON.pack(Kind.FORK, shared, 0, tid, tgid, time) + record.FORK.pack(
        child, child_tgid, began, started * TICK
    )


def taking(tid: int, tgid: int, time: int, number: int, first: int, second: int) -> bytes:
    return record.COMMON.pack(Kind.TAKING, 0, 0, tid, tgid, time) + record.TAKING.pack(number, first, second)


def exec(tid: int, tgid: int, time: int, former: int, comm: bytes) -> bytes:
    return record.COMMON.pack(Kind.EXEC, 0, 0, tid, tgid, time) + record.EXEC.pack(former, comm)


def rename(tid: int, tgid: int, time: int, comm: bytes) -> bytes:
    return record.COMMON.pack(Kind.RENAME, 0, 0, tid, tgid, time) + comm[: record.COMM_SIZE].ljust(
        record.COMM_SIZE, b"\0"
    )


def signal(tid: int, tgid: int, time: int, number: int, info: bytes | None) -> bytes:
    body = record.SIGNAL.pack(number, info is not None) + (info or b"")[: record.SIGINFO_SIZE].ljust(
        record.SIGINFO_SIZE, b"\0"
    )
    return record.COMMON.pack(Kind.SIGNAL, 0, 0, tid, tgid, time) + body


def exit(tid: int, tgid: int, time: int, code: int) -> bytes:
    """`code` as task_struct.exit_code has it."""
    return record.COMMON.pack(Kind.EXIT, 0, 0, tid, tgid, time) + record.EXIT.pack(code, 0)
