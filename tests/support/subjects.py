"""Processes to be chosen or not; and argtrace, from when it is attached until it is told to stop.

Subjects are shells that wait for a line and then open a file that is not there, by which they are known.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.support.live import ARGTRACE, ENVIRONMENT, SLOWER, Json, arg

ROOT = Path(__file__).parents[2]


class Subjects:
    """Shells that wait. `program`: what runs them."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, mark: str, program: str = "/bin/sh", prepare: Callable[[], object] | None = None, then: str = ""
    ) -> int:
        script = f"read line; true < '/nosuch/{mark}'; {then}"
        self.running[mark] = subprocess.Popen(
            [program, "-c", script],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=prepare,  # noqa: PLW1509 (no threads here)
        )
        return self.running[mark].pid

    def named(self, name: str) -> str:
        """A shell under another name."""
        path = self.directory / name
        if not path.exists():
            shutil.copy("/bin/sh", path)
        return str(path)

    def go(self, *marks: str) -> None:
        for mark in marks or tuple(self.running):
            self.running.pop(mark).communicate(b"\n", timeout=60)

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
            process.communicate()


class Tracing:
    """argtrace, from when it is attached on until it is told to stop."""

    def __init__(self, directory: Path, options: Sequence[str]) -> None:
        self.file = directory / "trace.json"
        self.process = subprocess.Popen(
            [*ARGTRACE, "--json", "-o", str(self.file), *options],
            env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )
        end = time.monotonic() + 60 * SLOWER
        while not self.file.exists() or '"type":"start"' not in self.file.read_text():
            assert self.process.poll() is None, self.process.communicate()[1]
            assert time.monotonic() < end, "argtrace does not begin"
            time.sleep(0.05)

    def stop(self) -> list[Json]:
        self.process.terminate()  # SIGINT may be ignored, in a guest or behind &
        self.process.communicate(timeout=60)
        return self.read()

    def read(self) -> list[Json]:
        return [json.loads(line) for line in self.file.read_text().splitlines()]


def marks(lines: list[Json]) -> set[str]:
    """Who opened what is not there."""
    names = [
        str(arg(line, "filename")["value"])
        for line in lines
        if line["type"] == "call" and line["name"] in ("open", "openat")
    ]
    return {name.removeprefix("/nosuch/") for name in names if name.startswith("/nosuch/")}
