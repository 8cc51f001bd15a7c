"""Both executors write the same of what this kernel gives for real programs, in every form."""

from __future__ import annotations

import os

import pytest

from argtrace.decode.stream import Stream
from argtrace.options import Options
from argtrace.processes import Command
from argtrace.session import Session
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
