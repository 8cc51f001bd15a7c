"""Whatever the bytes: a record, an event, a line, or FormatError; and nothing that a terminal obeys."""

from __future__ import annotations

import contextlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from argtrace.decode.events import Call, Event, Process
from argtrace.decode.model import Int, Result, Text
from argtrace.decode.stream import Stream
from argtrace.errors import FormatError
from argtrace.fetch import record
from argtrace.fetch.record import Flag, Kind
from argtrace.present import jsonl
from argtrace.present.spell import Spelling
from argtrace.present.text import Options, Perf, Strace
from argtrace.transport import records
from tests.support import decoding, schema
from tests.support import record_writer as write

STYLES = (Perf, Strace)
LIMIT = 8  # short, so that strings are cut often

U32, U64 = st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
S32 = st.integers(-(2**31), 2**31 - 1)
BYTES = st.binary(max_size=40)
TIDS = st.integers(0, 3)


def lines(event: Event) -> list[str]:
    """The event in both styles, as much of it as can be shown, and little."""
    looks = (Options(spelling=Spelling(verbose=True)), Options(quiet=True, absolute=True, to_file=True))
    return [line for look in looks for style in STYLES if (line := style(look).line(event)) is not None]


def check(events: list[Event]) -> None:
    """Every line of each event is one line of plain ASCII; as JSON too, and as its schema says."""
    for event in events:
        written = json.dumps(jsonl.to_json(event), separators=(",", ":"))
        for line in (*lines(event), written):
            assert line.isascii()
            assert line.isprintable()
        # Only a lie ends before it began.
        if not isinstance(event, Call) or event.duration is None or event.duration >= 0:
            assert schema.problems(written.encode()) == []


def run(sample: bytes, stream: Stream | None = None) -> list[Event]:
    """The events of any bytes, or none if they are no record."""
    with contextlib.suppress(FormatError):
        events = decoding.feed(sample, to=stream or decoding.stream(LIMIT))
        check(events)
        return events
    return []


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    run(data)


@given(st.sampled_from(Kind), st.binary(max_size=300))
def test_any_bytes_behind_a_kind(kind: Kind, data: bytes) -> None:
    run(bytes([kind, 0]) + data)


NUMBERS = st.one_of(
    st.sampled_from(
        [number for number, table in decoding.every_table(LIMIT).items() if number < record.CALLS]
    ),
    st.sampled_from([59, 322, 82, 165]),  # execve, execveat, rename, mount: the most items
    U32,
)
FLAGS = st.integers(0, 15)

# Sizes and places near where the payload begins and ends, and anywhere.
PLACES = st.one_of(st.integers(100, 240), U32)
SIZES = st.one_of(st.integers(-40, 40), st.sampled_from([-14, -105, record.CUT, record.BLOB]), S32)
ITEMS = st.lists(st.builds(write.item, PLACES, SIZES), min_size=0, max_size=8)

FETCHED = st.one_of(
    st.builds(write.string, BYTES, st.just(LIMIT)),
    st.builds(write.unread, st.integers(1, 4095)),
    st.builds(write.item, PLACES, SIZES),
)
ENDS = st.one_of(st.integers(-200, 4), S32)
LISTS = st.one_of(
    st.lists(st.one_of(BYTES, st.integers(1, 4095)), max_size=4).flatmap(
        lambda elements: st.builds(lambda end: write.strings(*elements, end=end, limit=LIMIT), ENDS)
    ),
    st.builds(write.blob, BYTES, cut=st.booleans()),
    st.builds(
        lambda data, count, end: write.Fetched(((0, len(data)), (count, end), (0, 0)), data), BYTES, U32, ENDS
    ),
)
ARGS = st.lists(st.one_of(st.sampled_from([0, 2**32 - 1, 2**64 - 1]), U64), max_size=6)
HEADER = st.builds(
    lambda start, duration, **rest: {"start": start, "time": start + duration, **rest},
    st.integers(0, 2**63), U32, tid=TIDS, flags=FLAGS, lost=U32,
    result=st.one_of(st.integers(-600, 4), st.integers(-(2**63), 2**63 - 1)),
)  # fmt: skip


@given(NUMBERS, ARGS, ITEMS, BYTES, HEADER)
@example(59, [0] * 3, [write.item(168, 4)] * 7, b"\xff\xff\xff\x7f", {})
def test_a_call_with_any_items(
    number: int, args: list[int], items: list[write.Fetched], payload: bytes, header: dict[str, Any]
) -> None:
    run(write.call(number, args, *items, payload=payload, **header))


def every_plan() -> list[tuple[int, int, list[int]]]:
    """Each call and variant: its number, how many items it has, the arguments that select it."""
    found: list[tuple[int, int, list[int]]] = []
    for number, table in decoding.every_table(LIMIT).items():
        plans = table.plans
        found.append((number, plans.default.items, []))
        for value, plan in plans.variants:
            assert plans.selector is not None
            at = next(at for at, row in enumerate(table.rows) if row.word * 8 == plans.selector.spot.at)
            found.append((number, plan.items, [3] * at + [value]))
    return [each for each in found if each[0] < record.CALLS]


