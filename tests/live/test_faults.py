"""Faults in what argtrace stands on: its output, its terminal, its memory, its limits, the kernel's files.

Of every fault: argtrace ends by itself and says in a sentence what is wrong, or goes on and says what is
lost; the command is not the worse for it; nothing is left, nothing is frozen.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from argtrace import running_kernel
from argtrace.cgroups import ours
from tests.live import attacks
from tests.live.conftest import Target, holding
from tests.support import live
from tests.support.live import ARGTRACE, Json
from tests.support.pen import Pen, becomes, mount_of, state

pytestmark = pytest.mark.live

BACKENDS = ("bpf", "ptrace")
FULL = "No space left on device"


@pytest.fixture
def pen() -> Iterator[Pen]:
    """Whatever a test does: no process and no cgroup is left in it, and nobody is frozen or stopped."""
    with Pen() as made:
        yield made
        assert becomes(lambda: not made.members()), {pid: state(pid) for pid in made.members()}
        assert becomes(lambda: not made.leaves()), made.leaves()


def run(
    pen: Pen,
    *words: str,
    timeout: float = 60,
    before: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """argtrace in a pen; `before`: words before it."""
    with subprocess.Popen(
        [*pen.prefix, *before, *ARGTRACE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, env=attacks.TRACING, start_new_session=True,
    ) as process:  # fmt: skip
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            if process.poll() is None:
                pen.clear()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def lines(path: Path) -> list[Json]:
    """The whole lines of a trace; the last one may be cut where the disk was full."""
    *whole, rest = path.read_text().split("\n")
    assert rest == "" or not rest.endswith("}")
    return [json.loads(line) for line in whole]


def opened(found: Sequence[Json]) -> int:
    return sum("/dev/zero" in str(line["args"]) for line in found if line["type"] == "call")


# ---------------------------------------------------------------- output


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("style", [("--json",), ("--style", "strace"), ("-y",), ("-s",)], ids=" ".join)
def test_a_disk_that_fills(
    style: tuple[str, ...], backend: str, target: Target, tmp_path: Path, pen: Pen
) -> None:
    """In the middle of the trace, in whole lines up to there; or at once, for what is a table."""
    disk = tmp_path / "disk"
    disk.mkdir()
    script = f'mount -t tmpfs -o size=32k none {disk} && "$@"; s=$?; cp {disk}/trace {tmp_path}/copy; exit $s'
    size = ["unshare", "-m", "sh", "-c", script, "sh"]
    trace = str(disk / "trace") if style != ("-s",) else "/dev/full"
    keep = f"{target('loop')} 1000; echo finished"
    options = ("--backend", backend, "-e", "openat", *style, "-o", trace)
    done = run(pen, *options, "--", "sh", "-c", keep, before=size)

    assert (done.returncode, done.stdout) == (125, "finished\n")
    assert f"argtrace: cannot write to '{trace}': {FULL}" in done.stderr.splitlines()
    if style == ("--json",):
        found = lines(tmp_path / "copy")
        assert found[0]["type"] == "start"
        assert opened(found) > 5


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_reader_that_has_enough(backend: str, target: Target, tmp_path: Path, pen: Pen) -> None:
    """`| head -1`: the command runs to its end, and the status says that the trace did not."""
    command = f"sh -c '{target('loop')} {live.rounds(20_000)}; echo x >&2'"
    words = f"{' '.join(ARGTRACE)} --backend {backend} -e openat -o - -- {command}"
    script = f"({words}; echo $? >{tmp_path}/status) | head -1"
    done = subprocess.run(
        [*pen.prefix, "sh", "-c", script], capture_output=True, text=True, env=attacks.TRACING, timeout=60,
        check=True,
    )  # fmt: skip

    assert done.stdout.count("\n") == 1
    assert "argtrace: cannot write to standard output: Broken pipe" in done.stderr.splitlines()
    assert "x" in done.stderr.splitlines()
    assert (tmp_path / "status").read_text() == "125\n"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("hangup", ["heard", "ignored"])
def test_a_terminal_that_is_gone(backend: str, hangup: str, target: Target, tmp_path: Path, pen: Pen) -> None:
    """Who leads its session is told by SIGHUP, and ends with its command; with nohup both go on."""
    master, slave = os.openpty()
    before = ["sh", "-c", 'trap "" HUP; exec "$@"', "sh"] if hangup == "ignored" else []
    command = f"touch {tmp_path}/begun; sleep 0.7; {target('loop')} 1000; touch {tmp_path}/finished"
    words = [*pen.prefix, *before, *ARGTRACE, "--backend", backend, "--", "sh", "-c", command]
    with subprocess.Popen(
        ["setsid", "--ctty", *words], stdin=slave, stdout=slave, stderr=slave, env=attacks.TRACING
    ) as process:
        os.close(slave)
        try:
            os.set_blocking(master, False)
            assert becomes(lambda: _drained(master) and (tmp_path / "begun").exists(), 30)
            os.close(master)
            status = process.wait(30)
        finally:
            pen.clear()
    finished = becomes((tmp_path / "finished").exists, 1)

    assert (status, finished) == ((-signal.SIGHUP, False) if hangup == "heard" else (125, True))


def _drained(master: int) -> bool:
    """Always true; and what was written there is taken away."""
    try:
        while os.read(master, 1 << 16):
            pass
    except BlockingIOError:
        pass
    return True


# ---------------------------------------------------------------- argtrace stopped


@pytest.mark.parametrize(
    ("options", "lost"),
    [
        pytest.param(("--buffer", "1M"), False, id="held by the guard", marks=holding),
        pytest.param(("--buffer", "1M", "--no-backpressure"), True, id="not held"),
        pytest.param(("--backend", "ptrace"), False, id="held by ptrace"),
    ],
)
def test_argtrace_stopped_in_the_middle(
    options: tuple[str, ...], lost: bool, target: Target, tmp_path: Path, pen: Pen
) -> None:
    """SIGSTOP, and SIGCONT later: each call is shown, or counted where nobody was to wait."""
    file, count = tmp_path / "trace", 8_000 if "ptrace" in options else 25_000
    words = (*ARGTRACE, "--json", "-o", str(file), "-e", "openat", *options, "--", target("loop"), str(count))
    with attacks.started(pen, *words) as tracing:
        assert becomes(lambda: file.exists() and file.stat().st_size > 50_000, 30)
        os.kill(tracing.pid, signal.SIGSTOP)
        assert becomes(lambda: state(tracing.pid) == "T")
        time.sleep(0.7)
        os.kill(tracing.pid, signal.SIGCONT)
        assert tracing.wait(60) == 0
    found = lines(file)

    assert (found[-1]["lost"] > 0) == lost
    assert opened(found) + found[-1]["lost_by_call"].get("openat", 0) - count in range(10)
    assert sum(line["count"] for line in found if line["type"] == "lost") == found[-1]["lost"]


# ---------------------------------------------------------------- memory and other limits


def limited(how: str) -> Sequence[str]:
    """Words before a command that give it a limit of the shell's."""
    return ["sh", "-c", f'ulimit {how}; exec "$@"', "sh"]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("megabytes", [26, 45, 58, 120])
