"""From start to finish of `true` under each tracer, in one alternating run.

    python bench/startup.py [ROUNDS]

Machines are noisy, so the figure to read is the ratio of medians in the last
columns, not the milliseconds.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time

PYTHON = [sys.executable, "-m", "argtrace"]
TOOLS: dict[str, list[str]] = {
    "nothing": ["true"],
    "strace -f": ["strace", "-f", "-o", "/dev/null", "true"],
    "perf trace": ["perf", "trace", "-o", "/dev/null", "true"],
    "argtrace": [*PYTHON, "-o", "/dev/null", "true"],
    "argtrace -e openat": [*PYTHON, "-e", "openat", "-o", "/dev/null", "true"],
}


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    tools = {name: command for name, command in TOOLS.items() if shutil.which(command[0])}
    # Byte code is cached, as it is for an installed package.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    seconds: dict[str, list[float]] = {name: [] for name in tools}
    for _ in range(rounds + 1):
        for name, command in tools.items():
            begin = time.perf_counter()
            subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
            seconds[name].append(time.perf_counter() - begin)
    # The first round warms caches.
    medians = {name: statistics.median(times[1:]) * 1000 for name, times in seconds.items()}
    print(f"Linux {os.uname().release}, {_version('strace', '--version')}, {_version('perf', '--version')}")
    print(f"{'true under':<20} {'median ms':>10} {'/ strace':>9} {'/ perf':>9}")
    for name, median in medians.items():
        ratios = [median / medians[peer] if peer in medians else 0 for peer in ("strace -f", "perf trace")]
        print(f"{name:<20} {median:>10.1f} {ratios[0]:>9.2f} {ratios[1]:>9.2f}")


def _version(*command: str) -> str:
    if not shutil.which(command[0]):
        return f"no {command[0]}"
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


if __name__ == "__main__":
    main()
