"""Records to bytes, for tests: what the programs in the kernel would put into the ring.

    call("openat", [-100, 0x7000, 0x80000], string(b"/etc/hosts"), result=3)
    call("execve", [0x7000, 0x7100, 0x7200], string(b"/bin/ls"), strings(b"ls", b"-l"), blob(b"A=1\0"))
    call("openat", [-100, 0x7000], unread(EFAULT), result=-EFAULT)
    fork(12, tid=10)

What was fetched is given in the order of the call's pointers, and its bytes
follow one another as they do when all is read at entry; `item` and `payload`
place them anywhere, sense or nonsense. Layout: `fetch/record.py`.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from argtrace.fetch import derive, record
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import TERMINATOR
from argtrace.fetch.record import Flag, Kind
from argtrace.location.frames import COMPAT_IMAGE, IMAGE_SIZE, WORD, frame
from argtrace.location.syscall import I386_REGISTERS, X86_64_REGISTERS
from argtrace.signature import syscalls
from argtrace.signature.syscalls import NAMES, NUMBERS
from argtrace.target import X86_64

TID = 100
START, TIME = 1_000_000, 1_002_000
LIMIT = 4096
WORDS = (1 << 64) - 1


class Fetched(NamedTuple):
    """What one pointer takes of a record: its items, relative to where its payload will begin."""

    items: tuple[tuple[int, int], ...]
    payload: bytes = b""
    placed: bool = False
    """Whether the items say where they are by themselves."""


SKIPPED = Fetched(((0, record.SKIPPED),), placed=True)


@functools.cache
def _items(number: int) -> int:
    """How many items the default plan of a call has."""
    if number not in NAMES:
        return 0
    (signature,) = syscalls.signatures([number], None).values()
    return derive.plans(number, signature, X86_64, Limits()).default.items


def string(data: bytes, limit: int = LIMIT) -> Fetched:
    """A string as it is copied: cut, with its NUL, where it has more bytes than `limit`."""
    copied = data[: limit + TERMINATOR - 1] + b"\0"
    return Fetched(((0, len(copied)),), copied)


def unread(errno: int) -> Fetched:
    return Fetched(((0, -errno),), placed=True)


def strings(*elements: bytes | int, end: int = record.ENDED, limit: int = LIMIT) -> Fetched:
    """A list as it is walked; an element that is a number could not be read: its errno."""
    parts = []
    for element in elements:
        copied = b"" if isinstance(element, int) else string(element, limit).payload
        size = -element if isinstance(element, int) else len(copied)
        parts.append(record.ELEMENT.pack(size, 0) + copied)
    payload = b"".join(parts)
    return Fetched(((0, len(payload)), (len(elements), end), (0, 0)), payload)


def blob(data: bytes, *, cut: bool = False) -> Fetched:
    """A list as it lies in a new program's memory."""
    return Fetched(((0, len(data)), (0, record.BLOB_CUT if cut else record.BLOB), (0, 0)), data)


def unread_list(errno: int) -> Fetched:
    return Fetched(((0, -errno),) * 3, placed=True)


def item(at: int, size: int) -> Fetched:
    """An item that says what it is told to say."""
    return Fetched(((at, size),), placed=True)


def call(
    number: int | str,
    args: Sequence[int] = (),
    *fetched: Fetched,
    result: int = 0,
    tid: int = TID,
    tgid: int | None = None,
    start: int = START,
    time: int = TIME,
    flags: int = 0,
    lost: int = 0,
    payload: bytes = b"",
    size: int | None = None,
    bare: bool = False,
) -> bytes:
    """A system call. `payload`: bytes behind those of what was fetched.

    Items of its plan that are not given are skipped ones; or not there at all, if it is `bare`.
    """
    number = NUMBERS[number] if isinstance(number, str) else number
    given = sum(len(each.items) for each in fetched)
    padding = 0 if bare or flags & Flag.COMPAT else max(_items(number) - given, 0)
    items, data = _place((*fetched, *(SKIPPED,) * padding))
    data += payload
    begin = record.payload_offset(len(items))
    size = begin + len(data) if size is None else size
    return b"".join(
        (
            common(Kind.CALL, flags=flags, lost=lost, tid=tid, tgid=tgid, time=time),
            record.CALL.pack(start, result, number, size),
            image(args, compat=bool(flags & Flag.COMPAT)),
            *(record.ITEM.pack(at, size) for at, size in items),
            data,
        )
    )


