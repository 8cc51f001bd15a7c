"""How a trace ends: statuses, signals, kills, full disks; and that nothing stays behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from argtrace.signature import syscalls
from argtrace.target import host
from tests.live.conftest import Target
from tests.support import live
from tests.support.live import ARGTRACE, ENVIRONMENT
from tests.support.pen import state

pytestmark = pytest.mark.live

ROOT = str(Path(__file__).parents[2])


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*ARGTRACE, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT | {"PYTHONPATH": ROOT},
    )


def wait_for(condition: Callable[[], object], seconds: float = 120) -> None:
    """Until a callable is true; a timeout is an error, not a time measured."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.02)


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """The kernel holds the same programs of ours after the test as before."""
    if not shutil.which("bpftool"):
        pytest.skip("bpftool is needed to see what the kernel holds; install it.")
    before = live.ours_in_kernel()
    yield
    # The kernel frees programs after a grace period.
    wait_for(lambda: live.ours_in_kernel() <= before)


@pytest.mark.parametrize("status", [0, 1, 42, 255])
def test_the_status_is_the_commands(status: int) -> None:
    assert live.text("-q", "-e", "none", "--", "sh", "-c", f"exit {status}").returncode == status


@pytest.mark.parametrize("name", ["TERM", "KILL", "SEGV"])
def test_a_command_killed_by_a_signal_kills_argtrace_the_same_way(name: str) -> None:
    done = live.text("-q", "-e", "none", "--", "sh", "-c", f"kill -{name} $$")

    assert done.returncode == -signal.Signals[f"SIG{name}"]
    assert f"--- SIG{name}" in done.stderr


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_started_without_standard_descriptors(closed: str, tmp_path: Path) -> None:
    """Nothing of ours takes their numbers, and the command finds them as we did."""
    script = f"ls /proc/self/fd > {tmp_path}/there"
    words = f"{' '.join(ARGTRACE)} -e execve -- sh -c '{script}' {closed}"
    environment = ENVIRONMENT | {"PYTHONPATH": ROOT}
    with_us = subprocess.run(["sh", "-c", words], env=environment, check=False, timeout=120).returncode
    ours = (tmp_path / "there").read_text()
    subprocess.run(["sh", "-c", f"sh -c '{script}' {closed}"], env=environment, check=False, timeout=120)

    assert with_us == 0
    assert (tmp_path / "there").read_text() == ours


def test_no_such_command() -> None:
    done = live.text("--", "no-such-command-here")

    assert (done.returncode, done.stderr) == (127, "argtrace: no-such-command-here: command not found\n")


def test_a_command_that_is_no_program(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.write_bytes(b"\0\1\2")
    data.chmod(0o755)

    done = live.text("-e", "execve", "--", str(data))

    assert done.returncode == 126
    # The attempt itself is part of the trace.
    assert "ENOEXEC" in done.stderr
    assert done.stderr.endswith(f"argtrace: {data}: Exec format error\n")


@pytest.mark.parametrize(
    ("backend", "says"),
    [
        ("bpf", "tracing from inside a pid namespace"),
        ("auto", "tracing with ptrace where /proc is not of our own pid namespace"),
    ],
)
def test_inside_a_pid_namespace_it_says_so_and_starts_nothing(
    backend: str, says: str, tmp_path: Path
) -> None:
    done = subprocess.run(
        ["unshare", "--pid", "--fork", *ARGTRACE, "--backend", backend, "--", "touch", f"{tmp_path}/ran"],
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"PYTHONPATH": ROOT},
        timeout=120,
        check=False,
    )

    assert done.returncode == 125
    assert done.stderr.startswith(f"argtrace: not supported here: {says}\n")
    assert not (tmp_path / "ran").exists()


def test_no_such_process() -> None:
    free = int(Path("/proc/sys/kernel/pid_max").read_text()) - 1

    done = live.text("-p", str(free))

    assert done.returncode == 125
    assert done.stderr.startswith(f"argtrace: no process has the id {free}\n")


# Until the program that was to read has ended: from then on nobody can.
READER_HAS_ENDED = """
until [ -s {0}/reader ]; do sleep 0.02; done
read -r reader <{0}/reader
while read -r _ _ state _ </proc/$reader/stat && [ "$state" != Z ]; do sleep 0.02; done 2>/dev/null
"""


@pytest.mark.parametrize(
    ("target", "before", "reason"),
    [
        pytest.param("/dev/full", "", "No space left on device", id="a full disk"),
        pytest.param(
            "|echo $$ >{0}/reader; exec true", READER_HAS_ENDED, "Broken pipe",
            id="a program that does not read",
        ),
    ],
)  # fmt: skip
def test_output_that_fails_leaves_the_command_alone(
    target: str, before: str, reason: str, tmp_path: Path, nothing_left: None
) -> None:
    target, before = target.format(tmp_path), before.format(tmp_path)
    script = f"{before}echo done; touch {tmp_path}/finished"
    done = live.text("-o", target, "--", "sh", "-c", script)

    assert (done.returncode, done.stdout) == (125, "done\n")
    assert (tmp_path / "finished").exists()
    assert live.said(done).startswith(f"argtrace: cannot write to '{target}': {reason}\n")


def test_output_that_cannot_be_opened_starts_nothing(tmp_path: Path) -> None:
    done = live.text("-o", f"{tmp_path}/no/such/place", "--", "touch", f"{tmp_path}/started")

    assert done.returncode == 125
    assert "No such file or directory" in done.stderr
    assert not (tmp_path / "started").exists()


