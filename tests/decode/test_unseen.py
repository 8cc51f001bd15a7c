"""Tasks whose end was lost: when who remembers them asks, and when they are forgotten."""

from __future__ import annotations

from collections.abc import Collection

from argtrace.decode.execs import End, Execs
from argtrace.decode.unseen import CROWD, LATE, Unseen
from tests.decode.test_execs import call
from tests.decode.test_stream import feed, named, who
from tests.support import record_writer as write

GETPID = "getpid"
NOW = write.TIME


class Asked:
    """Who is gone; and of whom that was asked."""

    def __init__(self, *gone: int) -> None:
        self.gone = gone
        self.of: list[set[int]] = []

    def __call__(self, tids: Collection[int]) -> list[int]:
        self.of.append(set(tids))
        return [tid for tid in self.gone if tid in tids]


def test_few_are_no_reason_to_ask() -> None:
    asked = Asked()
    Unseen().look(range(CROWD - 1), asked, NOW)
    assert asked.of == []


def test_the_next_question_is_when_the_gone_are_forgotten_and_there_are_twice_as_many() -> None:
    asked, unseen = Asked(*range(CROWD)), Unseen()
    unseen.look(range(3 * CROWD), asked, NOW)
    unseen.look(range(5 * CROWD), asked, NOW + LATE)
    assert len(unseen.forgettable(NOW + LATE + 1)) == CROWD
    for count in (4 * CROWD - 1, 4 * CROWD):
        unseen.look(range(count), asked, NOW + 2 * LATE)
    assert [len(tids) for tids in asked.of] == [3 * CROWD, 4 * CROWD]


def test_who_is_gone_is_told_once_and_not_before_records_come_from_after_the_question() -> None:
    unseen = Unseen()
    unseen.look(range(CROWD), Asked(5, 7), NOW)
    assert unseen.forgettable(NOW + LATE) == ()
    unseen.heard(7)
    assert unseen.forgettable(NOW + LATE + 1) == {5}
    assert unseen.forgettable(NOW + LATE + 2) == ()


def test_a_stream_forgets_the_name_of_a_thread_whose_exit_was_lost() -> None:
    stream = named(b"gone", 5)
    for tid in range(1000, 1000 + CROWD):
        stream.name(tid, b"here")
    stream.look(Asked(5), NOW)

    before = feed(write.fork(7, time=NOW), write.call(GETPID, tid=5), to=stream)
    after = feed(write.fork(8, time=NOW + LATE + 1), write.call(GETPID, tid=5), to=stream)
    assert (who(before), who(after)) == ([(5, "gone")], [(5, "")])
    assert who(feed(write.call(GETPID, tid=1000), to=stream)) == [(1000, "here")]


def test_an_id_that_was_given_again_meanwhile_is_not_forgotten() -> None:
    stream = named(b"parent")
    for tid in range(1000, 1000 + CROWD):
        stream.name(tid, b"gone")
    stream.look(Asked(1001, 1002), NOW)

    events = feed(
        write.fork(1001, time=NOW),
        write.chosen(b"found", 0, tid=1002),
        write.fork(8, time=NOW + LATE + 1),
        write.call(GETPID, tid=1001),
        write.call(GETPID, tid=1002),
        to=stream,
    )
    assert who(events) == [(1001, "parent"), (1002, "found")]


def test_a_program_whose_end_was_lost_has_a_lost_end() -> None:
    execs = Execs()
    for pid in range(10, 10 + CROWD):
        list(execs.feed(call(pid)))
    execs.look(Asked(11), 300)

    (end, _) = execs.feed(call(5, start=LATE + 301))
    assert isinstance(end, End)
    assert (end.start.pid, end.ending, end.lost) == (11, None, True)
    assert len(execs.running()) == CROWD
