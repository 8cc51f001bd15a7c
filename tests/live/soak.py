"""The whole system traced for a long time: is memory flat, is every loss accounted for, what does it cost?

    python -m tests.live.soak MINUTES STORM     in a guest: it traces every process there is

Meanwhile STORM (targets/storm.c, built) forks as fast as it can, each child making one getppid, and a
web server is asked by clients. Nobody else makes that call, so each is either a line or among those lost.
(Whose fork was lost has no name in its lines.)
By hand, since it takes as long as one likes; docs/reliability.md has what it said.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from tests.support.live import ARGTRACE, ENVIRONMENT

ROOT = Path(__file__).parents[2]
PORT = 8123
SERVER = (sys.executable, "-m", "http.server", "-b", "127.0.0.1")
PARENTS, CHILDREN = 2, 100
EVERY = 30.0  # seconds between looks
PID_MAX = 1 << 22
"""As systemd has it: what is remembered of a process must not stay until its id is another one's."""

CLIENT = f"""
import time, urllib.request
while True:
    try:
        urllib.request.urlopen("http://127.0.0.1:{PORT}/", timeout=30).read()
    except OSError:
        time.sleep(0.2)
"""


def main(minutes: float, storm: str) -> int:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    Path("/proc/sys/kernel/pid_max").write_text(str(PID_MAX))
    with tempfile.TemporaryDirectory() as directory:
        background = [
            subprocess.Popen([*SERVER, "-d", directory, str(PORT)], stderr=subprocess.DEVNULL),
            *(subprocess.Popen([sys.executable, "-c", CLIENT]) for _ in range(2)),
        ]  # fmt: skip

        def stop() -> None:
            for process in background:
                process.kill()
                process.wait()

        try:
            _served()
            return _watch(minutes * 60, storm, Path(directory), stop)
        finally:
            stop()


def _served() -> None:
    end = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=30).read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
        else:
            return


def _watch(seconds: float, storm: str, directory: Path, stop: Callable[[], None]) -> int:
    """`stop`: ends what else is running."""
    with open(directory / "counted", "w+") as counted, open(directory / "said", "w+") as said:
        tracer = subprocess.Popen(
            [*ARGTRACE, "-a", "-v", "-o", "|grep -c 'getppid('"], stdout=counted, stderr=said,
            env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        _attached(tracer.pid)
        begun = time.monotonic()
        forked, looks, looked = 0, [], begun
        while time.monotonic() - begun < seconds:
            subprocess.run([storm, str(PARENTS), str(CHILDREN)], check=True)
            forked += PARENTS * CHILDREN
            if time.monotonic() - looked >= EVERY:
                looked = time.monotonic()
                looks.append(_resident(tracer.pid))
                print(f"{looked - begun:7.0f} s  {forked:9} forks  {looks[-1]:6.1f} MiB", flush=True)
        wall = time.monotonic() - begun
        used = _cpu(tracer.pid)
        stop()  # what the ring has is still to be read, which takes a slow guest minutes
        tracer.send_signal(signal.SIGTERM)
        tracer.wait(1200)
        counted.seek(0)
        said.seek(0)
        shown, told = int(counted.read()), said.read()
    found = re.search(r"(\d+) events, (\d+) lost(?:: (.*))?", told)
    assert found is not None, told
    by_call = dict(part.rsplit(" ", 1) for part in (found[3] or "").split(", ") if part)
    lost = int(by_call.get("getppid", 0))
    print(f"kernel {os.uname().release}, {os.cpu_count()} CPUs, {wall:.0f} s")
    print(
        f"events {found[1]}, lost {found[2]}; CPU of argtrace {used:.1f} s, {100 * used / wall:.1f} % of one"
    )
    print(f"getppid: {forked} made, {shown} shown, {lost} lost, {forked - shown - lost} unaccounted for")
    if looks:
        print(f"resident: first {looks[0]:.1f}, most {max(looks):.1f}, last {looks[-1]:.1f} MiB")
    print(told.strip()[-2000:])
    return int(forked != shown + lost)


def _attached(pid: int) -> None:
    """Wait until its programs are there: a map of the ring is what a session has, once it reads."""
    end = time.monotonic() + 300
    while "bpf-map" not in Path(f"/proc/{pid}/maps").read_text():
        assert time.monotonic() < end, "argtrace does not begin"
        time.sleep(0.5)
    time.sleep(20)  # and those that were there before are found


def _resident(pid: int) -> float:
    """MiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


def _cpu(pid: int) -> float:
    """Seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NPROC, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sys.exit(main(float(sys.argv[1]), sys.argv[2]))
