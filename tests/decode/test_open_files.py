"""A number that somebody is about to take has no name until it is known what came of it."""

from __future__ import annotations

from argtrace.decode.open_files import GRACE, Opened, Table

LATER = 2 * GRACE
FILE, OTHER = Opened(b"/file"), Opened(b"/other")


def table() -> Table:
    made = Table()
    made.put(5, FILE, 0, 10)
    return made


def test_nobody_knows_it_meanwhile() -> None:
    files = table()
    files.begin(2, range(5, 6), LATER)
    assert files.at(5, LATER - GRACE) is None
    assert files.at(5, 2 * LATER) is None
    assert files.at(5, LATER - GRACE - 1) is FILE, "who began well before has found it"
    assert files.knows(5), "to ask would tell what may change at any time"


def test_it_is_the_same_if_nothing_came_of_it() -> None:
    files = table()
    files.begin(2, range(5, 6), LATER)
    files.settle(2)
    assert files.at(5, 2 * LATER) is FILE


def test_another_number_is_not_touched() -> None:
    files = table()
    files.begin(2, range(6, 100), LATER)
    assert files.at(5, 2 * LATER) is FILE


def test_what_is_given_meanwhile_is_there_if_nothing_came_of_it() -> None:
    files = table()
    files.begin(2, range(5, 6), LATER)
    files.put(5, OTHER, LATER + 1, LATER + 2)
    assert files.at(5, LATER + 3) is None
    files.settle(2)
    assert files.at(5, LATER + 3) is OTHER


def test_a_close_that_returns_late_has_closed_what_was_there_before() -> None:
    files = table()
    files.put(5, OTHER, LATER + 1, LATER + 3)
    files.remove(5, LATER, LATER + 4)
    assert files.at(5, LATER + 5) is OTHER


def test_a_second_one_has_closed_what_was_given_then() -> None:
    files = table()
    files.put(5, OTHER, LATER + 1, LATER + 3)
    files.remove(5, LATER, LATER + 4)
    files.remove(5, LATER + 2, LATER + 5)
    assert files.at(5, LATER + 6) is None


def test_a_close_that_began_before_may_have_closed_what_was_given_then() -> None:
    files = table()
    files.remove(5, LATER, LATER + 1)
    files.put(5, OTHER, LATER + 2, LATER + 4)
    files.remove(5, LATER + 1, LATER + 5)
    assert files.at(5, LATER + 6) is None


def test_nor_is_it_known_of_a_number_that_nobody_knew() -> None:
    files = Table()
    files.put(5, OTHER, LATER + 1, LATER + 3)
    files.remove(5, LATER, LATER + 4)
    assert files.at(5, LATER + 5) is None


def test_what_proc_says_of_it_meanwhile_is_closed_by_the_same() -> None:
    files = table()
    files.put(5, None, LATER + 1, LATER + 3)
    files.learn(5, OTHER, LATER + 4)
    files.remove(5, LATER, LATER + 5)
    assert files.at(5, LATER + 6) is OTHER
    files.remove(5, LATER + 2, LATER + 7)
    assert files.at(5, LATER + 8) is None


def test_of_two_that_nobody_saw_in_order_the_close_may_be_the_last() -> None:
    files = Table()
    files.remove(5, LATER + 1, LATER + 2)
    files.put(5, OTHER, LATER, LATER + 3, forced=True)
    assert files.at(5, LATER + 4) is None, "closed before the call that opened it returned"


def test_the_same_of_many_at_once() -> None:
    for many in (Table.sweep, lambda files, _, __, end: files.forget([], end)):
        files = Table()
        many(files, range(3, 1 << 32), LATER + 1, LATER + 2)
        files.put(5, OTHER, LATER, LATER + 3, forced=True)
        files.put(6, OTHER, LATER + 2, LATER + 3, forced=True)
        assert files.at(5, LATER + 4) is None
        assert files.at(6, LATER + 4) is OTHER


def test_nor_is_it_forgotten_when_proc_was_asked() -> None:
    files = Table()
    files.remove(5, LATER + 1, LATER + 2)
    files.learn(5, None, LATER + 3)
    files.put(5, OTHER, LATER, LATER + 4, forced=True)
    assert files.at(5, LATER + 5) is None


def test_a_copy_has_only_what_is_sure() -> None:
    files = table()
    files.put(6, OTHER, 0, 10)
    files.begin(2, range(5, 6), LATER)
    copied = files.copy(LATER + 1, LATER + 2)
    assert copied.at(5, 2 * LATER) is None
    assert copied.at(6, 2 * LATER) is OTHER