PLACED = st.builds(write.item, st.integers(112, 700), st.one_of(st.integers(-20, 300), st.just(-14)))


@settings(max_examples=400)
@given(
    st.sampled_from(every_plan()),
    ARGS,
    st.lists(PLACED, min_size=1, max_size=12),
    st.binary(min_size=1, max_size=300),
    HEADER,
)
def test_a_call_with_as_many_items_as_it_has(
    plan: tuple[int, int, list[int]],
    args: list[int],
    items: list[write.Fetched],
    payload: bytes,
    header: dict[str, Any],
) -> None:
    """Structures and arrays are there, and behind their pointers anything."""
    number, count, chosen = plan
    every = list(itertools.islice(itertools.cycle(items), count))
    run(write.call(number, chosen + args[len(chosen) :], *every, payload=(payload * 1000)[:1000], **header))


@given(NUMBERS, ARGS, st.lists(FETCHED, max_size=5), HEADER)
def test_a_call_with_any_strings(
    number: int, args: list[int], fetched: list[write.Fetched], header: dict[str, Any]
) -> None:
    run(write.call(number, args, *fetched, **header))


@given(ARGS, FETCHED, LISTS, LISTS, HEADER)
def test_an_exec_with_any_lists(
    args: list[int], name: write.Fetched, argv: write.Fetched, envp: write.Fetched, header: dict[str, Any]
) -> None:
    run(write.call("execve", args, name, argv, envp, **header))


@given(st.lists(BYTES, max_size=6), st.lists(BYTES, max_size=6), BYTES, st.booleans())
def test_an_honest_exec_is_never_refused(
    argv: list[bytes], envp: list[bytes], name: bytes, new_program: bool
) -> None:
    # No NUL inside, as none can come from the kernel.
    assume(not any(b"\0" in each for each in (*argv, *envp, name)))
    lists = (
        [write.blob(b"".join(each + b"\0" for each in strings)) for strings in (argv, envp)]
        if new_program
        else [write.strings(*strings, limit=1000) for strings in (argv, envp)]
    )
    sample = write.call("execve", [1, 2, 3], write.string(name, 1000), *lists)

    (event,) = decoding.feed(sample, to=decoding.stream(1000))

    check([event])
    assert isinstance(event, Call)
    got = json.loads(json.dumps(jsonl.to_json(event)))["args"]
    assert [len(each["value"]) for each in got[1:]] == [len(argv), len(envp)]
    assert f"0x3 /* {len(envp)} var" in (Strace(Options()).line(event) or "")


TASKS = st.one_of(
    st.builds(write.fork, TIDS, tid=TIDS, lost=U32),
    st.builds(write.exec, BYTES, tid=TIDS, former=TIDS, time=U64),
    st.builds(write.rename, st.binary(max_size=16), tid=TIDS),
    st.builds(write.taking, st.integers(0, 500), U64, U64, tid=TIDS, time=U64),
    st.builds(write.exit, st.integers(0, 2**32 - 1), tid=TIDS, time=U64),
    st.builds(
        write.signal, S32,
        st.builds(
            write.siginfo, st.one_of(st.integers(0, 70), S32), st.one_of(st.integers(-70, 130), S32),
            st.binary(max_size=32), error=S32,
        ),
        tid=TIDS, time=U64,
    ),
    st.builds(lambda tid, lost: write.call(39, tid=tid, lost=lost), TIDS, U32),
)  # fmt: skip


@given(st.lists(TASKS, max_size=12), st.booleans())
def test_any_story_of_tasks(samples: list[bytes], launch: bool) -> None:
    stream = decoding.stream(LIMIT)
    if launch:
        stream.launch(1)
    for sample in samples:
        run(sample, stream)


@given(U32, st.lists(U32, max_size=6))
def test_losses_only_grow(first: int, counts: list[int]) -> None:
    stream = decoding.stream()
    seen = 0
    for count in (first, *counts):
        list(stream.feed(records.parse(write.call(39, lost=count))))
        assert stream.lost >= seen
        seen = stream.lost


@given(st.binary(max_size=40), st.binary(max_size=15))
@example(b"\x1b]0;title\x07\x9b31m", b"\x1b[2J")
def test_no_string_reaches_the_terminal_as_it_is(data: bytes, comm: bytes) -> None:
    process = Process(1, 1, comm.decode(errors="surrogateescape"))
    call = Call(process, "open", 2, {"filename": Text(1, data)}, Result(3, Int(3, 3)), 1, 2)

    check([call])


@pytest.mark.parametrize("flag", Flag)
def test_every_flag_is_in_the_range_that_is_tried(flag: Flag) -> None:
    assert flag <= 15
