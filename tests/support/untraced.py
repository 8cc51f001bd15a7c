"""argtrace with a session that traces nothing: the command line without a kernel.

    python -m tests.support.untraced [OPTIONS] -- COMMAND

The command runs; the trace is one call for each line of UNTRACED_EVENTS, and
UNTRACED_LOST of them were lost.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import Self

from argtrace import cli, session, start
from argtrace.decode.events import Call, Event, Process
from argtrace.decode.model import Result
from argtrace.options import Options
from argtrace.processes import Command


class Untraced:
    origin, realtime = 1_000, 2_000

    def __init__(self, _: Options, begun: None) -> None:
        self.lost = int(os.environ.get("UNTRACED_LOST", "0"))
        self._command: Command | None = None
        self._stopping = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        pass

    def attach(self, pid: int) -> None:
        pass

    def run(self, command: Command, backpressure: object = None) -> None:
        self._command = command
        command.release()

    def give_up_rights(self) -> None:
        """There is none that it needs."""

    def stop(self) -> None:
        self._stopping = True

    def lines(self, sink: object, limit: int | None = None) -> None:
        """Nobody writes but the command line itself."""

    def batches(self, *, lazy: bool = True) -> Iterator[list[Event]]:
        for name in os.environ.get("UNTRACED_EVENTS", "").split():
            yield [Call(Process(1, 1, "sh"), name, 0, {}, Result(None), 1_000, None)]
            yield []
        while self._command is not None and not self._command.ended() and not self._stopping:
            yield []
            time.sleep(0.001)

    def lost_by_call(self) -> dict[str, int]:
        return {"getpid": self.lost}


if __name__ == "__main__":
    session.Session = Untraced  # type: ignore[assignment, misc]
    start.begin = lambda _: None  # type: ignore[assignment, return-value]
    sys.exit(cli.main())