def test_little_address_space(megabytes: int, backend: str, pen: Pen) -> None:
    """It works, or says that there is not enough memory; the command runs to its end or not at all."""
    before = limited(f"-v {megabytes << 10}")
    done = run(pen, "--backend", backend, "-o", "/dev/null", "--", "/bin/echo", "ran", before=before)

    assert (done.returncode, done.stdout) in ((0, "ran\n"), (125, ""), (125, "ran\n"))
    assert done.returncode == 0 or re.match(r"argtrace: .*(memory|thread|ENOMEM)", done.stderr), done.stderr


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("descriptors", [8, 24, 32, 40, 64])
def test_few_descriptors(descriptors: int, backend: str, pen: Pen) -> None:
    before = limited(f"-n {descriptors}")
    done = run(pen, "--backend", backend, "-o", "/dev/null", "--", "/bin/echo", "ran", before=before)

    assert (done.returncode, done.stdout) in ((0, "ran\n"), (125, ""))
    assert done.returncode == 0 or re.match(r"argtrace: .*(descriptors|EMFILE)", done.stderr), done.stderr


@pytest.mark.parametrize("tasks", [1, 2, 4, 8])
def test_few_processes(tasks: int, tmp_path: Path) -> None:
    """Too few for a command, for its guards, or for what the command starts: which, is said."""
    words = [*ARGTRACE, "-o", str(tmp_path / "trace"), "--", "/bin/echo", "ran"]
    with Pen(pids=tasks) as pen:
        done = run(pen, *words[len(ARGTRACE) :])
        assert becomes(lambda: not pen.members() and not pen.leaves())

    assert (done.returncode, done.stdout) in ((0, "ran\n"), (125, ""))
    assert done.returncode == 0 or "out of processes or threads" in done.stderr
    assert tasks < 8 or done.returncode == 0
    assert tasks > 1 or done.returncode == 125


