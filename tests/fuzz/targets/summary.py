"""Cells of a summary with any numbers in them: a table of lines of ASCII, and objects."""

from __future__ import annotations

import json
from random import Random

from argtrace.decode import summary as rows
from argtrace.decode.summary import Row, Summary
from argtrace.fetch.summary_layout import CELL, ERRNO, KEY, PROCESS, THREAD, Summing
from argtrace.present import summary as present
from argtrace.target import X86_64
from argtrace.value import replace
from tests.fuzz.choices import Choices
from tests.fuzz.target import Target

SPLITS = (frozenset[str](), frozenset({ERRNO}), frozenset({THREAD, ERRNO}), frozenset({PROCESS}))


def check(data: bytes) -> None:
    given = Choices(data)
    marks = given.byte()
    table: list[Row] = []
    while given.left and len(table) < 5:
        key = given.take(KEY.size).ljust(KEY.size, b"\0")
        cpus = 1 + given.byte() % 3
        cells = given.take(CELL.size * cpus).ljust(CELL.size * cpus, b"\0")
        row = rows.row(key, cells, X86_64, Summing(SPLITS[marks & 3]))
        comm = given.take(given.byte() % 17).decode(errors="surrogateescape")
        table.append(replace(row, comm=comm, pending=given.byte()))
    summary = Summary(tuple(rows.merged(table)), bool(marks & 2), bool(marks & 4), given.byte(), given.byte())
    look = present.Look(
        ("time", "calls", "errors", "name", "avg", "max", "min")[marks // 32 % 7], 3 if marks & 8 else None,
        bool(marks & 16), "strace" if marks & 64 else "perf",
    )  # fmt: skip
    for line in present.to_text(summary, look).splitlines():
        assert line.isascii(), line
        assert line.isprintable(), line
    for row_written in present.to_json(summary, look):
        assert json.dumps(row_written).isascii()


def seeds() -> list[bytes]:
    random = Random(1)
    made = []
    for marks in range(0, 256, 7):
        cell = CELL.pack(*(random.choice((0, 1, 5, 10**9, 1 << 63)) for _ in range(8)), *([1, 0, 3, 4] * 16))
        made.append(bytes([marks]) + KEY.pack(5, 5, marks, 2, 0) + b"\0" + cell + b"\4comm\1")
    return made


TARGET = Target("cells of the kernel to a table (decode/summary.py, present/summary.py)", check, seeds)
