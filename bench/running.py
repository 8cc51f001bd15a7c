"""One run of a tracer: how long, how much CPU time and memory, which calls it showed.

The tracer's CPU time is that of its process alone: utime and stime of /proc/PID/stat
(proc_pid_stat(5)), read when it has ended and is not yet reaped; what its children, the traced ones
among them, took stands in other fields. Its memory is VmHWM (proc_pid_status(5)), which counts the
pages of a mapped ring too, as often as they are mapped; looked at every 20 ms.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from argtrace.kernel.calls import Linux
from bench import bpf_stats
from bench.peers import ENVIRONMENT, BenchError, Peer, call_name
from bench.subjects import Subject

_TICK = os.sysconf("SC_CLK_TCK")
_LOOK = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Run:
    """`ns`: of the workload's own clock. `shown`: of the compared calls, by name; `lost`: what the
    tracer says, None for one that cannot lose. `whole`: seconds from its start to its end."""

    ns: int
    whole: float
    cpu: float = 0
    memory: int = 0
    shown: Mapping[str, int] | None = None
    lost: int | None = None


def alone(subject: Subject) -> Run:
    """The workload without a tracer."""
    begin = time.perf_counter()
    subprocess.run(subject.command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return Run(subject.reported().ns, time.perf_counter() - begin)


def beside_empty_programs(subject: Subject, kernel: Linux) -> Run:
    """The workload with a pair of programs on its calls that do nothing: the floor for all BPF."""
    with bpf_stats.empty_pair(kernel):
        return alone(subject)


def traced(peer: Peer, subject: Subject, directory: Path, *, filtered: bool, timeout: float) -> Run:
    """The workload under a tracer. Raises BenchError when either fails."""
    output, said = directory / "trace", directory / "said"
    make = peer.filtered if filtered else peer.everything
    assert make is not None
    command = make(str(output), subject.command, subject.tree)
    subject.report.write_bytes(b"")
    with said.open("wb") as errors:
        process = start(command, peer.surroundings(), errors.fileno())
    try:
        whole, memory = _watch(process, timeout)
        cpu = cpu_seconds(process.pid)
        status = process.wait()
        try:
            report = subject.reported()
        except BenchError as error:
            raise BenchError(f"{peer.name}: {subject.name} ended with {status}: {_tail(said)}") from error
        shown = Counter[str]()
        lost = 0
        for file in (output, said):
            calls, missing = read(peer, file)
            shown.update(calls)
            lost += missing
        if not filtered and not any(shown[name] for name in subject.compared):
            raise BenchError(f"{peer.name} showed nothing of {subject.name}: {_tail(said)}")
        return Run(
            report.ns,
            whole,
            cpu,
            memory,
            {name: shown[name] for name in subject.compared},
            None if peer.lost is None else lost,
        )
    finally:
        if process.returncode is None:
            end(process)
        output.unlink(missing_ok=True)


def _tail(said: Path) -> str:
    return said.read_text(errors="replace").strip()[-400:] or "it gave no reason"


def start(command: list[str], environment: Mapping[str, str], errors: int) -> subprocess.Popen[bytes]:
    """In a session of its own, so that it and what it starts can be ended together."""
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        start_new_session=True,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """With all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _watch(process: subprocess.Popen[bytes], timeout: float) -> tuple[float, int]:
    """Until it has ended, without reaping it: seconds, and the most memory it had."""
    begin = time.perf_counter()
    memory = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        memory = max(memory, peak(process.pid))
        if time.perf_counter() - begin > timeout:
            raise BenchError(f"not done after {timeout:.0f} s; --timeout gives more, --quick less work")
        time.sleep(_LOOK)
    return time.perf_counter() - begin, memory


def peak(pid: int) -> int:
    """VmHWM in bytes; 0 for a process that has ended."""
    with contextlib.suppress(OSError):
        found = re.search(rb"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_bytes(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0


def cpu_seconds(pid: int) -> float:
    """utime and stime, fields 14 and 15 of proc_pid_stat(5): all threads, no children."""
    fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def read(peer: Peer, file: Path) -> tuple[Counter[str], int]:
    """The calls that a file shows, by name, and what it says was lost."""
    if not file.exists() or not file.stat().st_size:
        return Counter(), 0
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as data:
        found = Counter(match[1] for match in peer.line.finditer(data))
        lost = 0 if peer.lost is None else sum(int(match[1]) for match in peer.lost.finditer(data))
    return Counter({call_name(name): count for name, count in found.items()}), lost
