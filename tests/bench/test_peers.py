"""How the benchmark reads what each tracer wrote: every call counted once, losses found."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from argtrace.kernel.calls import Linux
from bench import bpf_stats, running
from bench.peers import Peer, bpftrace_script, peers
from bench.subjects import Builder

# As each printed it: a whole call, one that was interrupted, one with a line of another shape around.
PERF = b"""\
         ? (         ): loop/12534  ... [continued]: execve())                 = 0
     0.080 ( 0.022 ms): loop/12534 openat(dfd: CWD, filename: "a/1 b(", flags: RDONLY) = 3
     0.100 (         ): a (b)/12535 wait4(upid: -1, options: 0)                ...
     0.100 ( 0.070 ms): a (b)/12535  ... [continued]: wait4())                 = 12534
LOST 12 events!
     0.300 (         ): loop/12534 exit_group()                                = ?
LOST 30 events!
"""
STRACE = b"""\
12534 openat(AT_FDCWD, "7 read(", O_RDONLY) = 3
12535 wait4(-1,  <unfinished ...>
12534 exit_group(0)                     = ?
12535 <... wait4 resumed>NULL, 0, NULL) = 12534
12534 +++ exited with 0 +++
"""
BPFTRACE = b"""\
Attaching 3 probes...
12534 loop openat(/etc/1 2 3) = 3
12534 a name 3 = 0
12534 loop 110 = -7
Lost 42 events
"""
JSON = b"""\
{"type":"start","schema":1}
{"type":"call","time":1,"duration":2,"pid":1,"tid":1,"comm":"x","name":"close","number":3,"args":[]}
{"type":"exit","time":1,"pid":1,"comm":"x"}
"""
SAID = b"3 events, 14 lost: openat 14\n"

needs_gcc = pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")


@pytest.fixture
def known() -> dict[str, Peer]:
    return {peer.name: peer for peer in peers()}


@pytest.mark.parametrize(
    ("name", "wrote", "calls", "lost"),
    [
        pytest.param("perf trace", PERF, {"openat": 1, "wait4": 1, "exit_group": 1}, 42, id="perf trace"),
        pytest.param("strace -f", STRACE, {"openat": 1, "wait4": 1, "exit_group": 1}, 0, id="strace"),
        pytest.param("bpftrace", BPFTRACE, {"openat": 1, "close": 1, "getppid": 1}, 42, id="bpftrace"),
        pytest.param("argtrace --json", JSON, {"close": 1}, 0, id="argtrace in JSON"),
        pytest.param("argtrace", SAID, {}, 14, id="argtrace's last word"),
        pytest.param("argtrace", b"", {}, 0, id="nothing"),
    ],
)
def test_calls_and_losses_are_counted(
    name: str, wrote: bytes, calls: dict[str, int], lost: int, known: dict[str, Peer], tmp_path: Path
) -> None:
    file = tmp_path / "trace"
    file.write_bytes(wrote)

    assert running.read(known[name], file) == (calls, lost)


def test_what_perf_kept_in_a_variable_is_one_peer_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERF612", raising=False)
    assert not next(peer for peer in peers() if "6.12" in peer.name).found()

    monkeypatch.setenv("PERF612", sys.executable)
    assert next(peer for peer in peers() if "6.12" in peer.name).found()


@pytest.mark.parametrize("tree", [False, True])
def test_bpftrace_has_one_end(tree: bool) -> None:
    # bpftrace refuses a second END, which once left it out of half of all rows.
    assert bpftrace_script(tree).count("END") == 1


@needs_gcc
def test_a_loop_tells_its_calls(tmp_path: Path) -> None:
    loop = Builder(tmp_path).loop("openat", 1000)

    assert loop.compared == {"openat": 1003, "close": 1000}
    assert running.alone(loop).ns > 0


@needs_gcc
def test_strace_counts_what_the_loop_tells(tmp_path: Path, known: dict[str, Peer]) -> None:
    strace = known["strace -f"]
    if not strace.found():
        pytest.skip("no strace")
    loop = Builder(tmp_path).loop("openat", 100)

    run = running.traced(strace, loop, tmp_path, filtered=False, timeout=60)

    assert run.shown == loop.compared


def test_processor_time_is_that_of_the_process_alone(tmp_path: Path) -> None:
    """A shell that only waits for a busy child has taken none."""
    busy = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.5: pass'; :"
    process = subprocess.Popen(["sh", "-c", busy])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert running.cpu_seconds(process.pid) < 0.2
    finally:
        assert process.wait() == 0


def test_links_are_read_from_fdinfo(tmp_path: Path) -> None:
    link = "pos:\t0\nlink_type:\traw_tracepoint\nprog_tag:\tf2\nprog_id:\t{}\ntp_name:\t{}\ncookie:\t0\n"
    for fd, text in enumerate(
        [link.format(7, "sys_enter"), link.format(8, "sys_exit"), link.format(9, "sys_exit"), "pos:\t0\n"]
    ):
        (tmp_path / str(fd)).write_text(text)

    links = bpf_stats.links(tmp_path)

    assert {name: sorted(of) for name, of in links.items()} == {"sys_enter": [7], "sys_exit": [8, 9]}


@needs_gcc
@pytest.mark.live
def test_the_kernel_counts_runs(tmp_path: Path) -> None:
    kernel, loop = Linux(), Builder(tmp_path).loop("getppid", 10_000)
    with bpf_stats.counting(kernel), bpf_stats.empty_pair(kernel) as programs:
        running.alone(loop)
        found = bpf_stats.attached(kernel, os.getpid(), 1)
        spent = {end: bpf_stats.spent(kernel, of) for end, of in found.items()}
        for descriptor in [each for of in found.values() for each in of]:
            descriptor.close()

    assert spent.keys() == programs.keys() == {bpf_stats.ENTER, bpf_stats.EXIT}
    assert all(each.runs >= 10_000 and each.ns > 0 for each in spent.values())
