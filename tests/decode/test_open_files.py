"""A number that somebody is about to take has no name until it is known what came of it."""

from __future__ import annotations

from argtrace.decode.open_files import Opened, Table

GRACE = 100
FILE, OTHER = Opened(b"/file"), Opened(b"/other")


def table() -> Table:
    made = Table(grace=GRACE)
    made.put(5, FILE, 0, 10)
    return made


def test_nobody_knows_it_meanwhile() -> None:
    files = table()
    files.begin(2, range(5, 6), 1000)
    assert files.at(5, 1000 - GRACE) is None
    assert files.at(5, 2000) is None
    assert files.at(5, 1000 - GRACE - 1) is FILE, "who began well before has found it"
    assert files.knows(5), "to ask would tell what may change at any time"


def test_it_is_the_same_if_nothing_came_of_it() -> None:
    files = table()
    files.begin(2, range(5, 6), 1000)
    files.settle(2)
    assert files.at(5, 2000) is FILE


def test_another_number_is_not_touched() -> None:
    files = table()
    files.begin(2, range(6, 100), 1000)
    assert files.at(5, 2000) is FILE


def test_what_is_given_meanwhile_may_be_gone_already() -> None:
    files = table()
    files.begin(2, range(5, 6), 1000)
    files.put(5, OTHER, 1001, 1002)
    files.settle(2)
    assert files.at(5, 2000) is None


def test_a_copy_has_only_what_is_sure() -> None:
    files = table()
    files.put(6, OTHER, 0, 10)
    files.begin(2, range(5, 6), 1000)
    copied = files.copy(1001, 1002)
    assert copied.at(5, 2000) is None
    assert copied.at(6, 2000) is OTHER
