"""Nothing is lost of commands we start, nothing stays frozen, and who notices what."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from argtrace.cgroups import ours
from tests.live import freeze_kills as kills
from tests.live.conftest import Target, holding
from tests.support import live
from tests.support.live import ARGTRACE, ENVIRONMENT, arg
from tests.support.pen import becomes, state

pytestmark = pytest.mark.live

HELD = re.compile(r"the command was frozen (\d+) times, ([\d.]+) s")
SMALLEST = ("--buffer", "1M", "-v")


def held(stderr: str) -> int:
    found = HELD.search(stderr)
    return int(found[1]) if found else 0


def popen(
    *words: str, stdout: int = subprocess.DEVNULL, stderr: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ARGTRACE, *words],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        env=ENVIRONMENT | {"PYTHONPATH": kills.ROOT},
        start_new_session=True,
    )


@pytest.fixture
def nothing_left() -> Iterator[list[int]]:
    """A list for the ids of tracers: after the test they have no leaf and no guard."""
    tracers: list[int] = []
    yield tracers
    for tracer in tracers:
        gone = becomes(partial(no_leaf, tracer))
        for pid in (*kills.session(tracer), *(() if gone else (tracer,))):
            kills.kill(pid)
        assert gone, f"it was left to be killed: {tracer}"


def no_leaf(tracer: int) -> bool:
    return not kills.leaves(tracer)


# Nothing lost.


@holding
def test_no_record_is_lost_whatever_the_speed_of_the_reader(target: Target, tmp_path: Path) -> None:
    """Descriptors' paths are Python's work, some 20 us a call: the command is much faster."""
    options = ["-e", "openat,close", "-y", *SMALLEST]
    rounds = live.rounds(20_000)
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path)

    opens = [c for c in trace.calls("openat") if arg(c, "filename")["value"] == "/dev/zero"]
    assert held(trace.stderr) > 0, "the reader was fast enough: this shows nothing"
    assert (len(opens), trace.lost) == (rounds, 0)


@holding
def test_no_record_is_lost_of_many_processes(target: Target, tmp_path: Path) -> None:
    rounds = live.rounds(5000)
    command = f"for i in 1 2 3 4; do {target('loop')} {rounds} & done; wait"
    trace = live.run("sh", "-c", command, options=["-e", "openat", "-y", *SMALLEST], directory=tmp_path)

    opens = [c for c in trace.calls("openat") if arg(c, "filename")["value"] == "/dev/zero"]
    assert held(trace.stderr) > 0
    assert (len(opens), trace.lost) == (4 * rounds, 0)


@holding
def test_a_slow_reader_is_waited_for_without_a_freeze(target: Target, tmp_path: Path) -> None:
    """With a buffer as it is by default calls wait before it comes to that."""
    options, rounds = ["-e", "openat,close", "-y", "-v"], live.rounds(60_000)
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path)

    assert (held(trace.stderr), trace.lost) == (0, 0)
    assert len(trace.calls("openat")) >= rounds


@holding
@pytest.mark.parametrize(("options", "lost"), [((), True), (("--backpressure",), False)])
def test_a_process_that_was_there_waits_if_that_is_asked_for(
    target: Target, tmp_path: Path, options: tuple[str, ...], lost: bool
) -> None:
    """A call waits 0.2 ms at most: less than a guest takes to read it, where some are lost all the same."""
    rounds = live.rounds(60_000)
    command = f"read line; exec {target('loop')} {rounds}"
    waiting = subprocess.Popen(["sh", "-c", command], stdin=subprocess.PIPE)
    file = tmp_path / "trace.json"
    tracing = popen(*SMALLEST, "--json", "-y", "-o", str(file), *options, "-p", str(waiting.pid))
    assert becomes(lambda: file.exists() and '"start"' in file.read_text())
    waiting.communicate(b"\n")
    tracing.communicate(timeout=120)

    found = [json.loads(line) for line in file.read_text().splitlines()]
    losses = found[-1]["lost_by_call"]
    calls = [line for line in found if line["type"] == "call"]
    assert (found[-1]["lost"] > 0) == (lost or live.IN_A_GUEST)
    assert len(calls) + sum(losses.values()) - losses.get("task events", 0) >= 2 * rounds


@holding
def test_no_record_is_lost_while_nobody_reads_the_output(target: Target, nothing_left: list[int]) -> None:
    """argtrace is blocked in a write then: only the guard can see that the ring fills."""
    words = ("--json", "-o", "-", "-e", "openat", *SMALLEST, "--", target("loop"), "30000")
    tracing = popen(*words, stdout=subprocess.PIPE)
    nothing_left.append(tracing.pid)

    assert becomes(lambda: any(map(kills.is_frozen, kills.leaves(tracing.pid))))
    time.sleep(1)
    assert any(map(kills.is_frozen, kills.leaves(tracing.pid)))
    out, err = tracing.communicate(timeout=120)

    lines = [json.loads(line) for line in out.splitlines()]
    assert sum("/dev/zero" in str(line) for line in lines if line["type"] == "call") == 30000
    assert lines[-1]["lost"] == 0
    assert held(err) > 0


@holding
def test_a_stopped_argtrace_holds_the_command_and_goes_on(
    target: Target, nothing_left: list[int], tmp_path: Path
) -> None:
    """Ctrl-Z, and fg a while later."""
    trace, rounds = tmp_path / "trace", str(live.rounds(100_000))
    words = ("--json", "-o", str(trace), "-e", "openat", *SMALLEST, "--", target("loop"), rounds)
    tracing = popen(*words)
    nothing_left.append(tracing.pid)

    assert becomes(lambda: trace.exists() and trace.stat().st_size > 20_000)
    os.kill(tracing.pid, signal.SIGSTOP)
    assert becomes(lambda: any(map(kills.is_frozen, kills.leaves(tracing.pid))))
    time.sleep(0.5)
    assert any(map(kills.is_frozen, kills.leaves(tracing.pid))), "nobody reads, and it was let go"
    os.kill(tracing.pid, signal.SIGCONT)
    _, err = tracing.communicate(timeout=180)

    assert tracing.returncode == 0
    assert " 0 lost" in err


def test_without_backpressure_there_is_no_guard_and_no_leaf(nothing_left: list[int]) -> None:
    tracing = popen("--no-backpressure", "-o", "/dev/null", "--", "sleep", "1.5")
    nothing_left.append(tracing.pid)
    time.sleep(1)
    there = kills.guards(tracing.pid), kills.leaves(tracing.pid)
    tracing.communicate(timeout=60)

    assert there == ([], [])


# Noticed by nobody, or by whom.


def noticed(kind: str, target: Target) -> tuple[list[str], list[str]]:
    """What a program finds untraced, and what it finds when it was frozen often."""
    program = target("noticing")
    alone = subprocess.run([program, kind], capture_output=True, text=True, check=True, timeout=60)
    traced = live.text(*SMALLEST, "-e", "getppid", "-y", "-o", "/dev/null", "--", program, kind)
    assert held(traced.stderr) > 2
    return sorted(alone.stdout.splitlines()), sorted(traced.stdout.splitlines())


@holding
def test_a_program_notices_nothing_but_the_clock(target: Target) -> None:
    """No signal, no wait status, no cut sleep, nothing pending, no tracer."""
    alone, traced = noticed("steady", target)

    assert traced == alone
    assert len(alone) > 8


@holding
def test_calls_that_a_stop_signal_interrupts_a_freeze_interrupts_too(target: Target) -> None:
    """As docs/reliability.md lists them: EINTR, which signal(7) allows after any SIGCONT."""
    alone, traced = noticed("EINTR", target)

    different = {line.split(" ")[0] for line in set(traced) - set(alone)}
    assert different <= {"epoll_wait", "semtimedop", "sigtimedwait", "recv"}
    assert all(line.endswith("EINTR") for line in set(traced) - set(alone))


@holding
def test_a_command_that_is_killed_while_frozen_dies(target: Target, nothing_left: list[int]) -> None:
    tracing = popen("-o", "-", *SMALLEST, "--", target("loop"), "10000000", stdout=subprocess.PIPE)
    nothing_left.append(tracing.pid)
    assert becomes(lambda: any(map(kills.is_frozen, kills.leaves(tracing.pid))))
    (loop,) = [pid for pid in kills.session(tracing.pid) if kills.comm(pid) == "loop"]
    os.kill(loop, signal.SIGKILL)

    assert becomes(lambda: not live.is_running(loop))
    _, err = tracing.communicate(timeout=120)
    assert tracing.returncode == -signal.SIGKILL, err


@holding
def test_a_command_that_is_stopped_stays_stopped(target: Target, nothing_left: list[int]) -> None:
    """A SIGSTOP of its own, and a freeze: two things, and the end of one is not the other's."""
    command = f"kill -STOP $$; exec {target('loop')} {live.rounds(20_000)}"
    words = ("-o", "/dev/null", "-y", *SMALLEST, "-e", "openat", "--", "sh", "-c", command)
    tracing = popen(*words)
    nothing_left.append(tracing.pid)

    def stopped() -> bool:
        pids = [pid for pid in kills.session(tracing.pid) if kills.comm(pid) == "sh"]
        return bool(pids) and state(pids[0]) == "T"

    assert becomes(stopped)
    time.sleep(0.3)
    assert stopped()
    for pid in kills.session(tracing.pid):
        os.kill(pid, signal.SIGCONT)
    _, err = tracing.communicate(timeout=120)

    assert (tracing.returncode, held(err) > 0) == (0, True)


