"""Which samples does a command leave in the ring? For tests/cases/records, as root.

    python -m tools.capture_records -e execve,openat shell -- sh -c 'ls nosuch; kill -USR1 $$'
    ARGTRACE_UPDATE=1 python -m pytest tests/present/test_captured.py

The first line writes tests/cases/records/shell.rec, the second the text and JSON
that it must give, for somebody to read before they are committed. Records are
captured once and kept: they hold times and ids.

    # what it was, for the reader
    limit 4096          bytes of a string that were asked for
    launch 812          whose calls are hidden before its exec
    name 812 sh         the name of a thread when the trace began
    0100000000…         a sample, in hexadecimal

The command gets next to no environment, so that a case says nothing of the
machine it was made on. Its signatures are those of the committed tables, and a
kernel that has others is refused.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from argtrace.decode.events import Event
from argtrace.fetch.derive import plans
from argtrace.fetch.limits import Limits
from argtrace.options import Options
from argtrace.prepare import prepare
from argtrace.processes import Command
from argtrace.session import Session
from argtrace.signature import syscalls
from argtrace.target import host
from argtrace.transport import records

DIRECTORY = Path(__file__).parents[1] / "tests" / "cases" / "records"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C"}


@dataclass(frozen=True)
class Capture:
    """What a .rec file holds. `launch` and `name`: of the command's first thread."""

    note: str
    limit: int
    launch: int
    name: str
    samples: tuple[bytes, ...]


def dumps(capture: Capture) -> str:
    first = capture.launch
    head = (f"# {capture.note}", f"limit {capture.limit}", f"launch {first}", f"name {first} {capture.name}")
    return "".join(f"{line}\n" for line in (*head, *(sample.hex() for sample in capture.samples)))


def loads(text: str) -> Capture:
    note, limit, launch, name, *samples = text.splitlines()
    return Capture(
        note.removeprefix("# "),
        int(limit.split()[1]),
        int(launch.split()[1]),
        name.split(maxsplit=2)[2],
        tuple(bytes.fromhex(sample) for sample in samples),
    )


class _Capturing(Session):
    """A session that keeps a copy of what it reads."""

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.samples: list[bytes] = []

    def _read(self) -> list[Event]:
        assert self._ring is not None
        events: list[Event] = []
        for sample in self._ring.ring.samples(512):
            self.samples.append(sample)
            events.extend(self._stream.feed(records.parse(sample)))
        return events


def capture(options: Options, words: list[str]) -> Capture:
    command = Command(words, ENVIRONMENT)
    try:
        with _Capturing(options) as session:
            _check(options)
            session.run(command)
            for _ in session.batches():
                pass
            command.wait()
            version = os.uname().release.partition("-")[0]
            note = f"{' '.join(words)}, on Linux {version} {os.uname().machine}"
            return Capture(note, options.limits.strings, command.pid, "python3", tuple(session.samples))
    finally:
        command.close()


def _check(options: Options) -> None:
    """The committed tables must give the plans that were used: tests have nothing else."""
    prepared = prepare(options)
    committed = syscalls.signatures(prepared.signatures, None)
    for used in prepared.plans:
        if used != plans(used.number, committed[used.number], host(), options.limits):
            sys.exit(f"{committed[used.number].name}: this kernel's signature is another than the table's")


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("case")
    parser.add_argument("-e", dest="calls", action="append", default=[])
    parser.add_argument("--string-limit", type=int, default=4096)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    wanted = parser.parse_args(None if arguments is None else list(arguments))
    words = wanted.command[1:] if wanted.command[:1] == ["--"] else wanted.command
    options = Options(calls=tuple(wanted.calls), limits=Limits(strings=wanted.string_limit))
    captured = capture(options, words)
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    path = DIRECTORY / f"{wanted.case}.rec"
    path.write_text(dumps(captured))
    sys.stdout.write(f"{path.name}: {len(captured.samples)} samples\n")


if __name__ == "__main__":
    main()