def image(args: Sequence[int], *, compat: bool = False) -> bytes:
    """The block of registers with these arguments in it."""
    offsets = COMPAT_IMAGE if compat else frame(X86_64).offsets
    registers = I386_REGISTERS if compat else X86_64_REGISTERS
    words = [0] * (IMAGE_SIZE // WORD)
    for register, arg in zip(registers, args, strict=False):
        words[offsets[register] // WORD] = arg & WORDS
    return struct.pack(f"<{len(words)}Q", *words)


def noted(sample: bytes, *, cpu: int = 0, uid: int = 0, cgroup: int = 0) -> bytes:
    """A call's record with where it came from, as `fetch/origin.py` notes it."""
    written = bytearray(sample)
    first, second = frame(X86_64).spare
    struct.pack_into("<II", written, record.IMAGE + first, cpu, uid)
    struct.pack_into("<Q", written, record.IMAGE + second, cgroup)
    return bytes(written)


def fork(
    child: int,
    child_tgid: int | None = None,
    *,
    tid: int = TID,
    lost: int = 0,
    shared: int = 0,
    began: int = 0,
    started: int = 0,
    time: int = TIME,
) -> bytes:
    body = record.FORK.pack(child, child if child_tgid is None else child_tgid, began, started)
    return common(Kind.FORK, tid=tid, lost=lost, flags=shared, time=time) + body


def chosen(comm: bytes, started: int, *, tid: int = TID, time: int = TIME) -> bytes:
    return common(Kind.CHOSEN, tid=tid, time=time) + record.CHOSEN.pack(comm, started)


def taking(number: int, first: int, second: int = 0, *, tid: int = TID, time: int = TIME) -> bytes:
    return common(Kind.TAKING, tid=tid, time=time) + record.TAKING.pack(number, first, second)


def exec(comm: bytes, *, tid: int = TID, former: int | None = None, time: int = TIME) -> bytes:
    body = record.EXEC.pack(tid if former is None else former, comm)
    return common(Kind.EXEC, tid=tid, time=time) + body


def rename(comm: bytes, *, tid: int = TID) -> bytes:
    return common(Kind.RENAME, tid=tid) + comm.ljust(record.COMM_SIZE, b"\0")


def signal(number: int, info: bytes | None = None, *, tid: int = TID, time: int = TIME) -> bytes:
    body = record.SIGNAL.pack(number, info is not None) + (info or b"").ljust(record.SIGINFO_SIZE, b"\0")
    return common(Kind.SIGNAL, tid=tid, time=time) + body


def siginfo(number: int, code: int, union: bytes = b"", *, error: int = 0) -> bytes:
    """struct kernel_siginfo; `union` begins at its si_pid, si_addr or si_band."""
    return (struct.pack("<iii4x", number, error, code) + union).ljust(record.SIGINFO_SIZE, b"\0")


def exit(code: int, *, tid: int = TID, time: int = TIME) -> bytes:
    """`code` as task_struct.exit_code has it: status << 8, or a signal."""
    return common(Kind.EXIT, tid=tid, time=time) + record.EXIT.pack(code, 0)


def file(
    call: str,
    fd: int,
    names: bytes = b"",
    *,
    inode: int = 0,
    magic: int = 0,
    device: int = 0,
    mode: int = 0o100644,
    what: int = 0,
    other: int = -1,
    socket: bytes = bytes(56),
    tid: int = TID,
    time: int = TIME - 1,
) -> bytes:
    """What a descriptor is, as `fetch/opened.py` sends it. `names`: from the file upwards, each with NUL."""
    head = struct.pack("<QQIIIi", inode, magic, device, mode, what, other)
    body = record.FILE.pack(NUMBERS[call], fd) + head + socket + names
    return common(Kind.FILE, tid=tid, time=time) + body


def chunk(
    item: int,
    offset: int,
    data: bytes,
    *,
    size: int | None = None,
    tid: int = TID,
    lost: int = 0,
    start: int = START,
    turn: int = 0,
) -> bytes:
    """More of a buffer. `size`: what it says of itself; a negative errno for what could not be read."""
    head = record.CHUNK_HEAD.pack(item, len(data) if size is None else size, offset, turn)
    return common(Kind.CHUNK, tid=tid, lost=lost, time=start) + head + data


def socket(
    family: int,
    type: int,
    protocol: int = 0,
    *,
    ports: tuple[int, int] = (0, 0),
    local: bytes = b"",
    remote: bytes = b"",
    peer: int = 0,
    netlink: int = 0,
) -> bytes:
    """That part of a record that only sockets have: 56 bytes."""
    far = int.from_bytes(ports[1].to_bytes(2, "big"), "little")
    head = struct.pack("<HHHHH2xI", family, type, protocol, ports[0], far, netlink)
    return head + local.ljust(16, b"\0") + remote.ljust(16, b"\0") + struct.pack("<Q", peer)


def common(
    kind: int, *, flags: int = 0, lost: int = 0, tid: int = TID, tgid: int | None = None, time: int = TIME
) -> bytes:
    return record.COMMON.pack(kind, flags, lost, tid, tid if tgid is None else tgid, time)


def _place(fetched: Iterable[Fetched]) -> tuple[list[tuple[int, int]], bytes]:
    """The items with their places, and the bytes one after the other."""
    fetched = tuple(fetched)
    at = record.payload_offset(sum(len(each.items) for each in fetched))
    items: list[tuple[int, int]] = []
    for each in fetched:
        if each.placed:
            items += each.items
        else:
            items += [(at, each.items[0][1]), *each.items[1:]]
        at += len(each.payload)
    return items, b"".join(each.payload for each in fetched)
