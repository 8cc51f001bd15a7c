"""The table of a summary: the columns that users of perf trace and of strace know, and objects."""

from __future__ import annotations

import json

import pytest

from argtrace.decode.summary import Row, Summary, Tally
from argtrace.present import jsonl
from argtrace.present.summary import SORTS, Look, to_json, to_text
from tests.support import schema


def tally(*durations: int, errors: int = 0, untimed: int = 0) -> Tally:
    buckets = [0] * 64
    for ns in durations:
        buckets[max(ns, 1).bit_length() - 1] += 1
    squares = sum(ns * ns for ns in durations)
    least, most = min(durations, default=0), max(durations, default=0)
    return Tally(len(durations), errors, sum(durations), least, most, squares, untimed, tuple(buckets))


def row(name: str, number: int, found: Tally, *, pid: int = 0, tid: int = 0, errno: int | None = None) -> Row:
    return Row(name, number, None, tid, pid, errno, found, comm="cat" if pid else "")


OPENAT = row("openat", 257, tally(2000, 4000, 3000, errors=1))
READ = row("read", 0, tally(1_000_000))
EXIT = row("exit_group", 231, tally(untimed=1))
PLAIN = Summary((OPENAT, READ, EXIT))


def test_perf_columns() -> None:
    assert to_text(PLAIN, Look()) == """
 Summary of events:

 total, 5 calls, 100.0%

   syscall            calls  errors  total       min       avg       max       stddev
                                     (msec)    (msec)    (msec)    (msec)        (%)
   --------------- --------  ------ -------- --------- --------- ---------     ------
   read                   1      0     1.000     1.000     1.000     1.000      0.00%
   openat                 3      1     0.009     0.002     0.003     0.004     33.33%
   exit_group             1      0

 without a duration (no return, or no entry seen): exit_group 1
"""  # fmt: skip


def test_strace_columns() -> None:
    assert (
        to_text(PLAIN, Look(style="strace"))
        == """
 Summary of events:

% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 99.11    0.001000        1000         1           read
  0.89    0.000009           3         3         1 openat
  0.00    0.000000           0         1           exit_group
------ ----------- ----------- --------- --------- ----------------
100.00    0.001009         252         5         1 total

 without a duration (no return, or no entry seen): exit_group 1
"""
    )


def test_without_times_there_are_counts_alone() -> None:
    counted = Summary((row("openat", 257, tally(errors=2, untimed=3)),), times=False)

    for style in ("perf", "strace"):
        assert (
            to_text(counted, Look(style=style))
            == """
 Summary of events:

 total, 3 calls, 100.0%

   syscall            calls  errors
   --------------- --------  ------
   openat                 3      2
"""
        )


def test_a_block_for_each_task_and_a_line_for_each_errno() -> None:
    rows = (
        row("openat", 257, tally(4000, errors=1), pid=7, tid=8, errno=2),
        row("openat", 257, tally(2000), pid=7, tid=8, errno=0),
        row("read", 0, tally(9000), pid=7, tid=7, errno=0),
    )
    text = to_text(Summary(rows, by_task=True), Look())

    titles = [line for line in text.splitlines() if " calls, " in line]
    assert titles == [" cat (8, of 7), 2 calls, 66.7%", " cat (7), 1 calls, 33.3%"]
    lines = text.splitlines()
    at = lines.index("   openat                 2      1     0.006     0.002     0.003     0.004     47.14%")
    assert (
        lines[at + 1]
        == "     ENOENT               1      1     0.004     0.004     0.004     0.004      0.00%"
    )


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("time", "read"), ("calls", "openat"), ("errors", "openat"), ("name", "exit_group"),
        ("avg", "read"), ("max", "read"), ("min", "read"),
    ],
)  # fmt: skip
def test_sorts(sort: str, first: str) -> None:
    (found,) = list(to_json(PLAIN, Look(sort=sort, top=1)))

    assert found["name"] == first
    assert f"   {first} " in to_text(PLAIN, Look(sort=sort, top=1))
    assert to_text(PLAIN, Look(sort=sort, top=1)).count("%\n") + (first == "exit_group") == 2


def test_each_sort_has_its_case() -> None:
    from argtrace.cli.summary import _BY, _SORTS
    from argtrace.fetch.summary_layout import ERRNO, PROCESS, THREAD

    assert tuple(SORTS) == _SORTS
    assert set(_BY) == {THREAD, PROCESS, ERRNO}


def test_a_histogram_shows_gaps_and_the_smallest_count() -> None:
    durations = [1000] * 100 + [9000]
    text = to_text(Summary((row("read", 0, tally(*durations)),)), Look(histogram=True))

    bars = [line for line in text.splitlines() if line.endswith("|")]
    assert [(line[3:25].strip(), int(line[25:36]), line.count("@")) for line in bars] == [
        ("[512 ns, 1.02 us)", 100, 40),
        ("[1.02 us, 2.05 us)", 0, 0),
        ("[2.05 us, 4.1 us)", 0, 0),
        ("[4.1 us, 8.19 us)", 0, 0),
        ("[8.19 us, 16.4 us)", 1, 1),
    ]


def test_what_rows_cannot_say_is_said_below() -> None:
    pending = Row("poll", 7, None, 0, 0, None, Tally(), pending=2)
    text = to_text(Summary((OPENAT, pending), unsplit=4, missed=1), Look())

    assert "   poll" not in text
    assert " not returned when the trace ended, and not in the table: poll 2\n" in text
    assert " 4 calls were not split: there was no room for more rows\n" in text
    assert "1 times the kernel left out a program" in text


def test_a_name_of_a_thread_cannot_reach_the_terminal_raw() -> None:
    hostile = Row("read", 0, None, 5, 5, None, tally(1), comm="\x1b[31m\n")

    assert "\x1b" not in to_text(Summary((hostile,), by_task=True), Look())


def test_objects_are_as_the_schema_says() -> None:
    rows = (
        *PLAIN.rows,
        row("openat", 257, tally(5, errors=1), pid=7, tid=8, errno=2),
        row("openat", 257, tally(5), pid=7, errno=0),
        Row("syscall_0xbad", 0xBAD, "i386", 0, 0, None, tally(3, errors=1), pending=1),
    )
    found = list(to_json(Summary(rows), Look()))

    assert len(found) == len(rows)
    assert [schema.problems(jsonl.encode(each).encode()) for each in found] == [[]] * len(rows)


def test_an_object_has_every_figure() -> None:
    (found,) = to_json(
        Summary((row("openat", 257, tally(2000, 5000, errors=1), pid=7, tid=8, errno=2),)), Look()
    )

    assert json.loads(jsonl.encode(found)) == {
        "type": "summary", "name": "openat", "number": 257, "abi": None, "pid": 7, "tid": 8, "comm": "cat",
        "error": "ENOENT", "calls": 2, "errors": 1, "untimed": 0, "pending": 0, "total": 7000, "min": 2000,
        "avg": 3500.0, "max": 5000, "stddev": 2121.32, "histogram": [[1024, 1], [4096, 1]],
    }  # fmt: skip


def test_a_cell_with_calls_and_no_bucket_has_no_histogram() -> None:
    lie = Tally(timed=3, total=9)

    text = to_text(Summary((row("read", 0, lie), OPENAT)), Look(histogram=True))

    assert "   openat\n   [" in text
    assert "   read\n   [" not in text
