"""What counting costs the counted: `argtrace -s` beside perf trace -s, bpftrace and syscount.

    python -m bench.summary [--rounds N] [--calls N]

A loop of getppid under each in turn, round by round: the CPU time of one call, median and least,
what each tool adds to it, and whether its count is right. perf, bpftrace and argtrace start the
loop; syscount (libbpf-tools) is attached to it, and needs no times unless it is asked for (-L).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from argtrace.signature.syscalls import NUMBERS

_WORKLOAD = Path(__file__).parent / "workloads" / "count.c"
_READY = 2.0
"""Seconds that a tool which is attached gets to begin; none says when it has."""

_ARGTRACE = [sys.executable, "-m", "argtrace"]
_COUNT = "tracepoint:raw_syscalls:sys_enter /pid == cpid/ { @[args->id] = count(); }"
_NUMBER = NUMBERS["getppid"]


@dataclass(frozen=True, slots=True)
class Tool:
    """`attach`: it gets `-p PID`, else the command. `counted` finds how many getppid it saw."""

    name: str
    command: tuple[str, ...]
    counted: re.Pattern[str]
    attach: bool = False
    joined: bool = False
    """The command is one word, for a shell."""


TOOLS = [
    Tool("argtrace -s", (*_ARGTRACE, "-s"), re.compile(r"getppid +(\d+)")),
    Tool("argtrace -s --no-times", (*_ARGTRACE, "-s", "--no-times"), re.compile(r"getppid +(\d+)")),
    Tool("argtrace -s --by thread", (*_ARGTRACE, "-s", "--by", "thread"), re.compile(r"getppid +(\d+)")),
    Tool("perf trace -s", ("perf", "trace", "-s"), re.compile(r"getppid +(\d+)")),
    Tool(
        "bpftrace count()",
        ("bpftrace", "-e", _COUNT, "-c"),
        re.compile(rf"@\[{_NUMBER}\]: (\d+)"),
        joined=True,
    ),
    Tool("syscount", ("syscount",), re.compile(r"getppid +(\d+)"), attach=True),
    Tool("syscount -L", ("syscount", "-L"), re.compile(r"getppid +(\d+)"), attach=True),
]


@dataclass(slots=True)
class Found:
    times: list[float] = field(default_factory=list)
    counts: set[int | None] = field(default_factory=set)


def run(tool: Tool | None, loop: list[str]) -> tuple[float, int | None]:
    """CPU ns a call, and what the tool counted."""
    if tool is None:
        ended = subprocess.run(loop, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        return float(ended.stdout), None
    if tool.attach:
        return _attached(tool, loop)
    traced = [" ".join(loop)] if tool.joined else loop
    ended = subprocess.run(
        [*tool.command, *traced], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return _time(ended.stdout + ended.stderr), _count(tool, ended.stdout + ended.stderr)


def _attached(tool: Tool, loop: list[str]) -> tuple[float, int | None]:
    traced = subprocess.Popen(loop, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tracer = subprocess.Popen(
        [*tool.command, "-p", str(traced.pid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    time.sleep(_READY)
    said, _ = traced.communicate("x")
    tracer.send_signal(signal.SIGINT)
    told, _ = tracer.communicate()
    return float(said), _count(tool, told)


def _time(text: str) -> float:
    (found,) = re.findall(r"^(\d+\.\d\d)$", text, re.MULTILINE)
    return float(found)


def _count(tool: Tool, text: str) -> int | None:
    found = tool.counted.search(text)
    return None if found is None else int(found[1])


def _version(*command: str) -> str:
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return (told.stdout or told.stderr).partition("\n")[0]


def main() -> None:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=200_000)
    wanted = parser.parse_args()
    here = [tool for tool in TOOLS if shutil.which(tool.command[0])]
    found: dict[str, Found] = {name: Found() for name in ("no tracer", *(tool.name for tool in here))}
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, "count")
        subprocess.run(["gcc", "-O2", "-o", program, str(_WORKLOAD)], check=True)
        loop = [program, str(wanted.calls)]
        for _ in range(wanted.rounds):
            for tool in (None, *here):
                took, counted = run(tool, loop)
                into = found["no tracer" if tool is None else tool.name]
                into.times.append(took)
                into.counts.add(counted)
    print(f"Linux {os.uname().release}; {wanted.rounds} rounds of {wanted.calls} calls of getppid")
    for command in (_ARGTRACE, ["perf"], ["bpftrace"], ["syscount"]):
        if shutil.which(command[0]):
            print(_version(*command, "--version"))
    show(found, wanted.calls)


def show(found: dict[str, Found], calls: int) -> None:
    alone = found["no tracer"].times
    print(f"{'':<26}{'median ns':>10}{'added':>8}{'least ns':>10}{'added':>8}  counted")
    for name, each in found.items():
        middle, least = statistics.median(each.times), min(each.times)
        right = "" if name == "no tracer" else "exactly" if each.counts == {calls} else f"{each.counts}"
        print(
            f"{name:<26}{middle:>10.1f}{middle - statistics.median(alone):>8.1f}"
            f"{least:>10.1f}{least - min(alone):>8.1f}  {right}"
        )


if __name__ == "__main__":
    main()