def test_kill_9_of_argtrace(tmp_path: Path, nothing_left: None) -> None:
    waits = f"until [ -e {tmp_path}/go ]; do sleep 0.02; done"
    script = f"touch {tmp_path}/begun; {waits}; touch {tmp_path}/finished"
    tracer = start("-o", f"{tmp_path}/trace", "--", "sh", "-c", script)
    wait_for((tmp_path / "begun").exists)

    tracer.kill()
    assert tracer.wait(120) == -signal.SIGKILL

    (tmp_path / "go").touch()
    tracer.communicate(timeout=120)  # when the command has closed what they share
    wait_for((tmp_path / "finished").exists)


def test_kill_9_of_argtrace_before_the_command_began(tmp_path: Path) -> None:
    """The child that waits for its release goes too, without running anything."""
    script = (
        "import os, signal, sys\n"
        "from argtrace.processes import Command\n"
        f"command = Command(['touch', '{tmp_path}/ran'])\n"
        "print(command.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [ARGTRACE[0], "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False, timeout=120
    )

    assert done.returncode == -signal.SIGKILL
    wait_for(lambda: not live.is_running(int(done.stdout)))
    assert not (tmp_path / "ran").exists()


def test_kill_9_of_the_command(tmp_path: Path, nothing_left: None) -> None:
    tracer = start(
        "--json", "-o", f"{tmp_path}/trace", "--", "sh", "-c", f"echo $$ >{tmp_path}/pid; exec sleep 60"
    )
    wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    pid = int((tmp_path / "pid").read_text())
    (sleeps,) = [f"{n} " for n, name in syscalls.names(host()).items() if name == "clock_nanosleep"]
    wait_for(lambda: Path(f"/proc/{pid}/syscall").read_text().startswith(sleeps))

    os.kill(pid, signal.SIGKILL)
    tracer.communicate(timeout=120)

    assert tracer.returncode == -signal.SIGKILL
    lines = [json.loads(line) for line in (tmp_path / "trace").read_text().splitlines()]
    (ended,) = [line for line in lines if line["type"] == "exit"]
    assert ended["signal"] == "SIGKILL"
    # The call it slept in did return to the kernel's edge, with a code that no program sees.
    slept = next(line for line in lines if line.get("name") == "clock_nanosleep")
    assert slept["result"]["error"] == "ERESTART_RESTARTBLOCK"


def test_the_first_interrupt_is_the_commands_and_the_second_is_ours(tmp_path: Path) -> None:
    ignores = f"trap 'touch {tmp_path}/caught' INT; touch {tmp_path}/begun; while :; do sleep 0.05; done"
    tracer = start("-o", f"{tmp_path}/trace", "--", "sh", "-c", ignores)
    wait_for((tmp_path / "begun").exists)

    tracer.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert tracer.poll() is None, "one interrupt is not for argtrace"
    wait_for(lambda: "sh/" in _text(tmp_path / "trace"))
    _, _, pid = _text(tmp_path / "trace").splitlines()[0].partition("sh/")
    tracer.send_signal(signal.SIGINT)
    try:
        assert tracer.wait(timeout=120) == -signal.SIGINT
        wait_for((tmp_path / "caught").exists)  # what ends the tracer is handed to its command
    finally:
        os.kill(int(pid.split()[0]), signal.SIGKILL)  # our own: it ignores the interrupt
        tracer.communicate(timeout=120)


def test_attach_and_detach(target: Target, tmp_path: Path, nothing_left: None) -> None:
    process = subprocess.Popen([target("waiter")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        process.stdout.readline()
        tracer = start("--json", "-o", f"{tmp_path}/trace", "-p", str(process.pid))
        wait_for(lambda: "by-child" in _text(tmp_path / "trace") and "by-thread" in _text(tmp_path / "trace"))
        process.send_signal(signal.SIGUSR1)
        wait_for(lambda: "/stays" in _text(tmp_path / "trace") and state(process.pid) == "S")
        tracer.send_signal(signal.SIGINT)
        tracer.communicate(timeout=120)

        assert tracer.returncode == 0
        assert process.poll() is None, "who was attached to goes on"
        lines = [json.loads(line) for line in _text(tmp_path / "trace").splitlines()]
        calls = [line for line in lines if line["type"] == "call"]
        assert len({call["pid"] for call in calls}) > 1, "children are followed"
        assert {call["comm"] for call in calls} == {"waiter"}
        # Both threads were in a call whose entry nobody saw: asleep, but for a moment.
        late = [call for call in calls if not call["entry_seen"]]
        assert len({call["tid"] for call in late}) == len(late)
        if not live.IN_A_GUEST:  # where that moment is long
            assert {call["name"] for call in late} <= {"clock_nanosleep", "wait4"}
        assert late
        unfinished = {call["tid"] for call in calls if call["unfinished"]}
        assert process.pid in unfinished, "what was still running at the end is listed"
    finally:
        process.kill()
        process.communicate()


def test_an_attached_process_that_ends_ends_the_trace(tmp_path: Path) -> None:
    process = subprocess.Popen(["sh", "-c", f"until [ -e {tmp_path}/go ]; do sleep 0.02; done"])
    tracer = start("-o", f"{tmp_path}/trace", "-p", str(process.pid))
    wait_for(lambda: f"sh/{process.pid} " in _text(tmp_path / "trace"))
    (tmp_path / "go").touch()
    tracer.communicate(timeout=120)
    process.wait()

    assert tracer.returncode == 0
    last = _text(tmp_path / "trace").splitlines()[-1]
    assert last.endswith(f"sh/{process.pid} +++ exited with 0 +++")


def test_a_zombie_is_no_process_to_attach_to() -> None:
    process = subprocess.Popen(["true"])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    try:
        done = live.text("-p", str(process.pid), timeout=120)
    finally:
        process.wait()

    assert (done.returncode, done.stdout) == (125, "")
    assert f"no process has the id {process.pid}" in done.stderr


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""