# Who leaves, and what is left.


@holding
def test_what_goes_on_after_the_trace_goes_back_to_where_it_came_from(nothing_left: list[int]) -> None:
    command = ("sh", "-c", "sleep 1000 & exit 0")
    tracing = popen("--no-follow", "-o", "/dev/null", "--", *command, stderr=subprocess.DEVNULL)
    nothing_left.append(tracing.pid)
    tracing.wait(60)

    (sleeps,) = kills.session(tracing.pid)
    assert Path(f"/proc/{sleeps}/cgroup").read_text() == Path("/proc/self/cgroup").read_text()


@holding
def test_a_command_may_leave_for_another_cgroup() -> None:
    """Then it is not held any more, and argtrace ends as ever."""
    command = f"grep 0:: /proc/self/cgroup; echo $$ > {ours()}/cgroup.procs; grep 0:: /proc/self/cgroup"
    done = live.text("-o", "/dev/null", "--", "sh", "-c", command)

    before, after = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert "/argtrace-" in before
    assert "/argtrace-" not in after
    assert not os.path.exists(ours() + before.removeprefix("0::"))


@holding
def test_a_cgroup_that_the_command_made_and_left_there_is_named() -> None:
    command = f"cd {ours()}$(grep -o '/argtrace.*' /proc/self/cgroup) && mkdir theirs && pwd"
    done = live.text("-o", "/dev/null", "--", "sh", "-c", command)
    leaf = done.stdout.strip()
    frozen = Path(leaf, "cgroup.freeze").read_text()
    os.rmdir(f"{leaf}/theirs")
    os.rmdir(leaf)

    assert frozen == "0\n"
    assert f"{leaf} stays: the command made cgroups in it" in done.stderr


