"""Both executors write the same of what real kernels gave: tests/cases/records."""

from __future__ import annotations

from pathlib import Path

import pytest

from argtrace.decode.stream import Stream
from tests.support import written
from tests.support.written import Trace
from tools import capture_records

CASES = sorted(capture_records.DIRECTORY.glob("*.rec"))


def trace(case: Path) -> Trace:
    captured = capture_records.loads(case.read_text())

    def prepare(stream: Stream) -> None:
        stream.name(captured.launch, captured.name.encode())
        stream.launch(captured.launch)

    return Trace(captured.samples, captured.limit, prepare)


@pytest.mark.parametrize("form", written.FORMS)
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_both_write_the_same(case: Path, form: str) -> None:
    expected = written.by_python(trace(case), written.FORMS[form])

    assert expected
    assert written.by_native(trace(case), written.FORMS[form], at=4000) == expected
