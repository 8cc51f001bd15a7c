"""Names in a stream: descriptors, paths and ids, from records to events."""

from __future__ import annotations

from collections.abc import Mapping
from errno import EBADF, ENOENT

import pytest

from argtrace.decode.descriptors import Descriptors
from argtrace.decode.events import Call, Event, Lost
from argtrace.decode.model import Bytes, Fd, File, Int, List, Pid, Text, Value
from argtrace.decode.naming import DEVICES, FILES, PATHS
from argtrace.decode.open_files import Found
from argtrace.decode.stream import Naming, Stream
from argtrace.fetch import record
from argtrace.fetch.filters import Filters
from argtrace.fetch.record import Flag, Shared
from argtrace.signature.syscalls import NUMBERS
from tests.support import decoding
from tests.support import record_writer as write

AT_FDCWD = -100
TIME = write.TIME
EVENT = (7).to_bytes(8, "little")


class Proc:
    """A shell with one descriptor, in /home."""

    def now(self) -> int:
        return 0

    def descriptors(self, tid: int) -> Mapping[int, Found]:
        return {0: Found(b"/dev/null", "char 1:3", close_on_exec=False)} if tid == write.TID else {}

    def descriptor(self, tid: int, fd: int) -> Found | None:
        return self.descriptors(tid).get(fd)

    def directories(self, tid: int) -> tuple[bytes, bytes] | None:
        return (b"/home", b"/") if tid == write.TID else None


def stream(
    *hidden: str,
    filters: Filters | None = None,
    pids: bool = False,
    wanted: frozenset[str] = FILES,
    dumped: tuple[int, ...] = (),
) -> Stream:
    descriptors = Descriptors(Proc(), wanted)
    descriptors.start(write.TID, write.TID)
    indexes = frozenset(NUMBERS[name] for name in hidden)
    return decoding.stream(naming=Naming(descriptors, indexes, filters or Filters(), pids, dumped))


class Clock:
    """Calls one after the other."""

    def __init__(self) -> None:
        self.now = TIME

    def call(
        self,
        name: str,
        *args: int | write.Fetched,
        result: int = 0,
        tid: int = write.TID,
        tgid: int | None = None,
        lost: int = 0,
        payload: bytes = b"",
    ) -> bytes:
        self.now += 100_000_000
        return write.call(
            name,
            [arg for arg in args if isinstance(arg, int)],
            *(arg for arg in args if not isinstance(arg, int)),
            result=result,
            tid=tid,
            tgid=tgid,
            lost=lost,
            payload=payload,
            start=self.now - 10,
            time=self.now,
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


def calls(events: list[Event]) -> list[Call]:
    return [event for event in events if isinstance(event, Call)]


def arg(call: Call, at: int) -> Value:
    return tuple(call.args.values())[at]


def opening(clock: Clock, path: bytes, fd: int) -> bytes:
    return clock.call("openat", AT_FDCWD, 0x7000, 0, 0, write.string(path), result=fd)


def test_a_descriptor_has_its_name_from_its_open_to_its_close(clock: Clock) -> None:
    opened, used, closed, after = calls(
        decoding.feed(
            opening(clock, b"x", 3),
            clock.call("lseek", 3, 0, 0),
            clock.call("close", 3),
            clock.call("lseek", 3, 0, 0, result=-EBADF),
            to=stream(),
        )
    )
    file = File(b"/home/x")

    assert opened.result.value == Fd(3, 3, file)
    assert arg(opened, 1) == Text(0x7000, b"x", absolute=b"/home/x")
    assert arg(used, 0) == arg(closed, 0) == Fd(3, 3, file)
    assert arg(after, 0) == Fd(3, 3)


def test_what_the_kernel_saw_belongs_to_the_call_after_it(clock: Clock) -> None:
    sample = opening(clock, b"x", 3)
    seen = write.file("openat", 3, b"y\0", time=clock.now - 1)
    late = write.file("openat", 4, b"z\0", time=clock.now + 1)
    first, second = calls(decoding.feed(seen, sample, late, opening(clock, b"x", 4), to=stream()))

    assert first.result.value == Fd(3, 3, File(b"/y"))
    assert second.result.value == Fd(4, 4, File(b"/home/x")), "that was another call's"


@pytest.mark.parametrize("dumped", [(), (4,), (5,)])
def test_data_that_is_dumped_is_not_decoded(clock: Clock, dumped: tuple[int, ...]) -> None:
    samples = (
        clock.call("eventfd2", 0, 0, result=5),
        clock.call("write", 5, 0x7000, 8, write.item(record.payload_offset(1), 8), result=8, payload=EVENT),
    )
    _, call = calls(decoding.feed(*samples, to=stream(dumped=dumped)))

    fd, data = arg(call, 0), arg(call, 1)
    assert isinstance(fd, Fd)
    assert fd.file is not None
    assert fd.file.path == b"anon_inode:[eventfd]"
    assert data == (Bytes(0x7000, EVENT, 8) if dumped == (5,) else List(0x7000, (Int(7, 7),)))


def test_descriptors_in_memory_have_names_too(clock: Clock) -> None:
    sample = clock.call(
        "pipe2", 0x7000, 0, write.item(record.payload_offset(1), 8), payload=b"\3\0\0\0\4\0\0\0"
    )
    (pipe,) = calls(decoding.feed(sample, to=stream()))
    ends = arg(pipe, 0)

    assert isinstance(ends, List)
    assert [item.file for item in ends.items if isinstance(item, Fd)] == [File(b"pipe")] * 2


def test_a_child_and_a_thread(clock: Clock) -> None:
    def seek(tid: int, tgid: int) -> bytes:
        return clock.call("lseek", 0, 0, 0, tid=tid, tgid=tgid)

    began = clock.now
    shared = Shared.FILES | Shared.FS
    events = decoding.feed(
        write.fork(7, began=began, time=began + 1),
        write.fork(8, write.TID, shared=shared, began=began, time=began + 1),
        clock.call("close", 0, tid=8, tgid=write.TID),
        seek(7, 7),
        seek(write.TID, write.TID),
        to=stream(),
    )
    _, child, parent = calls(events)

    assert arg(child, 0) == Fd(0, 0, File(b"/dev/null", "char 1:3"))
    assert arg(parent, 0) == Fd(0, 0)


def test_an_exec_closes(clock: Clock) -> None:
    opened = clock.call("openat", AT_FDCWD, 0x7000, 0o2000000, 0, write.string(b"x"), result=3)
    exec = write.exec(b"ls", time=clock.now + 1)
    _, after = calls(decoding.feed(opened, exec, clock.call("lseek", 3, 0, 0), to=stream())[::2])

    assert arg(after, 0) == Fd(3, 3)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (frozenset({PATHS}), File(b"/dev/null")),
        (frozenset({DEVICES}), File(b"/dev/null", "char 1:3")),
        (frozenset({"socket"}), None),
    ],
)
def test_no_more_is_told_than_is_wanted(clock: Clock, wanted: frozenset[str], expected: File | None) -> None:
    (seek,) = calls(decoding.feed(clock.call("lseek", 0, 0, 0), to=stream(wanted=wanted)))

    assert arg(seek, 0) == Fd(0, 0, expected)


