"""Cells to tallies and rows: sums that lose nothing, names for every number."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argtrace.decode.summary import NOTHING, Row, Tally, joined, merged, row, tally
from argtrace.fetch.summary_layout import BUCKET_COUNT, CELL, COMPAT, ERRNO, KEY, PROCESS, THREAD, Summing
from argtrace.target import AARCH64, X86_64, Target

BY_ERRNO = Summing(frozenset({THREAD, ERRNO}))

U64 = st.integers(0, (1 << 64) - 1)


def cell(*durations: int, errors: int = 0, untimed: int = 0) -> bytes:
    buckets = [0] * BUCKET_COUNT
    for ns in durations:
        buckets[max(ns, 1).bit_length() - 1] += 1
    shortest = (1 << 64) - 1 - min(durations) if durations else 0
    squares = sum(ns * ns for ns in durations)
    low, high = squares & (1 << 64) - 1, squares >> 64
    longest = max(durations, default=0)
    return CELL.pack(len(durations), errors, sum(durations), shortest, longest, low, high, untimed, *buckets)


def test_the_cells_of_all_cpus_are_one_tally() -> None:
    found = tally(cell(5, 9_000_000_000) + cell() + cell(7, errors=1) + cell(untimed=2))

    assert (found.calls, found.timed, found.untimed, found.errors) == (5, 3, 2, 1)
    assert (found.shortest, found.longest, found.total) == (5, 9_000_000_000, 9_000_000_012)
    assert found.deviation == pytest.approx(statistics.stdev([5, 7, 9_000_000_000]))
    assert list(found.histogram()) == [(4, 2), (1 << 33, 1)]


def test_nothing_counted_is_nothing() -> None:
    assert tally(b"") == tally(cell() + cell()) == NOTHING
    assert (NOTHING.average, NOTHING.deviation) == (0, 0)


@given(st.lists(st.integers(0, 1 << 40), max_size=6), st.lists(st.integers(0, 1 << 40), max_size=6))
def test_a_sum_of_tallies_is_the_tally_of_all(left: list[int], right: list[int]) -> None:
    assert tally(cell(*left)) + tally(cell(*right)) == tally(cell(*left, *right))


@given(st.binary(min_size=CELL.size, max_size=CELL.size), st.binary(min_size=KEY.size, max_size=KEY.size))
def test_any_bytes_give_a_row(value: bytes, key: bytes) -> None:
    found = row(key, value, X86_64, BY_ERRNO)

    assert found.name
    assert found.tally.deviation >= 0
    assert (found.error is None) == (found.errno == 0)


@pytest.mark.parametrize(
    ("target", "number", "word", "name", "abi"),
    [
        pytest.param(X86_64, 39, 0, "getpid", None, id="64-bit"),
        pytest.param(X86_64, 20, COMPAT, "getpid", "i386", id="32-bit"),
        pytest.param(X86_64, 0xBAD, 0, "syscall_0xbad", None, id="unknown"),
        pytest.param(X86_64, 0xBAD, COMPAT, "syscall_0xbad", "i386", id="unknown 32-bit"),
        pytest.param(AARCH64, 172, 0, "getpid", None, id="arm64"),
        pytest.param(AARCH64, 0xF0005, COMPAT, "set_tls", "arm", id="32-bit arm's own"),
    ],
)
def test_names(target: Target, number: int, word: int, name: str, abi: str | None) -> None:
    found = row(KEY.pack(3, 4, number, 2, word), cell(1), target, BY_ERRNO)

    assert (found.name, found.number, found.abi) == (name, number, abi)
    assert (found.tid, found.pid, found.error) == (3, 4, "ENOENT")


def test_rows_of_one_call_are_joined_whatever_their_errno() -> None:
    rows = [Row("read", 0, None, 1, 2, errno, Tally(1, 0, 5, 5, 5, 25), 1, "cat") for errno in (0, 4)]

    assert joined(rows) == Row("read", 0, None, 1, 2, None, Tally(2, 0, 10, 5, 5, 50), 2, "cat")


def test_what_cpus_count_for_one_process_is_one_row() -> None:
    by_process = Summing(frozenset({PROCESS}))
    cells = [(KEY.pack(cpu, tgid, 0, 0, 0), cell(cpu + 1)) for cpu in (0, 1) for tgid in (7, 8)]
    cells.append((KEY.pack(1, 7, 0, 0, COMPAT), cell(9)))

    found = list(merged(row(key, value, X86_64, by_process) for key, value in cells))

    expected = [("read", 7, 3, 2), ("read", 8, 3, 2), ("restart_syscall", 7, 9, 1)]
    assert [(each.name, each.pid, each.tally.total, each.tally.calls) for each in found] == expected
    assert {(each.tid, each.errno) for each in found} == {(0, None)}