@pytest.mark.parametrize("megabytes", [8, 16, 24, 32])
def test_little_memory_in_its_cgroup(megabytes: int, target: Target, tmp_path: Path) -> None:
    """The kernel kills somebody, perhaps argtrace, or refuses the buffer. Nothing stays frozen or behind."""
    if not Pen.can_limit("memory"):
        pytest.skip("A cgroup with a limit of memory is needed; delegate the memory controller.")
    with Pen(memory=megabytes << 20) as pen:
        done = run(pen, "-o", "/dev/null", "-e", "openat", "--", target("loop"), "5000")
        assert becomes(lambda: not pen.leaves()), "a cgroup is left"
        assert becomes(lambda: not pen.members()), [(pid, state(pid)) for pid in pen.members()]

    assert done.returncode in (0, 125, -signal.SIGKILL), done.stderr
    if done.returncode == 125:
        assert re.match("argtrace: .*(ENOMEM|memory|No space)", done.stderr), done.stderr


# ---------------------------------------------------------------- calls of argtrace's own that fail

INJECTED = [
    # call, error, its times; what comes of it: a failure before the command began, after it ended, or none
    ("bpf", "ENOSPC", range(1, 31, 10), "refused"),
    # From then on: one may be of RLIMIT_MEMLOCK, and is tried again.
    ("bpf", "EPERM", ("2+", "20+"), "refused"),
    ("clone", "EAGAIN", (1,), "refused"),
    ("clone", "EAGAIN", (2,), "slowed"),
    # A thread, which libc 2.36 makes by clone3 on x86-64 alone.
    *([("clone3", "EAGAIN", (1,), "refused")] if live.ON_X86_64 else []),
    ("pidfd_open", "EMFILE", (1,), "refused"),
    ("pidfd_open", "EMFILE", (2, 3), "slowed"),
    ("socketpair", "EMFILE", (1,), "slowed"),
    ("recvfrom", "ECONNRESET", (1,), "slowed"),
    ("pipe2", "EMFILE", (1, 2), "refused"),
    ("capset", "EPERM", (1, 4), "works"),
    ("rmdir", "EBUSY", (1,), "works"),
    ("prlimit64", "EPERM", (1,), "works"),
]


