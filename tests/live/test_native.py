"""Both executors write the same of what this kernel gives for real programs, in every form."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from argtrace.decode.stream import Stream
from argtrace.options import Options
from argtrace.present import output, text
from argtrace.processes import Command
from argtrace.session import Session
from tests.live.conftest import Target
from tests.support import written
from tests.support.written import Trace

pytestmark = pytest.mark.live

SCRIPT = "for i in 1 2 3; do ls /usr | head -2; done; cat /nonexistent; kill -9 $$"
COMMANDS = {
    "ls": ("ls", "-la", "/usr"),
    "shell": ("sh", "-c", SCRIPT),
    "python": ("python3", "-I", "-c", "import asyncio, http.server, sqlite3, threading"),
    "find": ("find", "/usr/share", "-maxdepth", "2", "-size", "+1M"),
}


class Unread(Session):
    """A session that gives its samples as they are."""

    def samples(self, command: Command) -> list[bytes]:
        """All there are when the command has ended."""
        self.run(command)
        command.wait()
        self._links.close()
        assert self._ring is not None
        self._ring.gather(last=True)
        return list(self._ring.ring.samples(1 << 30))


@pytest.mark.parametrize("name", COMMANDS)
def test_real_programs(name: str) -> None:
    command = Command(list(COMMANDS[name]), dict(os.environ))
    try:
        with Unread(Options()) as session:
            samples = session.samples(command)
            tables = session._ready.tables
    finally:
        command.close()

    def prepare(stream: Stream) -> None:
        stream.name(command.pid, b"python3")
        stream.launch(command.pid)

    trace = Trace(samples, prepare=prepare, tables=tables)
    assert len(samples) > 50
    for form in written.FORMS.values():
        expected = written.by_python(trace, form)
        assert written.by_native(trace, form, at=4000) == expected
        assert expected.count("\n") > 50


def test_who_reads_lets_a_busy_program_get_ahead(target: Target, tmp_path: Path) -> None:
    """Who does not finds a record or two at each look, and takes three times as long for them all."""
    command = Command([str(target("loop")), "100000"], dict(os.environ))
    out = output.to_file(str(tmp_path / "lines"))
    try:
        with Session(Options(calls=("open*", "close"))) as session:
            session.run(command)
            lines = session.lines(text.TextSink(out, text.Perf(text.Options(origin=session.origin))))
            assert lines is not None
            began = time.monotonic()
            looks = sum(1 for _ in session.batches())
            took = time.monotonic() - began
    finally:
        command.close()
        out.close()

    assert lines.shown >= 200_000
    assert looks < took / 0.01 + lines.shown / 1500