# Whatever is killed.


@holding
def test_kills_at_random_moments_leave_nothing_frozen() -> None:
    done = kills.rounds(len(kills.KINDS) * 3, seed=2)

    assert [round for round in done if round.wrong] == []
    assert any(round.frozen for round in done), "none of the kills came while the command was frozen"


@holding
def test_where_all_were_killed_at_once_the_next_argtrace_thaws() -> None:
    tracing = kills.start()
    assert becomes(lambda: any(map(kills.is_frozen, kills.leaves(tracing.pid))), 30)
    three = [tracing.pid, *kills.guards(tracing.pid)]
    for pid in three:
        os.kill(pid, signal.SIGSTOP)  # so that none of them can do anything about the next
    for pid in three:
        kills.kill(pid)
    tracing.wait()
    there = kills.leaves(tracing.pid)
    live.text("-q", "-o", "/dev/null", "--", "true")

    assert there
    assert kills.leaves(tracing.pid) == []
    assert kills.runs_on(tracing.pid)
    assert becomes(lambda: not kills.clear(tracing.pid))


@holding
def test_nothing_but_sigkill_ends_a_guard_and_no_pkill_finds_it(nothing_left: list[int]) -> None:
    tracing = popen("-o", "/dev/null", "--", "sleep", "2")
    nothing_left.append(tracing.pid)
    assert becomes(lambda: len(kills.guards(tracing.pid)) == 2)
    time.sleep(0.5)
    there = kills.guards(tracing.pid)
    for pid in there:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGUSR1):
            os.kill(pid, number)
    names = [kills.comm(pid) + Path(f"/proc/{pid}/cmdline").read_text() for pid in there]
    sessions = {os.getsid(pid) for pid in there}
    after = kills.guards(tracing.pid)
    tracing.communicate(timeout=60)

    assert after == there
    assert not any("argtrace" in name for name in names)
    assert tracing.pid not in sessions


