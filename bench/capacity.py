"""How many lines a second the reader can write, fed from a recorded ring: by each executor, in each form.

    python -m bench.capacity [--rounds N]         root

A workload is traced with a ring that holds all of it and nobody reading; the ring's memory is
kept, and read again and again from there. So nothing is measured but the reader: no kernel, no
traced program, no other CPU. Lines go to /dev/null.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from argtrace import native as modules
from argtrace.lines import Lines
from argtrace.native import dialects
from argtrace.options import Options
from argtrace.present import Sink, jsonl, output
from argtrace.present import text as texts
from argtrace.processes import Command
from argtrace.session import Session
from argtrace.transport.ring import Ring
from bench.subjects import NAMES, Builder, Size

RING = 64 << 20
# So many that a ring holds them.
SIZE = Size(getppid=200_000, openat=60_000, write=100_000, commands=30, imports=1)

FORMS: dict[str, Callable[[output.Output], Sink]] = {
    "perf": lambda out: texts.TextSink(out, texts.Perf(texts.Options(origin=0))),
    "strace": lambda out: texts.TextSink(out, texts.Strace(texts.Options(to_file=True))),
    "json": jsonl.JsonSink,
}


class _Kept(Session):
    """A session that nobody reads, but for the memory of its ring."""

    def memory(self, command: Command) -> tuple[bytes, bytes]:
        """The producer's position and the data, when the command has ended."""
        self.run(command)
        command.wait()
        self._links.close()
        assert self._ring is not None
        _, producer, data = self._ring.pages
        return bytes(producer[:8]), bytes(data)

    def replay(self, sink: Sink, pages: tuple[memoryview, memoryview, memoryview], *, native: bool) -> int:
        """Lines written."""
        module = modules.module("lines") if native else None
        if module is None:
            ring, lines = Ring(*pages), 0
            while ring.pending():
                for sample in ring.samples(512):
                    lines += sum(sink.event(event) for event in self._decode(sample))
            return lines
        dialect = dialects.dialect(sink, self._ready.tables)
        assert dialect is not None
        made = Lines(module.Executor, pages, self._stream, self._decode, sink, dialect, 0, None)
        while made.read():
            pass
        return made.shown


class Run(NamedTuple):
    lines: int
    seconds: float


def once(words: list[str], form: str, rounds: int, *, native: bool) -> Run:
    """The middle of so many runs, by CPU time."""
    command = Command(words, dict(os.environ))
    try:
        with _Kept(Options(ring=RING)) as session:
            producer, data = session.memory(command)
            runs = []
            for _ in range(rounds):
                out = output.to_file(os.devnull)
                pages = (memoryview(bytearray(8)), memoryview(producer), memoryview(data))
                began = time.process_time()
                lines = session.replay(FORMS[form](out), pages, native=native)
                runs.append(Run(lines, time.process_time() - began))
                out.close()
            return statistics.median_low(runs)
    finally:
        command.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    wanted = parser.parse_args()
    if modules.module("lines") is None:
        sys.exit("the native executor was not built")
    print(f"Linux {os.uname().release}, Python {sys.version.split()[0]}; millions of lines a second of CPU")
    print(f"{'workload':12}{'form':8}{'native':>9}{'Python':>9}{'ratio':>8}   lines")
    with tempfile.TemporaryDirectory() as directory:
        builder = Builder(Path(directory))
        for name in NAMES:
            words = list(builder.subject(name, SIZE).command)
            for form in FORMS:
                fast = once(words, form, wanted.rounds, native=True)
                slow = once(words, form, 1, native=False)
                ratio = slow.seconds / slow.lines * fast.lines / fast.seconds
                rates = f"{fast.lines / fast.seconds / 1e6:9.2f}{slow.lines / slow.seconds / 1e6:9.3f}"
                print(f"{name:12}{form:8}{rates}{ratio:8.0f}   {fast.lines}")


if __name__ == "__main__":
    main()
