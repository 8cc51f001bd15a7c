"""Samples that a real kernel gave, and what they must be shown as, in each form.

A case is tests/cases/records/NAME.rec (tools/capture_records.py makes one) and
beside it NAME.txt, as perf trace has it, NAME.strace.txt and NAME.jsonl. Read
those: they are the expectation. ARGTRACE_UPDATE=1 writes them anew, and leaves
it to whoever looks at the difference to say whether it is right.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from argtrace.present import Sink, jsonl, output
from argtrace.present.text import Options, Perf, Strace, TextSink
from tests.support import decoding, schema
from tools import capture_records

CASES = sorted(capture_records.DIRECTORY.glob("*.rec"))

FORMS: dict[str, Callable[[output.Output], Sink]] = {
    ".txt": lambda out: TextSink(out, Perf(Options())),
    ".strace.txt": lambda out: TextSink(out, Strace(Options())),
    ".jsonl": jsonl.JsonSink,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_what_a_capture_shows(case: Path, form: str, tmp_path: Path) -> None:
    shown = show(case, FORMS[form], tmp_path / "shown")
    expected = case.with_suffix(form)
    if os.environ.get("ARGTRACE_UPDATE") == "1":
        expected.write_text(shown)

    assert shown == expected.read_text()


def show(case: Path, sink_of: Callable[[output.Output], Sink], path: Path) -> str:
    captured = capture_records.loads(case.read_text())
    stream = decoding.stream(captured.limit)
    stream.name(captured.launch, captured.name.encode())
    stream.launch(captured.launch)
    sink = sink_of(output.to_file(str(path)))
    for event in decoding.feed(*captured.samples, to=stream):
        sink.event(event)
    sink.close()
    return path.read_text()


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_a_capture_is_as_the_schema_says(case: Path) -> None:
    lines = case.with_suffix(".jsonl").read_bytes().splitlines()

    assert lines
    assert [problem for line in lines for problem in schema.problems(line)] == []


def test_a_capture_reads_back() -> None:
    for case in CASES:
        text = case.read_text()
        assert capture_records.dumps(capture_records.loads(text)) == text


def test_every_case_is_whole_and_nothing_else_is_there() -> None:
    wanted = {case.name for case in CASES} | {case.with_suffix(form).name for case in CASES for form in FORMS}

    assert wanted == {path.name for path in capture_records.DIRECTORY.iterdir()}
