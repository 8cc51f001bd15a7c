"""How long an event takes to whoever reads the trace, where events are few: through a pipe, as JSON.

    python -m bench.latency [--count N]         root

From the end of each nanosleep of a traced program to the moment its line can be read. What is
shown is the trace's own time stamps against the reader's clock, both CLOCK_MONOTONIC.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

PROGRAM = "import time\nfor _ in range({count}): time.sleep(0.037)"
GOAL = 50.0  # ms


def latencies(count: int) -> list[float]:
    """ms, of each call."""
    command = [sys.executable, "-I", "-c", PROGRAM.format(count=count)]
    argtrace = [sys.executable, "-m", "argtrace", "--json", "-e", "clock_nanosleep", "-o", "-", "--"]
    found = []
    with subprocess.Popen([*argtrace, *command], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        for line in running.stdout:
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
            event = json.loads(line)
            if event["type"] == "call":
                found.append((now - event["time"] - event["duration"]) / 1e6)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    wanted = parser.parse_args()
    found = latencies(wanted.count)
    print(f"Linux {os.uname().release}: {len(found)} events, one in 37 ms, seen after")
    print(f"median {statistics.median(found):.1f} ms, most {max(found):.1f} ms (goal: {GOAL:.0f} ms)")


if __name__ == "__main__":
    main()
