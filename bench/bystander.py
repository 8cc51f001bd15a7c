"""How much slower are processes that nobody traces? A getppid loop beside a tracer of `sleep`.

    python -m bench.bystander [--rounds N] [--count N] [--peers NAME ...] [--markdown]

The loop is not traced. Every round runs it without any tracer, beside a pair of empty programs on
sys_enter and sys_exit (the floor of every tracer that uses them), and beside each tracer, while that
traces a `sleep` which makes no calls. "added" is against the same round without; "x floor" is that as a
multiple of what the empty pair adds, the figure to compare between machines.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from argtrace.kernel.calls import Linux
from bench import bpf_stats, printing, running
from bench.peers import BenchError, Peer, choose
from bench.printing import figure, median
from bench.subjects import Builder, Subject

_PATIENCE = 20  # seconds for a tracer to start, and to end
_SETTLE = 0.3

_FLOOR = "a pair of empty programs"

Beside = Callable[[], AbstractContextManager[object]]


@contextlib.contextmanager
def tracing_sleep(peer: Peer, directory: Path) -> Iterator[int]:
    """A tracer whose command sleeps; its process id."""
    assert peer.everything is not None
    command = peer.everything(str(directory / "trace"), ("/bin/sleep", "1000"), False)
    with (directory / "said").open("wb") as errors:
        process = running.start(command, peer.surroundings(), errors.fileno())
    try:
        sleeper = _sleeper(process)
        if sleeper is None:
            reason = (directory / "said").read_text(errors="replace").strip().rpartition("\n")[2]
            raise BenchError(f"{peer.name}: its command did not start in {_PATIENCE} s: {reason}")
        time.sleep(_SETTLE)
        yield process.pid
        # The tracer ends with its command, as it always does.
        os.kill(sleeper, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    finally:
        running.end(process)


def _sleeper(process: subprocess.Popen[bytes]) -> int | None:
    """The tracer's child, once it sleeps; None if that does not come."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        for entry in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                before, _, after = Path(f"/proc/{entry}/stat").read_text().rpartition(")")
                if int(after.split()[1]) == process.pid and before.endswith("(sleep"):
                    return int(entry)
        time.sleep(0.02)
    return None


def rounds(loop: Subject, settings: dict[str, Beside], count: int) -> Iterator[tuple[str, float, float]]:
    """Name, ns a call, and that of the same round with nothing beside it. One that fails is told once."""
    failed: set[str] = set()
    running.alone(loop)
    for _ in range(count):
        alone = running.alone(loop).ns / loop.calls
        yield "nothing", alone, alone
        for name, beside in settings.items():
            if name in failed:
                continue
            try:
                with beside():
                    each = running.alone(loop).ns / loop.calls
            except BenchError as error:
                failed.add(name)
                print(f"left out: {error}")
            else:
                yield name, each, alone


def _arguments() -> argparse.Namespace:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=2_000_000, help="calls of the loop")
    parser.add_argument("--peers", nargs="+", default=[], metavar="NAME", help="or how it begins")
    parser.add_argument("--markdown", action="store_true")
    return parser.parse_args()


def main() -> None:
    wanted = _arguments()
    kernel = Linux()
    try:
        used, left_out = choose(wanted.peers)
        used = [peer for peer in used if peer.everything]
        print(printing.surroundings(used))
        with tempfile.TemporaryDirectory() as directory:
            loop = Builder(Path(directory)).loop("getppid", wanted.count)
            settings: dict[str, Beside] = {_FLOOR: lambda: bpf_stats.empty_pair(kernel)}
            for peer in used:
                settings[peer.name] = lambda peer=peer: tracing_sleep(peer, Path(directory))  # type: ignore[misc]
            found: dict[str, list[tuple[float, float]]] = {}
            for name, each, alone in rounds(loop, settings, wanted.rounds):
                found.setdefault(name, []).append((each, alone))
    except BenchError as error:
        sys.exit(f"bench.bystander: {error}")
    added = {name: median(each - alone for each, alone in pairs) for name, pairs in found.items()}
    rows = (
        (
            name,
            figure(median(each for each, _ in pairs), 0),
            figure(added[name], 0),
            figure(median(each / alone for each, alone in pairs)),
            figure(added[name] / added[_FLOOR]),
        )
        for name, pairs in found.items()
    )
    print(f"\ngetppid, {wanted.count} times, not traced, beside a tracer of sleep\n")
    print(printing.table(("beside", "ns a call", "added ns", "x", "x floor"), rows, markdown=wanted.markdown))
    for name, why in left_out.items():
        print(f"left out: {name}: {why}")


if __name__ == "__main__":
    main()