@pytest.mark.parametrize(
    ("call", "error", "when", "outcome"),
    [
        pytest.param(call, error, when, outcome, id=f"{call} {when} {error}")
        for call, error, times, outcome in INJECTED
        for when in times
    ],
)
def test_a_call_of_ours_that_fails(call: str, error: str, when: int | str, outcome: str, pen: Pen) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is needed to have calls fail; install it.")
    follow = ["-f"] if call == "bpf" else []  # whose programs are loaded in threads
    inject = f"inject={call}:error={error}:when={when}"
    strace = ["strace", *follow, "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject]
    done = run(pen, "-e", "openat", "-o", "/dev/null", "--", "/bin/echo", "ran", before=strace)

    if outcome == "refused":
        assert (done.returncode, done.stdout) == (125, ""), done.stderr
        assert done.stderr.startswith("argtrace: ")
    else:
        assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr
        slowed = outcome == "slowed" or not running_kernel.features().ring
        assert ("cannot be frozen" in done.stderr) == slowed


# ---------------------------------------------------------------- files of the kernel's that are not there

HIDDEN = {
    "no tracefs": ("/sys/kernel/tracing", "/sys/kernel/debug"),
    "no cgroups": ("/sys/fs/cgroup",),
    "no BTF, no tracefs": ("/sys",),
    "no /proc": ("/proc",),
    "no /dev": ("/dev",),
    "no /tmp, no home": ("/tmp", "/var/tmp", "/home"),
}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("what", HIDDEN)
def test_files_that_are_not_there(what: str, backend: str, pen: Pen) -> None:
    """In a mount namespace of its own. It works, or says what is missing before anything has run."""
    # Not where this Python is.
    hidden = [
        path for path in HIDDEN[what] if not sys.prefix.startswith(f"{path}/")
    ]  # there we are ourselves
    hide = "; ".join(f"[ ! -d {path} ] || mount -t tmpfs none {path}" for path in hidden)
    before = ["unshare", "-m", "sh", "-c", f'{hide}; exec "$@"', "sh"]
    done = run(pen, "--backend", backend, "-e", "openat", "--", "/bin/echo", "ran", before=before)

    assert (done.returncode, done.stdout) in ((0, "ran\n"), (125, "")), done.stderr
    assert done.stderr
    if done.returncode == 125:
        assert re.match("argtrace: ", done.stderr)


@pytest.mark.parametrize("backend", BACKENDS)
def test_children_that_nobody_is_told_of(backend: str, pen: Pen) -> None:
    """SIGCHLD ignored by who started argtrace: the status is the command's, who finds it ignored too."""
    ignored = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    before = [sys.executable, "-c", f"{ignored}; os.execv(sys.argv[1], sys.argv[1:])"]
    see = "import signal, sys; sys.exit(40 + (signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN))"
    done = run(pen, "--backend", backend, "-o", "/dev/null", "--", sys.executable, "-c", see, before=before)

    assert done.returncode == 41, done.stderr


# ---------------------------------------------------------------- kills


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("delay", [0.0, 0.05, 0.12, 0.3])
def test_kill_9_of_the_command_at_each_stage(delay: float, backend: str, target: Target, pen: Pen) -> None:
    """While argtrace is being set up, before its exec, at once after it, in the loop."""
    words = (*ARGTRACE, "--backend", backend, "-o", "/dev/null", "--", target("loop"), "100000000")
    with attacks.started(pen, *words) as tracing:
        assert becomes(lambda: _child(tracing.pid), 30)
        time.sleep(delay)
        os.kill(_child(tracing.pid), signal.SIGKILL)
        status = tracing.wait(30)
        _, said = tracing.communicate()

    # Before its exec it is nobody's command yet.
    assert status == -signal.SIGKILL or (status == 125 and said.startswith("argtrace: ")), said
    assert "Traceback" not in said


def _child(tracer: int) -> int:
    """The command of a tracer; 0 before it is forked."""
    try:
        found = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
    except OSError:
        return 0
    return int(found[0]) if found else 0


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("when", ["read", "clone", "close", "wait4"])
def test_kill_9_of_argtrace_at_a_call_of_its_own(when: str, backend: str, target: Target, pen: Pen) -> None:
    """Its first, one in the middle, one of its last: the command ends by itself or runs to its end."""
    if not shutil.which("strace"):
        pytest.skip("strace is needed to kill at a call; install it.")
    number = {"read": 520, "clone": 2, "close": 380, "wait4": 1}[when]
    inject = f"inject={when}:signal=KILL:when={number}"
    strace = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={when}", "-e", inject]
    done = run(pen, "--backend", backend, "-o", "/dev/null", "--", target("loop"), "500", before=strace)

    assert done.returncode in (0, -signal.SIGKILL), done.stderr


def test_where_we_are_no_leaf_is_left() -> None:
    """All tests above were in cgroups of their own; in ours there was never one."""
    names = os.listdir(ours())
    assert [name for name in names if name.startswith(f"hostile-{os.getpid()}-")] == []
    assert mount_of("no-such-controller") is None
