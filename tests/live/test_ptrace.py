"""The ptrace back end on the real kernel: ordinary users, every kind of stop, and who stays alive."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import argtrace
from tests.live.conftest import Target
from tests.support import live
from tests.support.live import ENVIRONMENT, SLOWER, Json, Trace, arg, is_running
from tests.support.pen import state

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
PTRACE = ["--backend", "ptrace"]
NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]


def run(*command: str, options: Sequence[str] = (), directory: Path, prefix: Sequence[str] = ()) -> Trace:
    return live.run(*command, options=[*PTRACE, *options], directory=directory, prefix=prefix)


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    """Until a callable is true; a timeout is an error, not a time measured."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain"
        time.sleep(0.02)


def tracer_of(pid: int) -> int:
    found = re.search(r"^TracerPid:\t(\d+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found is not None
    return int(found[1])


@contextmanager
def tracing(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """argtrace in the background; ended at last."""
    command = [sys.executable, "-P", "-m", "argtrace", *PTRACE, *words]
    environment = ENVIRONMENT | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as tracer:
        try:
            yield tracer
        finally:
            if tracer.poll() is None:
                tracer.kill()


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def lines(path: Path) -> list[Json]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.endswith("}")]


# ---------------------------------------------------------------- an ordinary user


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package where everybody can read it."""
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is needed to be another user; install util-linux.")
    directory = Path("/tmp") / f"argtrace-everybody-{os.getpid()}"
    shutil.copytree(Path(argtrace.__file__).parent, directory / "argtrace")
    subprocess.run(["chmod", "-R", "a+rX", str(directory)], check=True)
    yield directory
    shutil.rmtree(directory)


@functools.cache
def everybodys_python() -> str:
    """One that nobody may run: ours may be where only its owner gets."""
    for python in (str(Path(sys.executable).resolve()), "/usr/bin/python3"):
        asks = "import ctypes, sys; sys.exit(sys.version_info < (3, 11) or sys.executable != sys.argv[1])"
        if not subprocess.run([*NOBODY, "env", python, "-c", asks, python], cwd="/", check=False).returncode:
            return python
    pytest.skip("A Python 3.11 is needed that other users may run; install one in /usr.")


def as_nobody(installed: Path, *words: str) -> subprocess.CompletedProcess[str]:
    python = everybodys_python()
    environment = ENVIRONMENT | {"PYTHONPATH": str(installed), "HOME": "/nonexistent"}
    return subprocess.run(
        [*NOBODY, python, "-P", "-m", "argtrace", *words],
        cwd="/", env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def _shown(text: str) -> list[str]:
    """Lines without times and numbers that are another's in each run."""
    found = re.findall(r"^ *[\d.]+ \([^)]*\): (.*)$", text, re.MULTILINE)
    return [re.sub(r"0x[0-9a-f]+|\w+/\d+|tidptr: .*|= \d{3,}$| +", " ", line) for line in found]


def test_an_ordinary_user_sees_the_same_lines(installed: Path) -> None:
    chosen = ["-e", "openat,read,close,newfstatat,getdents64,write,execve,exit_group"]
    root = subprocess.run(
        [everybodys_python(), "-P", "-m", "argtrace", "--backend", "bpf", *chosen, "--", "ls", "/etc/apt"],
        cwd="/", env=ENVIRONMENT | {"PYTHONPATH": str(installed), "HOME": "/nonexistent"},
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    nobody = as_nobody(installed, *chosen, "--", "ls", "/etc/apt")

    assert nobody.returncode == 0
    assert nobody.stdout == root.stdout
    first, *rest = nobody.stderr.splitlines()
    assert first == 'argtrace: tracing with ptrace: no CAP_BPF, CAP_PERFMON ("argtrace doctor" says more)'
    assert len(_shown(root.stderr)) > 20
    assert _shown("\n".join(rest)) == _shown(root.stderr)


def test_it_is_said_once_and_not_to_who_asked_for_it(installed: Path) -> None:
    said = "tracing with"
    assert as_nobody(installed, "-e", "none", "--", "true").stderr.count(said) == 1
    assert said not in as_nobody(installed, "-q", "-e", "none", "--", "true").stderr
    assert said not in as_nobody(installed, *PTRACE, "-e", "none", "--", "true").stderr
    assert "tracing with bpf" in live.text("-v", "-e", "none", "--", "true").stderr
    assert said not in live.text("-e", "none", "--", "true").stderr


def test_bpf_is_refused_to_who_asks_for_it_without_the_right(installed: Path) -> None:
    done = as_nobody(installed, "--backend", "bpf", "--", "true")
    assert done.returncode == 125
    assert "needs CAP_BPF, CAP_PERFMON" in done.stderr


def test_somebody_elses_process_is_refused_with_the_reason(installed: Path) -> None:
    with running("sleep", "60") as sleep:
        done = as_nobody(installed, "-p", str(sleep.pid))
    assert done.returncode == 125
    assert "it runs as user 0, we as 65534" in done.stderr


def test_in_a_pid_namespace_it_is_ptrace(tmp_path: Path) -> None:
    if not shutil.which("unshare"):
        pytest.skip("unshare is needed to be in another namespace; install util-linux.")
    prefix = ["unshare", "--pid", "--fork", "--mount-proc"]
    trace = live.run("sh", "-c", "true | true", options=["-e", "execve"], directory=tmp_path, prefix=prefix)

    assert "inside a pid namespace" in trace.stderr
    assert trace.status == 0
    assert max(call["pid"] for call in trace.calls()) < 20
    assert {call["comm"] for call in trace.calls()} == {"sh"} or len(trace.calls()) == 1


# ---------------------------------------------------------------- attaching, and letting go


def test_attached_and_let_go(target: Target, tmp_path: Path) -> None:
    """All threads, and what they start; afterwards nobody is traced, and all go on."""
    log = tmp_path / "trace"
    with running(target("waiter")) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with tracing("--json", "-o", str(log), "-p", str(process.pid)) as tracer:
            wait_for(lambda: log.exists() and {"/by-child", "/by-thread"} <= set(_opened(log)))
            assert tracer_of(process.pid) == tracer.pid
            tracer.send_signal(signal.SIGINT)
            assert tracer.wait(60) == 0
        threads = [int(tid) for tid in os.listdir(f"/proc/{process.pid}/task")]
        assert len(threads) == 2
        assert {tracer_of(tid) for tid in threads} == {0}
        assert process.poll() is None
        before = Path(f"/proc/{process.pid}/sched").read_text()
        wait_for(lambda: Path(f"/proc/{process.pid}/sched").read_text() != before)


def _opened(log: Path) -> list[str]:
    calls = (line for line in lines(log) if line["type"] == "call" and line["name"] in ("open", "openat"))
    return [arg(call, "filename")["value"] for call in calls]


def test_one_that_is_traced_already(tmp_path: Path) -> None:
    with running("sleep", "60") as sleep, tracing("-o", str(tmp_path / "one"), "-p", str(sleep.pid)) as first:
        wait_for(lambda: tracer_of(sleep.pid) == first.pid)
        second = live.text(*PTRACE, "-p", str(sleep.pid))
        assert second.returncode == 125
        assert f"({first.pid}) traces it, and there can be only one" in second.stderr
        assert tracer_of(sleep.pid) == first.pid
        first.send_signal(signal.SIGINT)
        assert first.wait(60) == 0
        assert tracer_of(sleep.pid) == 0


def test_kill_9_of_argtrace_leaves_them_running(tmp_path: Path) -> None:
    """Who was attached to, and a command: as strace has it."""
    with running("sleep", "60") as sleep:
        with tracing("-o", str(tmp_path / "one"), "-p", str(sleep.pid)) as tracer:
            wait_for(lambda: tracer_of(sleep.pid) == tracer.pid)
            tracer.kill()
            tracer.wait(60)
        wait_for(lambda: tracer_of(sleep.pid) == 0 and state(sleep.pid) == "S")

    own = tmp_path / "pid"
    with tracing("-o", str(tmp_path / "two"), "--", "sh", "-c", f"echo $$ >{own}; exec sleep 60") as tracer:
        wait_for(lambda: own.exists() and own.read_text().endswith("\n"))
        pid = int(own.read_text())
        wait_for(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n" and state(pid) == "S")
        tracer.kill()
        tracer.wait(60)
    try:
        wait_for(lambda: tracer_of(pid) == 0 and state(pid) == "S")
    finally:
        os.kill(pid, signal.SIGKILL)


def test_kill_9_of_argtrace_ends_a_command_with_a_filter(tmp_path: Path) -> None:
    """Without its tracer the calls that the filter names would fail."""
    own = tmp_path / "pid"
    script = f"echo $$ >{own}; exec sleep 60"
    with tracing("-e", "openat", "-o", str(tmp_path / "two"), "--", "sh", "-c", script) as tracer:
        wait_for(lambda: own.exists() and own.read_text().endswith("\n"))
        pid = int(own.read_text())
        wait_for(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
        tracer.kill()
        tracer.wait(60)
    wait_for(lambda: not is_running(pid))


def test_so_many_lines_and_the_command_goes_on(tmp_path: Path) -> None:
    options = ["--max-events", "3", "-e", "openat"]
    trace = run("sh", "-c", "cat /etc/hostname; exit 7", options=options, directory=tmp_path)

    assert trace.lines[-1]["events"] == 3
    assert trace.stdout == Path("/etc/hostname").read_text()
    assert trace.status == 7


# ---------------------------------------------------------------- stops


def test_a_stopped_process_stays_stopped_until_it_is_continued(tmp_path: Path) -> None:
    with running("sh", "-c", "while read line; do :; done") as shell:
        log = tmp_path / "trace"
        with tracing("--json", "-o", str(log), "-p", str(shell.pid)) as tracer:
            wait_for(lambda: tracer_of(shell.pid) == tracer.pid)
            os.kill(shell.pid, signal.SIGSTOP)
            wait_for(lambda: state(shell.pid) in "Tt")
            time.sleep(0.3)
            assert state(shell.pid) in "Tt", "its tracer did not let it go on"
            os.kill(shell.pid, signal.SIGCONT)
            wait_for(lambda: state(shell.pid) == "S")
            assert shell.stdin is not None
            shell.stdin.write(b"one\n")
            shell.stdin.close()
            assert shell.wait(60) == 0
            assert tracer.wait(60) == 0
    assert [line["name"] for line in lines(log) if line["type"] == "signal"] == ["SIGSTOP"]


def test_let_go_in_a_group_stop_it_stays_stopped(tmp_path: Path) -> None:
    with running("sleep", "60") as sleep, tracing("-o", str(tmp_path / "t"), "-p", str(sleep.pid)) as tracer:
        wait_for(lambda: tracer_of(sleep.pid) == tracer.pid)
        os.kill(sleep.pid, signal.SIGSTOP)
        wait_for(lambda: state(sleep.pid) in "Tt")
        tracer.send_signal(signal.SIGINT)
        assert tracer.wait(60) == 0
        assert state(sleep.pid) == "T"
        os.kill(sleep.pid, signal.SIGCONT)
        wait_for(lambda: state(sleep.pid) == "S")


def test_fifty_threads(target: Target, tmp_path: Path) -> None:
    trace = run(target("many"), "50", directory=tmp_path)

    assert trace.status == 0
    by_thread = Counter(call["tid"] for call in trace.calls("getppid"))
    assert sorted(by_thread.values()) == [20] * 50
    missing = [call for call in trace.calls("openat") if arg(call, "filename")["value"] == "/no/such/file"]
    assert len(missing) == 50
    assert len(trace.of("exit")) == 51
    assert {line["comm"] for line in trace.of("exit")} == {"many"}


def test_a_fork_storm(target: Target, tmp_path: Path) -> None:
    trace = run(target("storm"), "4", "50", options=["-e", "getppid"], directory=tmp_path)

    assert trace.status == 0
    assert len({call["pid"] for call in trace.calls("getppid")}) == 200
    assert len(trace.of("exit")) == 205


def test_killed_in_the_middle_of_a_storm(target: Target, tmp_path: Path) -> None:
    """Everybody, again and again: no stop is waited for in vain."""
    script = f"for n in 1 2 3 4 5 6; do timeout -s KILL 0.$n {target('storm')} 3 400; done; exit 5"
    trace = run("bash", "-c", script, options=["-e", "getppid"], directory=tmp_path)
    assert trace.status == 5
    assert trace.lost == 0


def test_another_thread_than_the_first_runs_a_program(target: Target, tmp_path: Path) -> None:
    both = [live.run(target("thread_exec"), options=["--backend", backend], directory=tmp_path)
            for backend in ("bpf", "ptrace")]  # fmt: skip
    ours = [
        [
            (call["comm"], call["pid"] == call["tid"], call["result"]["value"])
            for call in trace.calls("execve")
        ]
        for trace in both
    ]
    assert ours[0] == ours[1]
    assert [trace.status for trace in both] == [0, 0]


def test_32_bit_and_unknown_calls(target: Target, tmp_path: Path) -> None:
    bpf, ptrace = (
        live.run(target("compat"), options=["--backend", backend], directory=tmp_path)
        for backend in ("bpf", "ptrace")
    )

    def told(trace: Trace) -> list[object]:
        odd = (call for call in trace.calls() if call["abi"] == live.COMPAT or not call["decoded"])
        return [(call["name"], call["abi"], call["number"], call["args"], call["result"]) for call in odd]

    assert len(told(bpf)) > 5
    assert told(ptrace) == told(bpf)


def test_names_and_signals(tmp_path: Path) -> None:
    script = (
        "import ctypes, os, signal; signal.signal(signal.SIGUSR1, lambda *_: None);"
        "ctypes.CDLL(None).prctl(15, b'another', 0, 0, 0); os.kill(os.getpid(), 10); os.kill(os.getpid(), 9)"
    )
    python = str(Path(sys.executable).resolve())
    trace = run(python, "-c", script, options=["-e", "kill"], directory=tmp_path)

    assert trace.status == -signal.SIGKILL
    assert [(call["comm"], arg(call, "sig")["symbol"]) for call in trace.calls("kill")] == [
        ("another", "SIGUSR1"), ("another", "SIGKILL"),
    ]  # fmt: skip
    assert [line["name"] for line in trace.of("signal")] == ["SIGUSR1", "SIGKILL"]
    assert trace.of("exit")[0]["signal"] == "SIGKILL"


def test_what_a_task_does_not_notice_is_not_shown(tmp_path: Path) -> None:
    """A signal that is ignored interrupts a traced task's call, which begins anew: it is one call."""
    trace = run("bash", "-c", "(sleep 0.2; kill -WINCH $$) & exec sleep 0.6", directory=tmp_path)

    first = trace.calls()[0]["pid"]
    assert [line["name"] for line in trace.of("signal") if line["pid"] == first] == []
    slept = [call for call in trace.calls("clock_nanosleep") if call["duration"] > 500_000_000]
    assert len(slept) == 1
    assert not trace.calls("restart_syscall")
    assert {(call["result"] or {}).get("error") for call in trace.calls()}.isdisjoint(
        {"ERESTARTSYS", "ERESTART_RESTARTBLOCK", "ERESTARTNOHAND", "ERESTARTNOINTR"}
    )


# ---------------------------------------------------------------- filters and ways


def test_a_filter_is_there_when_some_calls_are_wanted_and_only_then(tmp_path: Path) -> None:
    def mode(*options: str) -> str:
        words = ["grep", "Seccomp:", "/proc/self/status"]
        return run(*words, options=options, directory=tmp_path).stdout.split()[1]

    assert mode() == "0"
    assert mode("-e", "openat") == "2"
    assert mode("-e", "openat", "--no-follow") == "0"
    assert mode("-e", "openat", "--max-events", "1") == "0"


def test_with_a_filter_the_same_calls_are_seen(tmp_path: Path) -> None:
    command = ["sh", "-c", "ls /etc/apt | cat; cat /nonexistent"]
    some = run(*command, options=["-e", "openat,execve,wait4"], directory=tmp_path)
    everything = run(*command, directory=tmp_path)

    def told(trace: Trace) -> Counter[tuple[str, object]]:
        names = ("openat", "execve")
        return Counter(
            (call["name"], arg(call, "filename")["value"]) for call in trace.calls() if call["name"] in names
        )

    assert {call["name"] for call in some.calls()} == {"openat", "execve", "wait4"}
    assert told(some) == told(everything)
    assert some.status == everything.status == 1


def test_what_a_filter_of_its_own_refuses_is_seen_beside_ours(target: Target, tmp_path: Path) -> None:
    trace = run(target("refused"), options=["-e", "getppid,openat,write"], directory=tmp_path)
    alone = live.run(target("refused"), options=["-e", "getppid,openat,write"], directory=tmp_path)

    def told(found: Trace) -> Counter[tuple[str, str | None]]:
        return Counter((call["name"], (call["result"] or {}).get("error")) for call in found.calls())

    assert told(trace) == told(alone)


@pytest.mark.parametrize("options", [["--failure"], ["--errno", "ENOENT"], ["--success"]], ids=" ".join)
def test_filters_of_results(options: list[str], tmp_path: Path) -> None:
    bpf, ptrace = (
        live.run("ls", "/nonexistent", options=["--backend", backend, *options], directory=tmp_path)
        for backend in ("bpf", "ptrace")
    )
    # Whether the loader has pages to give back depends on where its mappings happen to be.
    names = [
        [name for call in trace.calls() if (name := call["name"]) != "munmap"] for trace in (bpf, ptrace)
    ]
    assert names[0] == names[1] != []


def test_filters_of_durations(tmp_path: Path) -> None:
    seconds, least = 0.3 * SLOWER, 250 * SLOWER  # in a guest mmap, too, may take 250 ms
    trace = run("sleep", str(seconds), options=["--duration", str(least)], directory=tmp_path)
    assert [call["name"] for call in trace.calls()] == ["clock_nanosleep"]


def _values(trace: Trace) -> list[object]:
    """What does not depend on when, and where in memory, and who."""
    return [
        (
            call["name"],
            [(each["name"], each.get("kind"), _plain(each)) for each in call["args"]],
            None if (call["result"] or {}).get("kind") in ("pid", "address") else call["result"],
        )
        for call in trace.calls()
        if not (call["result"] or {}).get("restarts")  # it is made again: a signal came, or a freeze
    ]


def _plain(value: Json) -> object:
    return value.get("value") if value.get("kind") in ("string", "bytes", "fd", "flags") else None


VARYING = "!wait4,set_tid_address,getrandom,rt_sigreturn"

WAYS = {
    "without GET_SYSCALL_INFO": ([sys.executable, "-P", str(Path(__file__).parent / "registers.py")], {}),
    "without the native executor": ([sys.executable, "-P", "-m", "argtrace"], {"ARGTRACE_PURE": "1"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_another_way_to_the_same_values(way: str, target: Target, tmp_path: Path) -> None:
    program, variables = WAYS[way]
    file = tmp_path / "other.json"
    fixed = ["setarch", "-R"]
    for command in (["ls", "-l", "/etc/apt"], [target("compat")], ["sh", "-c", "true | cat; cat /absent"]):
        usual = run(*command, options=["-e", VARYING], directory=tmp_path, prefix=fixed)
        done = subprocess.run(
            [*fixed, *program, *PTRACE, "--json", "-o", str(file), "-e", VARYING, "--", *command],
            env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)} | variables, capture_output=True, text=True,
            timeout=120, check=False,
        )  # fmt: skip
        other = Trace(done.returncode, done.stdout, done.stderr, lines(file))
        assert (other.status, other.stdout) == (usual.status, usual.stdout)
        assert other.lines[-1]["type"] == "end"
        assert Counter(map(str, _values(other))) == Counter(map(str, _values(usual)))


@pytest.mark.parametrize("way", [["-s"], ["-S"]], ids=" ".join)
def test_a_summary_counts_what_bpf_counts(way: list[str], target: Target, tmp_path: Path) -> None:
    found = []
    for backend in ("bpf", "ptrace"):
        options = [*way, "--by", "process,errno", "--backend", backend]
        trace = live.run(target("many"), "10", options=options, directory=tmp_path)
        rows = trace.of("summary")
        found.append({(row["name"], row["error"], row["comm"]): row["calls"] for row in rows})
        assert all(row["total"] >= row["max"] >= row["min"] for row in rows if row["calls"] > row["untimed"])
    varying = {"futex", "madvise", "munmap", "mprotect", "mmap", "brk", "rt_sigprocmask"}
    ours, theirs = ({key: n for key, n in each.items() if key[0] not in varying} for each in found)
    assert ours == theirs
    assert ours["getppid", None, "many"] == 200


def test_attached_to_one_that_is_stopped_it_stays_so(tmp_path: Path) -> None:
    with running("sleep", "60") as sleep:
        os.kill(sleep.pid, signal.SIGSTOP)
        wait_for(lambda: state(sleep.pid) == "T")
        with tracing("-o", str(tmp_path / "t"), "-p", str(sleep.pid)) as tracer:
            wait_for(lambda: tracer_of(sleep.pid) == tracer.pid)
            time.sleep(0.2)
            assert state(sleep.pid) in "Tt"
            tracer.send_signal(signal.SIGINT)
            assert tracer.wait(60) == 0
        assert state(sleep.pid) == "T"
        os.kill(sleep.pid, signal.SIGCONT)
        wait_for(lambda: state(sleep.pid) == "S")


def test_attached_to_many_threads(tmp_path: Path) -> None:
    script = (
        "import threading, time\n"
        "for _ in range(49): threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
        "print('ready', flush=True); time.sleep(60)"
    )
    with running(sys.executable, "-c", script) as process:
        assert process.stdout is not None
        process.stdout.readline()
        threads = [int(tid) for tid in os.listdir(f"/proc/{process.pid}/task")]
        assert len(threads) == 50
        with tracing("-o", str(tmp_path / "t"), "-p", str(process.pid)) as tracer:
            wait_for(lambda: {tracer_of(tid) for tid in threads} == {tracer.pid})
            wait_for(lambda: "".join(state(tid) for tid in threads) == "S" * 50)
            tracer.send_signal(signal.SIGINT)
            assert tracer.wait(60) == 0
        assert {tracer_of(tid) for tid in threads} == {0}
        wait_for(lambda: "".join(state(tid) for tid in threads) == "S" * 50)


def test_what_ends_argtrace_ends_a_command_with_a_filter(tmp_path: Path) -> None:
    own = tmp_path / "pid"
    script = f"echo $$ >{own}; exec sleep 60"
    with tracing("-e", "openat", "-o", str(tmp_path / "t"), "--", "sh", "-c", script) as tracer:
        wait_for(lambda: own.exists() and own.read_text().endswith("\n"))
        tracer.terminate()
        assert tracer.wait(60) == -signal.SIGTERM
    wait_for(lambda: not is_running(int(own.read_text())))


def test_with_the_output_gone_a_command_with_a_filter_is_served_to_its_end(tmp_path: Path) -> None:
    script = "cat /etc/hostname; cat /etc/hostname"
    done = live.text(*PTRACE, "-e", "openat", "-o", "/dev/full", "--", "sh", "-c", script)
    assert done.returncode == 125
    assert "cannot write to '/dev/full'" in done.stderr
    assert done.stdout == Path("/etc/hostname").read_text() * 2


def test_the_first_interrupt_is_the_commands(tmp_path: Path) -> None:
    """Whoever asks meanwhile whether it has ended takes no stop from its tracer."""
    own = tmp_path / "pid"
    script = f"trap 'echo caught; exit 6' INT; echo $$ >{own}; while :; do echo on; done"
    log = tmp_path / "t"
    command = ["--json", "-o", str(log), "--", "sh", "-c", script]
    words = [sys.executable, "-P", "-m", "argtrace", *PTRACE, *command]
    with subprocess.Popen(
        words, env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE
    ) as tracer:
        try:
            wait_for(lambda: own.exists() and own.read_text().endswith("\n"))
            tracer.send_signal(signal.SIGINT)
            os.kill(int(own.read_text()), signal.SIGINT)
            assert tracer.stdout is not None
            assert tracer.stdout.read().endswith(b"caught\n")
            assert tracer.wait(60) == 6
        finally:
            tracer.kill()
    assert lines(log)[-1]["type"] == "end"
