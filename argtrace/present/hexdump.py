"""The bytes a call moved, as `hexdump -C` shows them.

    00000000  7f 45 4c 46 02 01 01 03  00 00 00 00 00 00 00 00  |.ELF............|
    *
    00000040

Lines that repeat the one before are a `*`; the last line is where the data ends.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from argtrace.decode.events import Call
from argtrace.decode.model import Bytes, Changed, Fd, List, Struct, Value

_MOVES = frozenset(
    {
        "read", "pread64", "readv", "preadv", "preadv2", "recvfrom", "recvmsg", "recvmmsg", "mq_timedreceive",
        "write", "pwrite64", "writev", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg", "mq_timedsend",
    }
)  # fmt: skip
# These return a number of messages, the others of bytes.
_MESSAGES = frozenset({"recvmmsg", "sendmmsg"})

# This one returns 0.
_WHOLE = frozenset({"mq_timedsend"})

# Where data is in a structure; msg_name and msg_control have bytes that are none.
_DATA = frozenset({"iov_base", "msg_iov", "msg_hdr"})

_WIDTH = 16


def of_call(call: Call, descriptors: Container[int]) -> list[str]:
    """The lines for what a call read from, or wrote to, one of these descriptors."""
    if call.name not in _MOVES:
        return []
    arguments = list(call.args.values())
    fd = arguments[0] if arguments else None
    moved = call.result.raw
    if (
        not isinstance(fd, Fd)
        or fd.value not in descriptors
        or moved is None
        or moved < (call.name not in _WHOLE)
    ):
        return []
    if call.name in _MESSAGES:
        buffers = [buffer for argument in arguments[1:] for buffer in _buffers(_messages(argument, moved))]
    else:
        buffers = [buffer for argument in arguments[1:] for buffer in _buffers(argument)]
        if call.name not in _WHOLE:
            buffers = list(_first(buffers, moved))
    lines = []
    for number, buffer in enumerate(buffers):
        if len(buffers) > 1:
            lines.append(f"buffer {number + 1} of {len(buffers)}")
        lines += dump(buffer.data)
        if buffer.cut:
            lines[-1] += f"  ... {buffer.length} bytes in all"
    return lines


def _messages(value: Value, count: int) -> Value:
    """Of an array of messages those that were moved."""
    value = value.after if isinstance(value, Changed) else value
    return List(value.raw, value.items[:count]) if isinstance(value, List) else value


def dump(data: bytes) -> list[str]:
    """Lines of 16 bytes: offset, two groups of eight, text."""
    lines = []
    before = None
    for offset in range(0, len(data), _WIDTH):
        part = data[offset : offset + _WIDTH]
        if part == before and len(part) == _WIDTH:
            if lines[-1] != "*":
                lines.append("*")
            continue
        before = part
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{offset:08x}  {part[:8].hex(' '):<23}  {part[8:].hex(' '):<23}  |{text}|")
    return [*lines, f"{len(data):08x}"]


def _buffers(value: Value) -> Iterator[Bytes]:
    match value:
        case Bytes():
            yield value
        case List(items=items):
            for item in items:
                yield from _buffers(item)
        case Struct(members=members):
            for name, member in members:
                if name in _DATA:
                    yield from _buffers(member)
        case Changed(after=after):
            yield from _buffers(after)


def _first(buffers: list[Bytes], size: int) -> Iterator[Bytes]:
    """The first `size` bytes: a call may move less than it was asked for."""
    for buffer in buffers:
        if size <= 0:
            return
        yield Bytes(buffer.raw, buffer.data[:size], min(buffer.length, size))
        size -= buffer.length
