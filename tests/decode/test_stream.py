"""What the stream remembers from one record to the next: names, losses, a launch."""

from __future__ import annotations

import pickle
from errno import EFAULT
from typing import Any

import pytest

from argtrace.decode.events import Call, Event, Exec, Exit, Lost, Note, Process, Signal
from argtrace.decode.model import Bytes, Int, Named, Result, Text, Value
from argtrace.decode.process import Ending
from argtrace.decode.stream import Stream
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Flag
from argtrace.transport import records
from argtrace.transport.records import CallRecord
from tests.support import decoding
from tests.support import record_writer as write

GETPID, EXIT_GROUP, PAUSE = "getpid", "exit_group", "pause"


def feed(*samples: bytes, to: Stream | None = None) -> list[Event]:
    return decoding.feed(*samples, to=to)


def who(events: list[Event]) -> list[tuple[int, str]]:
    return [(event.process.tid, event.process.comm) for event in events if not isinstance(event, Lost | Note)]


def named(comm: bytes, tid: int = write.TID) -> Stream:
    stream = decoding.stream()
    stream.name(tid, comm)
    return stream


NO_LISTS = [write.unread_list(EFAULT)] * 2
NAMES = [
    pytest.param([write.call(GETPID)], [(100, "sh")], id="a thread that was there before has its name"),
    pytest.param([write.call(GETPID, tid=7)], [(7, "")], id="one that nobody told of has none"),
    pytest.param(
        [write.fork(7), write.call(GETPID, tid=7)], [(7, "sh")], id="a child has the name of its parent"
    ),
    pytest.param(
        [write.fork(7, 100), write.call(GETPID, tid=7, tgid=100)], [(7, "sh")], id="so has a new thread"
    ),
    pytest.param(
        [write.fork(7), write.rename(b"worker"), write.call(GETPID), write.call(GETPID, tid=7)],
        [(100, "worker"), (7, "sh")],
        id="a new name is that of one thread",
    ),
    pytest.param(
        [write.rename(b"sixteen bytes lo"), write.call(GETPID)],
        [(100, "sixteen bytes lo")],
        id="a name may fill its sixteen bytes",
    ),
    pytest.param(
        [write.rename(b"new\0old old old"), write.call(GETPID)], [(100, "new")], id="a name ends at its NUL"
    ),
    pytest.param(
        [write.rename(b"\xff\xfe"), write.call(GETPID)], [(100, "\udcff\udcfe")], id="a name may be no UTF-8"
    ),
    pytest.param(
        [write.exec(b"ls"), write.call("execve", [0] * 3, write.unread(EFAULT), *NO_LISTS)],
        [(100, "ls"), (100, "ls")],
        id="an exec gives a new name, before the call itself is seen to return",
    ),
    pytest.param(
        [write.exit(0), write.call(GETPID)],
        [(100, "sh"), (100, "")],
        id="an exit has the name, and what has its id after it has not",
    ),
    pytest.param(
        [write.fork(7, 100), write.exec(b"ls", former=7), write.call(GETPID), write.call(GETPID, tid=7)],
        [(100, "ls"), (100, "ls"), (7, "ls")],
        id="a thread's exec makes it the process; the call comes under its former id",
    ),
    pytest.param(
        [write.fork(7), write.fork(8, tid=7), write.exit(0), write.call(GETPID, tid=8)],
        [(100, "sh"), (8, "sh")],
        id="a grandchild keeps the name when those before it are gone",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("samples", "expected"), NAMES)
def test_names(samples: list[bytes], expected: list[tuple[int, str]]) -> None:
    assert who(feed(*samples, to=named(b"sh"))) == expected


def exec_call(result: int, tid: int = write.TID) -> bytes:
    lists = write.strings(b"ls"), write.strings()
    return write.call("execve", [1, 2, 3], write.string(b"/bin/ls"), *lists, result=result, tid=tid)


def shown(events: list[Event]) -> list[str]:
    return [event.name if isinstance(event, Call | Signal) else type(event).__name__ for event in events]


def test_a_launch_shows_nothing_but_the_exec_until_it_succeeds() -> None:
    stream = named(b"python3")
    stream.launch(write.TID)

    hidden = feed(write.call("read", [3]), exec_call(-2), write.call("close", [3]), to=stream)
    begun = feed(write.exec(b"ls"), exec_call(0), write.call("brk"), to=stream)

    assert shown(hidden) == ["execve"]
    assert shown(begun) == ["Exec", "execve", "brk"]


def test_a_launch_hides_no_other_thread() -> None:
    stream = decoding.stream()
    stream.launch(write.TID)

    assert shown(feed(write.call(GETPID, tid=7), to=stream)) == ["getpid"]


def test_a_launch_that_fails_shows_how_it_ended() -> None:
    stream = decoding.stream()
    stream.launch(write.TID)

    events = feed(exec_call(-2), write.call(EXIT_GROUP, [127]), write.exit(127 << 8), to=stream)

    assert shown(events) == ["execve", "Exit"]


def test_what_tasks_do_are_events() -> None:
    process = Process(100, 100, "sh")
    info = write.siginfo(15, 0, b"\7\0\0\0\1\0\0\0")

    events = feed(
        write.exec(b"sh", former=7, time=1), write.signal(15, info, time=2), write.signal(9, time=3),
        write.signal(99, time=4), write.exit(9, time=5), write.rename(b"x"), write.fork(8),
    )  # fmt: skip

    assert events == [
        Exec(process, 1, 7),
        Signal(
            process, 2, "SIGTERM", 15,
            {"si_signo": Named(15, 15, "SIGTERM"), "si_code": Named(0, 0, "SI_USER"),
             "si_pid": Int(7, 7), "si_uid": Int(1, 1)},
        ),
        Signal(process, 3, "SIGKILL", 9, {}),
        Signal(process, 4, "99", 99, {}),
        Exit(process, 5, Ending(None, "SIGKILL")),
    ]  # fmt: skip


LOSSES = [
    pytest.param(0, [0, 0, 0], [], id="none"),
    pytest.param(0, [2, 2], [2], id="some before the first record"),
    pytest.param(0, [0, 3, 3, 4], [3, 1], id="each loss once, where it was noticed"),
    pytest.param(0, [5, 4, 5, 6], [5, 1], id="a record that overtook another takes nothing back"),
    pytest.param((1 << 32) - 2, [0xFFFF_FFFE, 3, 3, 4], [5, 1], id="the count in a record wraps"),
    pytest.param((1 << 32) + 1, [1, 0xFFFF_FFFF, 2], [1], id="so it does for one that was overtaken"),
]


@pytest.mark.parametrize(("before", "counts", "expected"), LOSSES)
def test_lost_records_are_noticed(before: int, counts: list[int], expected: list[int]) -> None:
    stream = decoding.stream()
    list(stream.note_lost(before, 0))
    events = feed(*(write.call(GETPID, lost=lost) for lost in counts), to=stream)

    assert [event.count for event in events if isinstance(event, Lost)] == expected
    assert stream.lost == before + sum(expected)


def test_a_loss_is_shown_before_the_record_that_tells_of_it() -> None:
    lost, call = feed(write.fork(8), write.call(GETPID, lost=3, time=9))

    assert lost == Lost(9, 3)
    assert isinstance(call, Call)


def test_a_task_record_tells_of_losses_too() -> None:
    assert feed(write.fork(8, lost=1)) == [Lost(write.TIME, 1)]


def test_the_final_count_says_what_no_record_said() -> None:
    stream = decoding.stream()
    feed(write.call(GETPID, lost=2), to=stream)

    assert list(stream.note_lost(5, 77)) == [Lost(77, 3)]
    assert list(stream.note_lost(5, 78)) == []


def call(sample: bytes) -> Call:
    (event,) = feed(sample)
    assert isinstance(event, Call)
    return event


TIMES = [
    pytest.param({}, (write.START, write.TIME, 2000, write.START), id="a call took a while"),
    pytest.param(
        {"start": 0, "flags": Flag.LATE}, (None, write.TIME, None, write.TIME), id="one seen only at its end"
    ),
    pytest.param(
        {"flags": Flag.NO_RESULT}, (write.START, None, None, write.START), id="one that did not return"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("how", "expected"), TIMES)
def test_times(how: dict[str, Any], expected: tuple[int | None, ...]) -> None:
    got = call(write.call(PAUSE, **how))

    assert (got.start, got.end, got.duration, got.time) == expected


def test_a_call_that_never_returns_is_not_unfinished() -> None:
    got = call(write.call(EXIT_GROUP, [3], flags=Flag.NO_RESULT))

    assert (got.result, got.unfinished) == (Result(None), False)


def test_a_call_that_its_thread_died_in_is_unfinished() -> None:
    got = call(write.call(PAUSE, flags=Flag.NO_RESULT))

    assert (got.result, got.unfinished) == (Result(None), True)


def test_a_call_that_still_ran_when_the_trace_ended_is_unfinished() -> None:
    # Its slot still has what an earlier call left there: time and result.
    parsed = records.parse(write.call(PAUSE, result=-4, start=5, time=3))
    assert isinstance(parsed, CallRecord)
    (got,) = decoding.stream().unfinished(parsed)

    assert isinstance(got, Call)
    assert (got.result, got.unfinished, got.start, got.end) == (Result(None), True, 5, None)


def test_a_launcher_that_still_waits_when_the_trace_ends_is_not_shown() -> None:
    stream = decoding.stream()
    stream.launch(write.TID)
    parsed = records.parse(write.call("read", [3]))
    assert isinstance(parsed, CallRecord)

    assert list(stream.unfinished(parsed)) == []


@pytest.mark.parametrize(
    ("number", "flags", "expected"),
    [
        pytest.param(5, 0, ("fstat", None, True), id="a call of x86-64"),
        pytest.param(5, Flag.COMPAT, ("open", "i386", False), id="the same number in 32 bits is another"),
        pytest.param(0xBAD, 0, ("syscall_0xbad", None, False), id="a number that no table has"),
        pytest.param(511, 0, ("syscall_0x1ff", None, False), id="the last that the tables have room for"),
        pytest.param(512, 0, ("syscall_0x200", None, False), id="the first that they have not"),
        pytest.param(517, 0, ("syscall_0x205", None, False), id="is no 32-bit call, though indexes follow"),
        pytest.param(0xFFFF_FFFF, 0, ("syscall_0xffffffff", None, False), id="syscall(-1)"),
        pytest.param(0xBAD, Flag.COMPAT, ("syscall_0xbad", "i386", False), id="an unknown one in 32 bits"),
    ],
)
def test_which_call_a_number_is(number: int, flags: int, expected: tuple[str, str | None, bool]) -> None:
    fetched = [write.unread(EFAULT)] * (number == 2)
    got = call(write.call(number, [1] * 6, *fetched, flags=flags))

    assert (got.name, got.abi, got.decoded) == expected
    assert got.number == number


def test_the_result_of_mmap_is_an_address() -> None:
    assert "Address" in repr(call(write.call("mmap", result=0x7000)).result)


# A buffer that is wanted whole comes in pieces, before its call.

WRITE = write.call("write", [1, 0x7000, 10], write.string(b"abc"), result=10)
PIECES = [write.chunk(0, 4, b"def"), write.chunk(0, 7, b"ghi")]


def written(samples: list[bytes]) -> list[Value]:
    calls = [event for event in feed(*samples) if isinstance(event, Call)]
    return [call.args["buf"] for call in calls if call.name == "write"]


@pytest.mark.parametrize(
    ("samples", "data"),
    [
        pytest.param([WRITE], b"abc\0", id="what is in its record"),
        pytest.param([*PIECES, WRITE], b"abc\0defghi", id="and what came before it"),
        pytest.param([*reversed(PIECES), WRITE], b"abc\0def", id="as far as none is missing"),
        pytest.param(
            [write.chunk(0, 4, b"", size=-EFAULT), WRITE], b"abc\0", id="as far as it could be read"
        ),
        pytest.param([write.chunk(0, 4, b"def", tid=7), WRITE], b"abc\0", id="of the same thread"),
        pytest.param([write.chunk(0, 4, b"def", start=7), WRITE], b"abc\0", id="of the same call"),
        pytest.param(
            [write.chunk(0, 4, b"old", start=7), PIECES[0], WRITE], b"abc\0def", id="not of one before"
        ),
    ],
)
def test_pieces_of_a_buffer(samples: list[bytes], data: bytes) -> None:
    assert written(samples) == [Bytes(0x7000, data, 10)]


def test_each_call_has_its_own_pieces() -> None:
    again = write.call("write", [1, 0x7000, 10], write.string(b"xyz"), result=10, start=5)
    samples = [*PIECES, WRITE, write.chunk(0, 4, b"uvw", start=5), again]

    assert written(samples) == [Bytes(0x7000, b"abc\0defghi", 10), Bytes(0x7000, b"xyz\0uvw", 10)]


def test_pieces_of_a_call_that_was_lost_are_nobodys() -> None:
    samples = [*PIECES, write.call(GETPID, start=5), WRITE]

    assert written(samples) == [Bytes(0x7000, b"abc\0", 10)]


def test_pieces_of_calls_that_nobody_wanted_are_not_kept() -> None:
    stream = decoding.stream()
    for start in range(100):
        feed(write.chunk(0, 4, b"def", start=start), to=stream)
    assert len(stream._chunks[write.TID]) == 1

    feed(write.exit(0), to=stream)
    assert stream._chunks == {}


def test_a_call_that_still_runs_has_its_pieces_too() -> None:
    stream = decoding.stream()
    feed(*PIECES, to=stream)
    call = records.parse(WRITE)
    assert isinstance(call, CallRecord)
    (event,) = stream.unfinished(call)

    assert isinstance(event, Call)
    assert event.args["buf"] == Bytes(0x7000, b"abc\0defghi", 10)


def test_arguments_are_decoded_when_they_are_looked_at() -> None:
    sample = write.call("openat", [-100, 0x7000, 0], write.string(b"/etc/hosts"), result=3)
    eager, lazy = decoding.stream(), decoding.stream()
    lazy.lazy = True

    (expected,) = decoding.feed(sample, to=eager)
    (event,) = decoding.feed(sample, to=lazy)

    assert isinstance(event, Call)
    assert event == expected
    assert pickle.loads(pickle.dumps(event)) == expected
    assert list(event.args) == ["dfd", "filename", "flags", "mode"]
    assert event.args["filename"] == Text(0x7000, b"/etc/hosts")
    assert repr(event) == repr(expected)


def test_a_record_that_contradicts_itself_says_so_when_it_is_looked_at() -> None:
    lazy = decoding.stream()
    lazy.lazy = True
    (event,) = decoding.feed(write.call("openat", [-100, 0x7000], write.item(5000, 9), result=3), to=lazy)

    assert isinstance(event, Call)
    assert event.result.raw == 3
    with pytest.raises(FormatError):
        event.args["filename"]


TICK = 10_000_000
"""ns of a clock tick, of which /proc has a hundred a second."""


def began(events: list[Event]) -> list[int | None]:
    return [event.process.started for event in events if not isinstance(event, Lost | Note)]


def test_a_process_is_known_by_when_it_began() -> None:
    """Its threads by that of the process; who was there before by what /proc said."""
    stream = decoding.stream()
    stream.started(write.TID, 5)
    events = feed(
        write.call(GETPID),
        write.call(GETPID, tid=101, tgid=write.TID),
        write.fork(7, started=8 * TICK + 9),
        write.fork(8, 7, tid=7, started=99 * TICK),
        write.call(GETPID, tid=7),
        write.call(GETPID, tid=8, tgid=7),
        write.call(GETPID, tid=9),
        to=stream,
    )

    assert began(events) == [5, 5, 8, 8, None]


def test_one_who_is_chosen_is_another_than_whoever_had_its_id() -> None:
    events = feed(
        write.fork(7, started=3 * TICK),
        write.call(GETPID, tid=7),
        write.exit(0, tid=7),
        write.chosen(b"new", 4 * TICK, tid=7),
        write.call(GETPID, tid=7),
        to=named(b"sh"),
    )

    assert who(events) == [(7, "sh"), (7, "sh"), (7, "new")]
    assert began(events) == [3, 3, 4]


def test_a_process_whose_first_thread_has_ended_began_when_it_did() -> None:
    events = feed(
        write.fork(7, started=3 * TICK),
        write.fork(8, 7, tid=7, started=9 * TICK),
        write.exit(0, tid=7),
        write.call(GETPID, tid=8, tgid=7),
    )

    assert began(events)[-1] == 3


def hidden(sample: bytes) -> bytes:
    """The same while nothing was to be shown."""
    flags = int.from_bytes(sample[record.FLAGS : record.FLAGS + 2], "little") | record.HIDDEN
    return sample[: record.FLAGS] + flags.to_bytes(2, "little") + sample[record.FLAGS + 2 :]


def test_what_happens_while_nothing_is_shown_is_kept_in_mind() -> None:
    events = feed(
        hidden(write.fork(7, started=3 * TICK)),
        hidden(write.rename(b"worker", tid=7)),
        hidden(write.signal(15, tid=7)),
        write.call(GETPID, tid=7),
        hidden(write.exec(b"ls", tid=7)),
        write.call(GETPID, tid=7),
        hidden(write.exit(0, tid=7)),
        write.call(GETPID, tid=7),
        to=named(b"sh"),
    )

    assert [type(event) for event in events] == [Call, Call, Call]
    assert who(events) == [(7, "worker"), (7, "ls"), (7, "")]


@pytest.mark.parametrize(
    "sample",
    [write.signal(15), write.exec(b"ls"), write.exit(0)],
    ids=["a signal", "an exec", "an end"],
)
def test_the_same_is_an_event_while_it_is_shown(sample: bytes) -> None:
    assert len(feed(sample)) == 1
    assert feed(hidden(sample)) == []
