"""What is read from descriptors that are no files: queues of events, and counters.

    inotify     wd mask cookie len │ name, filled up with NULs to len           one after the other
    fanotify    event_len … mask fd pid │ pieces of information, each with its own length
                written: fd response │ if that says so, pieces of information
    signalfd    signalfd_siginfo, one after the other
    eventfd     a count of 8 bytes
    timerfd     how often it expired: 8 bytes

Source: include/uapi/linux/inotify.h, fanotify.h, signalfd.h; eventfd(2), timerfd_create(2).
"""

from __future__ import annotations

from argtrace.decode.decoders import Memory, Scope, decodes, streams
from argtrace.decode.entries import entries, number
from argtrace.decode.handles import file_handle
from argtrace.decode.model import List, Missing, Struct, Value
from argtrace.decode.strings import text
from argtrace.signature.meaning import ERRNO, FD, HEX, PID, SIGNAL, UID, Array, Cell, enum, flags, struct

INOTIFY = struct("inotify_event", only_=("wd", "mask", "cookie", "len"), mask=flags("inotify"))
INOTIFY_HEADER = 16


@streams(b"anon_inode:inotify")
@decodes("inotify_events")
def inotify_events(memory: Memory, scope: Scope) -> Value:
    def entry(data: bytes, address: int) -> Value:
        event = scope.content(INOTIFY, data[:INOTIFY_HEADER], address)
        if isinstance(event, Struct) and len(data) > INOTIFY_HEADER:
            return _with(event, "name", text(address + INOTIFY_HEADER, data[INOTIFY_HEADER:]))
        return event

    return entries(memory, INOTIFY_HEADER, lambda data, at: INOTIFY_HEADER + number(data, at + 12, 4), entry)


FANOTIFY = struct(
    "fanotify_event_metadata",
    mask=flags("fanotify"),
    fd=enum("fanotify_fd"),
    pid=PID,
)
FANOTIFY_HEADER = 24
INFO_HEADER = 4
FID_HEADER = INFO_HEADER + 8  # with the file system's id

# Of each kind of information: its layout, for those that are no more than that.
HDR = struct("fanotify_event_info_header", info_type=enum("fanotify_info"))
INFOS = {
    4: struct("fanotify_event_info_pidfd", hdr=HDR, pidfd=FD),
    5: struct("fanotify_event_info_error", hdr=HDR, error=ERRNO),
    6: struct("fanotify_event_info_range", hdr=HDR),
    7: struct("fanotify_event_info_mnt", hdr=HDR, mnt_id=HEX),
}
FID = struct(
    "fanotify_event_info_fid",
    only_=("hdr", "fsid"),
    hdr=HDR,
    fsid=struct("__kernel_fsid_t", val=Array(Cell("u32", HEX), 2)),
)
FIDS = frozenset({1, 2, 3, 10, 12})
NAMED = frozenset({2, 10, 12})  # a directory's handle, and the name of an entry in it

RESPONSE = struct("fanotify_response", fd=FD, response=flags("fanotify_response"))
RESPONSE_SIZE = 8
FAN_INFO = 0x20
RESPONSE_HDR = struct("fanotify_response_info_header", type=enum("fanotify_response_info"))
AUDIT_RULE = struct("fanotify_response_info_audit_rule", hdr=RESPONSE_HDR)


@streams(b"anon_inode:[fanotify]")
@decodes("fanotify_events")
def fanotify_events(memory: Memory, scope: Scope) -> Value:
    if scope.result is None:  # the program writes
        return _responses(memory, scope)

    def entry(data: bytes, address: int) -> Value:
        event = scope.content(FANOTIFY, data[:FANOTIFY_HEADER], address)
        first = max(number(data, 6, 2), FANOTIFY_HEADER)
        if not isinstance(event, Struct) or len(data) <= first:
            return event
        rest = Memory(address + first, data[first:], len(data) - first)
        infos = entries(rest, INFO_HEADER, lambda data, at: number(data, at + 2, 2), info)
        return _with(event, "info", infos)

    def info(data: bytes, address: int) -> Value:
        kind = data[0]
        if kind in INFOS:
            return scope.content(INFOS[kind], data, address)
        if kind not in FIDS:
            return scope.content(HDR, data, address)
        piece = scope.content(FID, data, address)
        if not isinstance(piece, Struct) or piece.end is not None:
            return piece
        rest = data[FID_HEADER:]
        handle = file_handle(Memory(address + FID_HEADER, rest, len(rest)), scope)
        piece = _with(piece, "handle", handle)
        if kind in NAMED and not isinstance(handle, Missing):
            at = 8 + min(number(rest, 0, 4), 128)
            piece = _with(piece, "name", text(address + FID_HEADER + at, rest[at:]))
        return piece

    return entries(memory, FANOTIFY_HEADER, lambda data, at: number(data, at, 4), entry)


def _responses(memory: Memory, scope: Scope) -> Value:
    """One, with information behind it where it says so; else several count as one each."""

    def info(data: bytes, address: int) -> Value:
        return scope.content(AUDIT_RULE if data[0] == 1 else RESPONSE_HDR, data, address)

    if not number(memory.data, 4, 4) & FAN_INFO:
        return scope.content(Array(RESPONSE, memory.size // RESPONSE_SIZE), memory.data, memory.address)
    data, at = memory.data[RESPONSE_SIZE:], memory.address + RESPONSE_SIZE
    response = scope.content(RESPONSE, memory.data[:RESPONSE_SIZE], memory.address)
    rest = Memory(at, data, memory.size - RESPONSE_SIZE)
    infos = entries(rest, INFO_HEADER, lambda data, at: number(data, at + 2, 2), info)
    return List(memory.address, (response, *infos.items), infos.end)


SIGNALFD = struct(
    "signalfd_siginfo", ssi_signo=SIGNAL, ssi_errno=ERRNO, ssi_pid=PID, ssi_uid=UID, ssi_ptr=HEX
)
SIGNALFD_SIZE = 128


@streams(b"anon_inode:[signalfd]")
@decodes("signalfd_info")
def signalfd_info(memory: Memory, scope: Scope) -> Value:
    return scope.content(Array(SIGNALFD, memory.size // SIGNALFD_SIZE), memory.data, memory.address)


@streams(b"anon_inode:[eventfd]", b"anon_inode:[timerfd]")
@decodes("eventfd", "timerfd")
def count(memory: Memory, scope: Scope) -> Value:
    number = scope.content(Cell("u64"), memory.data, memory.address)
    return number if isinstance(number, Missing) else List(memory.address, (number,))


def _with(value: Struct, name: str, member: Value) -> Struct:
    return Struct(value.raw, value.name, (*value.members, (name, member)), value.ns, value.end)
