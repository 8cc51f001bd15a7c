"""Records of tasks read back as what was put in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.stream import TICK
from argtrace.fetch import record
from argtrace.fetch.record import Flag, Kind
from argtrace.location import frames
from argtrace.location.frames import COMPAT_IMAGE
from argtrace.ptrace import records
from argtrace.target import X86_64
from argtrace.transport import records as transport
from argtrace.transport.records import CallRecord, TaskRecord

WORDS = st.tuples(*[st.integers(0, (1 << 64) - 1)] * 6)


def read(sample: bytes) -> TaskRecord:
    found = transport.parse(sample)
    assert isinstance(found, TaskRecord)
    assert (found.tid, found.tgid, found.time, found.lost) == (11, 10, 99, 0)
    return found


def test_each_kind() -> None:
    fork = read(records.fork(11, 10, 99, 12, 12, 98, 7, 3))
    assert (fork.kind, fork.flags, record.FORK.unpack(fork.body)) == (Kind.FORK, 3, (12, 12, 98, 7 * TICK))
    exec = read(records.exec(11, 10, 99, 13, b"a program"))
    assert (exec.kind, record.EXEC.unpack(exec.body)) == (Kind.EXEC, (13, b"a program".ljust(16, b"\0")))
    rename = read(records.rename(11, 10, 99, b"name"))
    assert (rename.kind, rename.body) == (Kind.RENAME, b"name".ljust(16, b"\0"))
    end = read(records.exit(11, 10, 99, 0x8B))
    assert (end.kind, record.EXIT.unpack(end.body)) == (Kind.EXIT, (0x8B, 0))


def test_a_signal_with_and_without_what_is_known_of_it() -> None:
    told = read(records.signal(11, 10, 99, 15, bytes(range(128))))
    assert record.SIGNAL.unpack_from(told.body) == (15, 1)
    assert told.body[record.SIGNAL.size :] == bytes(range(record.SIGINFO_SIZE))
    untold = read(records.signal(11, 10, 99, 9, None))
    assert record.SIGNAL.unpack_from(untold.body) == (9, 0)


@given(WORDS, st.integers(0, (1 << 64) - 1))
def test_a_call_has_its_words_where_programs_put_them(args: tuple[int, ...], ip: int) -> None:
    frame = frames.frame(X86_64)
    image = records.image(frame, args, ip)
    raw = bytearray(records.call(0, 11, 10, 5, 257, image))
    raw[record.SIZE : record.SIZE + 4] = len(raw).to_bytes(4, "little")
    assert records.arguments(frame, raw) == args
    records.returned(raw, 9, -2)
    found = transport.parse(bytes(raw))
    assert isinstance(found, CallRecord)
    assert (found.start, found.time, found.result, found.number, found.flags) == (5, 9, -2, 257, 0)
    assert found.image[frame.offsets["rdi"] // 8] == args[0]


def test_one_that_does_not_come_back() -> None:
    image = records.compat_image(frames.frame(X86_64), (1, 2, 3, 4, 5, 6))
    raw = bytearray(records.call(Flag.COMPAT, 11, 10, 5, 1, image))
    records.not_returned(raw, 7)
    raw[record.SIZE : record.SIZE + 4] = len(raw).to_bytes(4, "little")
    found = transport.parse(bytes(raw))
    assert isinstance(found, CallRecord)
    assert (found.flags, found.time) == (Flag.COMPAT | Flag.NO_RESULT, 7)
    assert [found.image[at // 8] for at in COMPAT_IMAGE.values()] == [1, 2, 3, 4, 5, 6]
