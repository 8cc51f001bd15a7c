"""From start to finish of `true`: under each tracer, and where argtrace's time goes.

    python -m bench.startup [ROUNDS]

Tracers take turns, so that what else the machine does meets all of them; the figure to read is the ratio
of medians. `argtrace, cold` has nothing kept of an earlier trace. The parts are those of one trace in one
process, the best of ROUNDS: what runs beside another part is told in parentheses.
"""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PYTHON = [sys.executable, "-m", "argtrace"]
# A program that has all bpftrace needs for a line a call.
BPFTRACE = 'tracepoint:raw_syscalls:sys_enter { printf("%d\n", args->id); }'
TOOLS: dict[str, list[str]] = {
    "nothing": ["true"],
    "python -I -c pass": [sys.executable, "-I", "-c", "pass"],
    "import argtrace": [sys.executable, "-c", "import argtrace"],
    "strace -f": ["strace", "-f", "-o", "/dev/null", "true"],
    "perf trace": ["perf", "trace", "-o", "/dev/null", "true"],
    "bpftrace -c": ["bpftrace", "-o", "/dev/null", "-c", "/bin/true", "-e", BPFTRACE],
    "argtrace": [*PYTHON, "-o", "/dev/null", "true"],
    "argtrace -e openat": [*PYTHON, "-e", "openat", "-o", "/dev/null", "true"],
    "argtrace, cold": [*PYTHON, "-o", "/dev/null", "true"],
}

# Of one trace, in a process of its own: each statement, and what it is.
PARTS = """
import time
begin = last = time.perf_counter()
def part(name):
    global last
    now = time.perf_counter()
    print(f"{name}={(now - last) * 1000}")
    last = time.perf_counter()
from argtrace.cli import options, trace
part("imports before the command is forked")
from argtrace import kept, start
from argtrace.options import Options
from argtrace.processes import Command
part("imports before loading")
wanted = options.parser().parse_args(["true"])
part("options")
command = Command(["true"])
part("fork")
from argtrace.target import host
ready = kept.ready(Options(), host())
part("what was kept")
from argtrace.kernel.calls import Linux
begun = start.Begun(Linux(), ready)
part("maps")
begun._join()
part("programs, alone")
from argtrace.session import Session
part("imports (beside loading)")
session = Session(Options(), begun=begun).__enter__()
part("maps filled, programs attached")
from argtrace.present import output, spell, text
sink = text.TextSink(output.to_file("/dev/null"), text.Perf(text.Options(origin=0, realtime=0)), ())
part("imports for output")
session.run(command)
for events in session.batches():
    for event in events:
        sink.event(event)
part("run, decode, print")
session.close()
part("close")
"""

PREPARING = """
import time
last = time.perf_counter()
def part(name):
    global last
    now = time.perf_counter()
    print(f"{name}={(now - last) * 1000}")
    last = time.perf_counter()
from argtrace import prepare, running_kernel
from argtrace.options import Options
from argtrace.target import host
part("imports for preparing")
running_kernel.fields(host())
part("offsets from BTF")
with running_kernel.formats() as read:
    from argtrace.signature import syscalls
    syscalls.signatures(syscalls.NAMES, read)
part("formats of all calls")
prepared = prepare.prepare(Options())
part("all of preparing, with those read again")
prepared.programs.loadable()
part("to bytes")
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    # Byte code is cached, as it is for an installed package.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as directory:
        environment["XDG_CACHE_HOME"] = directory
        _side_by_side(rounds, environment)
        _parts("Where it goes, of a second trace", PARTS, rounds, environment, _nothing)
        _parts("and of a first one besides", PREPARING, rounds, environment, lambda: _forget(directory))


def _side_by_side(rounds: int, environment: dict[str, str]) -> None:
    tools = {name: command for name, command in TOOLS.items() if shutil.which(command[0])}
    seconds: dict[str, list[float]] = {name: [] for name in tools}
    worked: dict[str, list[float]] = {name: [] for name in tools}
    for _ in range(rounds + 1):
        for name, command in list(tools.items()):
            with (
                _cold(environment) if name.endswith("cold") else contextlib.nullcontext(environment) as given
            ):
                begin, before = time.perf_counter(), _cpu()
                ended = subprocess.run(command, env=given, check=False, capture_output=True)
                seconds[name].append(time.perf_counter() - begin)
                worked[name].append(_cpu() - before)
            if ended.returncode:
                print(f"{name} is left out: it ends with {ended.returncode} here")
                del tools[name], seconds[name], worked[name]
    # The first round warms caches.
    medians = {name: statistics.median(times[1:]) * 1000 for name, times in seconds.items()}
    versions = (
        _version("strace", "--version"),
        _version("perf", "--version"),
        _version("bpftrace", "--version"),
    )
    print(f"Linux {os.uname().release}, Python {sys.version.split()[0]}, {', '.join(versions)}")
    load = os.getloadavg()[0]
    print(f"median of {rounds}, load {load:.1f} on {len(os.sched_getaffinity(0))} CPUs")
    head = ("median ms", "least ms", "CPU ms", "/ strace", "/ perf")
    print(f"{'start to finish of':<20} {head[0]:>10} {head[1]:>9} {head[2]:>7} {head[3]:>9} {head[4]:>9}")
    for name, median in medians.items():
        ratios = [median / medians[peer] if peer in medians else 0 for peer in ("strace -f", "perf trace")]
        least, cpu = min(seconds[name][1:]) * 1000, statistics.median(worked[name][1:]) * 1000
        print(f"{name:<20} {median:>10.1f} {least:>9.1f} {cpu:>7.1f} {ratios[0]:>9.2f} {ratios[1]:>9.2f}")


def _parts(
    title: str, script: str, rounds: int, environment: dict[str, str], before: Callable[[], None]
) -> None:
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        before()
        ended = subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True
        )
        for line in ended.stdout.splitlines():
            name, _, milliseconds = line.rpartition("=")
            found.setdefault(name, []).append(float(milliseconds))
    print(f"\n{title}:")
    for name, times in found.items():
        print(f"{name:<44} {statistics.median(times):>8.1f} {min(times):>8.1f}")


def _cpu() -> float:
    """Seconds of all children that have ended: on a busy machine they say more than a clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _nothing() -> None:
    """Before a trace that finds all that was kept."""


def _forget(directory: str) -> None:
    shutil.rmtree(Path(directory) / "argtrace", ignore_errors=True)


@contextlib.contextmanager
def _cold(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory() as directory:
        yield environment | {"XDG_CACHE_HOME": directory}


def _version(*command: str) -> str:
    if not shutil.which(command[0]):
        return f"no {command[0]}"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


if __name__ == "__main__":
    main()