@holding
def test_a_guard_holds_no_descriptor_of_argtraces_but_the_ring() -> None:
    """Who reads argtrace's output sees its end when argtrace ends, whatever a guard does."""
    tracing = popen("-o", "-", "--", "sleep", "2", stdout=subprocess.PIPE)
    assert becomes(lambda: len(kills.guards(tracing.pid)) == 2)
    time.sleep(1)
    there = [
        os.readlink(f"/proc/{pid}/fd/{fd}")
        for pid in kills.guards(tracing.pid)
        for fd in os.listdir(f"/proc/{pid}/fd")
    ]
    tracing.communicate(timeout=60)

    known = re.compile(
        r"/dev/null|anon_inode:(\[pidfd\]|\[eventpoll\]|bpf-map)|socket:.*|/sys/fs/cgroup/.*|pidfd:.*"
    )
    assert there
    assert [name for name in there if not known.fullmatch(name)] == []


# Where there is no cgroup to be had.


@holding
@pytest.mark.parametrize(
    ("before", "why"),
    [
        pytest.param('umount "$CGROUP"', "no cgroup2 is mounted", id="none mounted"),
        pytest.param('mount -o remount,bind,ro "$CGROUP"', "Read-only file system", id="read-only"),
    ],
)
def test_without_a_cgroup_a_command_is_slowed_down_and_a_note_says_why(
    before: str, why: str, target: Target, tmp_path: Path
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is needed to hide the cgroups; install util-linux.")
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    point = next(line.split(" ")[4] for line in mounts if " - cgroup2 " in line)
    options, rounds = ["-e", "openat,close", "-y", *SMALLEST], live.rounds(60_000)
    prefix = ["env", f"CGROUP={point}", "unshare", "-m", "sh", "-c", f'{before} && exec "$@"', "sh"]
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path, prefix=prefix)

    assert why in trace.stderr
    assert "--buffer" in trace.stderr
    assert trace.stderr.count("cannot be frozen") == 1
    losses = sum(trace.lines[-1]["lost_by_call"].values())
    # A machine with other work may lose some of so small a buffer; a guest reads slower than a call can wait.
    assert losses == trace.lost < (2 * rounds if live.IN_A_GUEST else rounds)
    assert len(trace.calls()) + losses >= 2 * rounds


def test_without_backpressure_losses_are_exact(target: Target, tmp_path: Path) -> None:
    options, rounds = ["-e", "openat,close", "-y", "--no-backpressure", *SMALLEST], live.rounds(60_000)
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path)

    losses = sum(trace.lines[-1]["lost_by_call"].values())
    assert losses == trace.lost > 0
    assert len(trace.calls()) + losses >= 2 * rounds