def test_a_hidden_call_is_applied_and_not_shown(clock: Clock) -> None:
    events = decoding.feed(
        opening(clock, b"x", 3), clock.call("lseek", 3, 0, 0), to=stream("openat", "close")
    )

    assert [call.name for call in calls(events)] == ["lseek"]
    assert arg(calls(events)[0], 0) == Fd(3, 3, File(b"/home/x"))


FILTERS = [
    pytest.param(Filters(failed=True), ["lseek"], id="failed"),
    pytest.param(Filters(failed=False), ["openat", "dup"], id="not failed"),
    pytest.param(Filters(errnos=(EBADF,)), ["lseek"], id="an error"),
    pytest.param(Filters(errnos=(ENOENT,)), [], id="another"),
    pytest.param(Filters(duration=10), ["openat", "lseek", "dup", "pause"], id="long"),
    pytest.param(Filters(duration=11), ["pause"], id="longer"),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_filters_are_applied_here(clock: Clock, filters: Filters, expected: list[str]) -> None:
    events = decoding.feed(
        opening(clock, b"x", 3),
        clock.call("lseek", 9, 0, 0, result=-EBADF),
        clock.call("dup", 3, result=4),
        write.call("exit_group", [0], flags=Flag.NO_RESULT, start=TIME, time=TIME),
        write.call("pause", flags=Flag.NO_RESULT, start=TIME, time=TIME + 11),
        to=stream(filters=filters),
    )

    assert [call.name for call in calls(events)] == expected


def test_after_a_loss_nothing_is_known(clock: Clock) -> None:
    lost, seek = decoding.feed(clock.call("lseek", 0, 0, 0, lost=1), to=stream())

    assert isinstance(lost, Lost)
    assert isinstance(seek, Call)
    assert arg(seek, 0) == Fd(0, 0)


def test_the_names_of_processes(clock: Clock) -> None:
    following = stream(pids=True)
    following.name(write.TID, b"sh")
    events = decoding.feed(
        write.fork(7),
        clock.call("kill", 7, 15),
        clock.call("kill", 99, 15),
        write.exec(b"ls", tid=7),
        write.exit(0, tid=7),
        clock.call("kill", 7, 0),
        clock.call("setpgid", 0, 7),
        to=following,
    )

    assert [arg(call, 0) for call in calls(events)[:3]] == [Pid(7, 7, "sh"), Pid(99, 99), Pid(7, 7, "ls")]


def test_without_being_asked_nothing_has_a_name(clock: Clock) -> None:
    opened, killed = calls(decoding.feed(opening(clock, b"x", 3), clock.call("kill", write.TID, 15)))

    assert opened.result.value == Fd(3, 3)
    assert arg(opened, 1) == Text(0x7000, b"x")
    assert arg(killed, 0) == Pid(write.TID, write.TID)
