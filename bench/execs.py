"""A storm of execs beside execsnoop, bpftrace and strace: how many starts and arguments each shows.

    python -m bench.execs [--count N] [--width N]          root

Each exec has 200 arguments of 1,000 bytes, its own; every second one fails, since there is no such file.
Every argument is looked for in what a tracer wrote, byte for byte. Those tracers that have no command of
their own are given a user that nobody else is (execsnoop -u, a filter on uid), so that nobody else's
programs are shown.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import ENVIRONMENT, BenchError
from bench.subjects import Builder

ARGUMENTS, LENGTH = 200, 1000
USER = 61_234
"""Nobody's: no process of another may have it."""

_ARGUMENT = re.compile(rb"(\d{6})\.(\d{3})\.([a-z]*)")
_NAME = re.compile(rb"storm(\d{6})\b")
_ROOT = str(Path(__file__).parents[1])
_PATIENCE = 3.0  # seconds that a tracer has to attach, and to write what is left


@dataclass(frozen=True, slots=True)
class Tool:
    """`command`: from the file to write and the storm's own command; one that is not `starts` it has the
    storm beside it. `lost`: what it says of losses."""

    name: str
    command: Callable[[str, Sequence[str]], list[str]]
    starts: bool
    lost: re.Pattern[bytes] | None = None
    needs: str = ""

    def found(self) -> bool:
        return shutil.which(self.needs) is not None


_BPFTRACE = f"""
tracepoint:syscalls:sys_enter_execve /uid == {USER}/ {{ printf("%d ", pid); join(args->argv); }}
"""

_LOST = re.compile(rb"(?:Lost|lost) (\d+)|(\d+) lost")


def _to_file(*words: str) -> Callable[[str, Sequence[str]], list[str]]:
    """A tool that writes to its standard output."""
    return lambda output, _: ["sh", "-c", f"exec stdbuf -oL {shlex.join(words)} > {shlex.quote(output)}"]


def _argtrace(*options: str) -> Callable[[str, Sequence[str]], list[str]]:
    words = [sys.executable, "-m", "argtrace", "exec", "-v", *options]
    return lambda output, storm: [*words, "-o", output, "--", *storm]


TOOLS = (
    Tool("argtrace exec", _argtrace(), starts=True, lost=_LOST, needs=sys.executable),
    Tool("argtrace exec --json", _argtrace("--json"), starts=True, lost=_LOST, needs=sys.executable),
    Tool(
        "strace -f -v -s 1000",
        lambda output, storm: [
            "strace", "-f", "-v", "-s", str(LENGTH), "-e", "trace=execve,execveat", "-o", output, *storm
        ],
        starts=True,
        needs="strace",
    ),
    Tool(
        "execsnoop (libbpf), --max-args 60",
        _to_file("execsnoop", "-x", "-u", str(USER), "--max-args", "60"),
        starts=False,
        lost=_LOST,
        needs="execsnoop",
    ),
    Tool(
        "execsnoop (libbpf), as it is",
        _to_file("execsnoop", "-x", "-u", str(USER)),
        starts=False,
        lost=_LOST,
        needs="execsnoop",
    ),
    Tool(
        "execsnoop (bcc), --max-args 200",
        _to_file("execsnoop-bpfcc", "-x", "-u", str(USER), "--max-args", "200"),
        starts=False,
        lost=_LOST,
        needs="execsnoop-bpfcc",
    ),
    Tool(
        "bpftrace, join(args->argv)",
        _to_file("bpftrace", "-e", _BPFTRACE),
        starts=False,
        lost=_LOST,
        needs="bpftrace",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """`whole`: starts with every argument, each of all its bytes; `arguments`: how many such there were in
    all; `seen`: starts of which there was anything. `said`: its own last words, where it failed."""

    seconds: float
    seen: int
    whole: int
    arguments: int
    lost: int | None
    said: str = ""


def look(data: bytes, count: int) -> tuple[int, int, int]:
    """Starts seen, starts whole, arguments whole."""
    arguments: dict[int, set[int]] = {}
    seen = {int(match[1]) for match in _NAME.finditer(data)}
    for match in _ARGUMENT.finditer(data):
        serial, at = int(match[1]), int(match[2])
        seen.add(serial)
        letter = b"%c" % (ord("a") + (serial + at) % 26)
        if match[3] == letter * (LENGTH - 11):
            arguments.setdefault(serial, set()).add(at)
    whole = sum(len(found) == ARGUMENTS for found in arguments.values())
    return len({s for s in seen if s < count}), whole, sum(map(len, arguments.values()))


def _settle(output: Path) -> None:
    """Until nothing more is written."""
    size = -1
    while size != (size := output.stat().st_size):
        time.sleep(_PATIENCE)


def run(tool: Tool, storm: Sequence[str], count: int, directory: Path) -> Shown:
    output, said = directory / "output", directory / "said"
    output.write_bytes(b"")
    surroundings = {**ENVIRONMENT, "PYTHONPATH": _ROOT, "BPFTRACE_STRLEN": "200"}
    with said.open("wb") as errors:
        process = subprocess.Popen(
            tool.command(str(output), storm), env=surroundings, stderr=errors, stdout=errors
        )
        begin = time.perf_counter()
        if not tool.starts:
            time.sleep(_PATIENCE * 3)
            begin = time.perf_counter()
            if process.poll() is None:
                subprocess.run(storm, check=True, env=ENVIRONMENT)
            seconds = time.perf_counter() - begin
            _settle(output)
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        status = process.wait()
        if tool.starts:
            seconds = time.perf_counter() - begin
    words = said.read_bytes()
    lost = None
    if tool.lost is not None:
        told = words if tool.starts else words + output.read_bytes()
        found = [int(match[1] or match[2]) for match in tool.lost.finditer(told)]
        lost = sum(found)
    last = words.decode(errors="replace").strip().rpartition("\n")[2] if status > 0 else ""
    return Shown(seconds, *look(output.read_bytes(), count), lost, last)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.execs", description=__doc__)
    parser.add_argument("--count", type=int, default=2000, help="execs (default: 2000)")
    parser.add_argument("--width", type=int, default=64, help="at a time (default: 64)")
    parser.add_argument("--only", metavar="WORD", default="", help="tools with this in their names")
    wanted = parser.parse_args()
    if os.geteuid():
        sys.exit("bench: only root may trace by BPF")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        try:
            program = Builder(directory).program("execstorm")
        except BenchError as error:
            sys.exit(f"bench: {error}")
        words = [program, str(directory / "report"), str(wanted.count), str(wanted.width), str(USER)]
        every = wanted.count * ARGUMENTS
        print(f"{wanted.count} execs, {wanted.width} at a time, {every} arguments of {LENGTH} bytes")
        print(
            f"{'':36} {'seconds':>8} {'starts':>7} {'whole':>7} {'arguments':>10} {'missing':>9} {'lost':>6}"
        )
        for tool in TOOLS:
            if wanted.only not in tool.name:
                continue
            if not tool.found():
                print(f"{tool.name:36} not installed")
                continue
            shown = run(tool, words, wanted.count, directory)
            lost = "-" if shown.lost is None else str(shown.lost)
            print(
                f"{tool.name:36} {shown.seconds:8.1f} {shown.seen:7} {shown.whole:7} {shown.arguments:10} "
                f"{every - shown.arguments:9} {lost:>6}  {shown.said[:60]}",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
