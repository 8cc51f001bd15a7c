"""From a command line to an exit status: what the user sees when nothing can be traced, or need be."""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import argtrace
from argtrace import cli
from argtrace.cgroups import NoFreezer
from argtrace.cli import options
from argtrace.errors import ArgtraceError, NotPermitted, NotSupported
from argtrace.kernel import access
from tests.support import schema

ROOT = Path(__file__).parents[2]
ARGTRACE = (sys.executable, "-m", "argtrace")
UNTRACED = (sys.executable, "-m", "tests.support.untraced")


def run(
    program: Sequence[str], *words: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*program, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def shown(call: str) -> str:
    """The line of a call without arguments or result, one of UNTRACED_EVENTS."""
    return f"     0.000 (         ): sh/1 {call + '()':69} = ?"


MACHINE = "`argtrace doctor` says more"


@pytest.mark.parametrize(
    ("error", "last"),
    [
        pytest.param(
            NotPermitted("x", ("CAP_BPF",), remedy="sudo"), f"sudo; {MACHINE}", id="a missing right"
        ),
        pytest.param(NotPermitted("x", ("CAP_BPF",)), MACHINE, id="one without a remedy"),
        pytest.param(NotSupported("x", remedy="elsewhere"), f"elsewhere; {MACHINE}", id="a kernel without"),
        pytest.param(NoFreezer("why", remedy="be root"), f"be root; {MACHINE}", id="no cgroup"),
        pytest.param(ArgtraceError("x", remedy="write it so"), "write it so", id="nothing of the machine"),
    ],
)
def test_errors_of_the_machine_point_to_the_doctor(
    error: ArgtraceError, last: str, capfd: pytest.CaptureFixture[str]
) -> None:
    cli.report(error)

    assert capfd.readouterr().err == f"argtrace: {error}\n          {last}\n"


def test_the_version() -> None:
    ended = run(ARGTRACE, "--version")

    assert (ended.returncode, ended.stdout) == (0, f"argtrace {argtrace.__version__}\n")


@pytest.mark.parametrize(
    "words", [["--help"], ["plan", "--help"], ["doctor", "--help"]], ids=["trace", "plan", "doctor"]
)
def test_the_help_mentions_each_option(words: list[str]) -> None:
    ended = run(ARGTRACE, *words)
    assert (ended.returncode, ended.stderr) == (0, "")

    told = set(re.findall(r"(?<![\w-])--?\w[\w-]*", ended.stdout))
    if words == ["--help"]:
        parser = options.parser()
        wanted = {
            word
            for action in parser._actions
            if action.dest != "follow_forks" and action.help != argparse.SUPPRESS
            for word in action.option_strings
        }
        assert wanted <= told
    elif words[0] == "plan":
        assert {"-e", "--trace", "--string-limit", "-y", "--cost", "--listing"} <= told
    else:
        assert {"--json", "--color"} <= told


def test_examples_of_the_help_are_command_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    examples = re.findall(r"^  argtrace (.*?)  +", capsys.readouterr().out, re.MULTILINE)
    examples = [example for example in examples if not example.startswith("[")]

    assert len(examples) > 5
    for example in examples:
        if not example.startswith(("plan ", "doctor")):
            options.parser().parse_args(example.split())


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        pytest.param(["nosuch-command"], 127, "nosuch-command: command not found", id="no such command"),
        pytest.param(["./nosuch"], 127, "./nosuch: No such file or directory", id="no such file"),
        pytest.param(["no\nsuch\x1b[2J"], 127, r"no\nsuch\x1b[2J: command not found", id="an odd name"),
        pytest.param(
            ["-o", "/nosuch/trace", "--", "true"], 125, "'/nosuch/trace': No such file", id="no output"
        ),
    ],
)
def test_what_fails_before_the_kernel_is_asked(words: list[str], status: int, message: str) -> None:
    ended = run(ARGTRACE, *words)

    assert ended.returncode == status
    assert re.fullmatch(f"argtrace: .*{re.escape(message)}.*\n", ended.stderr)
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        pytest.param("opeat", "no 'opeat' (did you mean openat", id="a call that is misspelt"),
        pytest.param("/[", "'/[' is no regular expression", id="a broken regular expression"),
        pytest.param("%fil", "no '%fil' (did you mean %file?)", id="a class that is misspelt"),
    ],
)
def test_calls_that_nobody_has(expression: str, message: str, tmp_path: Path) -> None:
    ended = run(ARGTRACE, "-e", expression, "--", "touch", tmp_path / "ran")

    assert ended.returncode == 125
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert os.listdir(tmp_path) == []


def without(*capabilities: int) -> None:
    """Give up the chance of ever having these: what is exec'd next has none of them, root or not."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for capability in capabilities:
        prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    prctl(47, 4, 0, 0, 0)  # PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL


PERFMON, BPF, SYS_ADMIN = 38, 39, 21
NAMES = {BPF: "CAP_BPF", PERFMON: "CAP_PERFMON"}


def unprivileged(lost: tuple[int, ...], *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ARGTRACE, *map(str, words)],
        preexec_fn=lambda: without(*lost),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "lost",
    [
        pytest.param((SYS_ADMIN, BPF, PERFMON), id="neither right"),
        pytest.param((SYS_ADMIN, BPF), id="no right to BPF"),
        pytest.param((SYS_ADMIN, PERFMON), id="no right to trace"),
    ],
)
def test_who_may_not_trace_is_told_what_is_missing(lost: tuple[int, ...], tmp_path: Path) -> None:
    missing = {*access.missing_capabilities(), *(NAMES[right] for right in lost if right in NAMES)}
    needs = ", ".join(sorted(missing))
    ended = unprivileged(lost, "--backend", "bpf", "--", "touch", tmp_path / "ran")

    first, second, *more = ended.stderr.splitlines()
    assert ended.returncode == 125
    assert first == f"argtrace: not permitted: loading BPF programs: needs {needs}"
    wanted = needs.lower().replace(" ", "")
    assert re.fullmatch(rf"  +run it with sudo, or .*: sudo setcap {wanted}\+ep /.*python.*", second)
    assert more == []
    assert os.listdir(tmp_path) == []  # the command was not run


def test_without_the_right_to_bpf_it_is_ptrace(tmp_path: Path) -> None:
    ended = unprivileged((SYS_ADMIN, BPF), "-e", "openat", "--", "touch", tmp_path / "ran")

    first, *others = ended.stderr.splitlines()
    assert ended.returncode == 0
    missing = ", ".join(sorted({*access.missing_capabilities(), "CAP_BPF"}))
    assert first == f'argtrace: tracing with ptrace: no {missing} ("argtrace doctor" says more)'
    assert any(f'filename: "{tmp_path}/ran"' in line for line in others)
    assert os.listdir(tmp_path) == ["ran"]


def test_the_cost_of_a_plan_needs_the_same_rights() -> None:
    ended = unprivileged((SYS_ADMIN, BPF, PERFMON), "plan", "-e", "openat", "--cost")

    assert ended.returncode == 125
    assert "needs CAP_BPF, CAP_PERFMON" in ended.stderr


def test_a_plan_needs_no_rights() -> None:
    ended = unprivileged((SYS_ADMIN, BPF, PERFMON), "plan", "-e", "openat,exit_group")

    assert (ended.returncode, ended.stderr) == (0, "")
    *_, prototype, dfd, filename, flags, mode, total = ended.stdout.splitlines()
    assert prototype.startswith("long openat(int dfd, const char *filename, int flags, umode_t mode)")
    assert [line.split()[:2] for line in (dfd, filename, flags, mode)] == [
        ["dfd", "rdi"], ["filename", "rsi"], ["flags", "rdx"], ["mode", "r10"],
    ]  # fmt: skip
    assert total.startswith("2 calls, ")


@pytest.mark.parametrize("words", [["-y"], ["-e", "decode-fds=path"]], ids=["-y", "as -e"])
def test_a_plan_with_names_has_the_calls_that_tell_them(words: list[str]) -> None:
    ended = run(ARGTRACE, "plan", "-e", "read", *words)

    assert (ended.returncode, ended.stderr) == (0, "")
    calls = re.findall(r"^long (\w+)\(", ended.stdout, re.MULTILINE)
    assert {"read", "openat", "close", "dup2"} <= set(calls)


def test_who_reads_a_plan_may_stop_at_any_line() -> None:
    started = subprocess.Popen(
        [*ARGTRACE, "plan", "-e", "ioctl"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert started.stdout is not None
    assert started.stdout.readline().startswith("long ioctl(")
    started.stdout.close()
    _, said = started.communicate(timeout=60)

    assert (started.returncode, said) == (0, "")


# ---- with a session that traces nothing ---------------------------------------------------


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param("exit 0", 0, id="success"),
        pytest.param("exit 3", 3, id="its own status"),
        pytest.param("exit 125", 125, id="even one that is ours"),
        pytest.param("kill -TERM $$", -signal.SIGTERM, id="killed by a signal"),
        pytest.param("kill -KILL $$", -signal.SIGKILL, id="killed by one that cannot be caught"),
        pytest.param("ulimit -c 0; kill -SEGV $$", -signal.SIGSEGV, id="killed by one that dumps core"),
    ],
)
def test_the_status_is_the_commands(script: str, status: int) -> None:
    ended = run(UNTRACED, "--", "sh", "-c", script)

    assert (ended.returncode, ended.stderr) == (status, "")


def test_the_commands_output_is_its_own() -> None:
    ended = run(UNTRACED, "-q", "sh", "-c", "echo out; echo err >&2", UNTRACED_EVENTS="getpid")

    assert ended.stdout == "out\n"
    assert sorted(ended.stderr.splitlines()) == [shown("getpid"), "err"]


def test_a_file_that_cannot_be_run(tmp_path: Path) -> None:
    plain, script = tmp_path / "plain", tmp_path / "script"
    plain.write_text("text")
    script.write_text("no program")
    script.chmod(0o755)

    for path, why in (
        (plain, "Permission denied"),
        (tmp_path, "Permission denied"),
        (script, "Exec format error"),
    ):
        ended = run(UNTRACED, path)
        assert (ended.returncode, ended.stderr) == (126, f"argtrace: {path}: {why}\n")


def test_a_file_whose_interpreter_is_gone(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/nosuch/interpreter\n")
    script.chmod(0o755)

    ended = run(UNTRACED, script)

    assert (ended.returncode, ended.stderr) == (127, f"argtrace: {script}: No such file or directory\n")


def test_a_command_named_like_one_of_ours(tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    plan.write_text("#!/bin/sh\necho mine\n")
    plan.chmod(0o755)

    ended = run(UNTRACED, "--", "plan", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert ended.stdout == "mine\n"


def test_the_command_finds_the_world_as_it_was() -> None:
    # Python ignores SIGPIPE, and we hold descriptors: it is to see neither.
    words = ("sh", "-c", "grep -E 'SigIgn|SigBlk' /proc/self/status; ls /proc/self/fd")

    assert run(UNTRACED, "--", *words).stdout == run(words).stdout


def test_json_begins_and_ends_with_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    ended = run(UNTRACED, "--json", "-o", path, "--", "true", "caf\udce9", UNTRACED_EVENTS="getpid getppid")
    start, *calls, end = lines = path.read_bytes().splitlines()

    assert (ended.returncode, ended.stderr) == (0, "")
    assert [problem for line in lines for problem in schema.problems(line)] == []
    assert json.loads(start)["command"] == ["true", "caf\ufffd"]
    assert (json.loads(start)["time"], json.loads(start)["realtime"]) == (1_000, 3_000)
    assert [json.loads(call)["name"] for call in calls] == ["getpid", "getppid"]
    assert json.loads(end) == {"type": "end", "events": 2, "lost": 0, "lost_by_call": {}}


def test_losses_are_told_and_with_strict_they_are_a_failure() -> None:
    lenient = run(UNTRACED, "true", UNTRACED_LOST="3")
    strict = run(UNTRACED, "--strict", "true", UNTRACED_LOST="3")

    assert (lenient.returncode, lenient.stderr) == (0, "argtrace: 0 events, 3 lost: getpid 3\n")
    assert (strict.returncode, strict.stderr) == (125, "argtrace: 0 events, 3 lost: getpid 3\n")


def test_enough_lines_end_the_trace_and_not_the_command(tmp_path: Path) -> None:
    path = tmp_path / "trace"
    ended = run(
        UNTRACED, "--max-events", "2", "-o", path, "sh", "-c", "sleep 0.1; echo done", UNTRACED_EVENTS="a b c"
    )

    assert ended.stdout == "done\n"
    assert [line.split()[-3] for line in path.read_text().splitlines()] == ["a()", "b()"]


def test_an_output_that_fails_ends_the_trace_and_not_the_command() -> None:
    ended = run(UNTRACED, "-o", "/dev/full", "sh", "-c", "sleep 0.3; echo done", UNTRACED_EVENTS="getpid")

    assert (ended.returncode, ended.stdout) == (125, "done\n")
    assert ended.stderr == (
        "argtrace: cannot write to '/dev/full': No space left on device\n"
        "argtrace: tracing has stopped; the command goes on\n"
    )


def test_a_program_reads_the_trace(tmp_path: Path) -> None:
    path = tmp_path / "got"
    ended = run(UNTRACED, "-o", f"|grep ppid >{path}", "true", UNTRACED_EVENTS="getpid getppid")

    assert ended.returncode == 0
    assert path.read_text() == shown("getppid") + "\n"


def test_the_trace_on_standard_output() -> None:
    ended = run(UNTRACED, "-o", "-", "true", UNTRACED_EVENTS="getpid")

    assert (ended.stdout, ended.stderr) == (shown("getpid") + "\n", "")


def test_a_signal_for_argtrace_ends_the_command_too(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            *UNTRACED,
            "--",
            "sh",
            "-c",
            f"echo $$ >{tmp_path}/pid; mv {tmp_path}/pid {tmp_path}/ready; exec sleep 60",
        ],
        cwd=ROOT,
    )
    while not (tmp_path / "ready").exists():
        assert process.poll() is None
    process.terminate()

    assert process.wait(60) == -signal.SIGTERM
    words = Path(f"/proc/{(tmp_path / 'ready').read_text().strip()}/cmdline")
    deadline = time.monotonic() + 60
    while words.exists() and words.read_bytes():  # one that waits for its parent has none
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_ctrl_c_is_the_commands_first(tmp_path: Path) -> None:
    trap = "trap 'sleep 0.3; echo caught; exit 5' INT"
    script = f"{trap}; touch {tmp_path}/ready; while :; do sleep 0.05; done"
    process = subprocess.Popen(
        [*UNTRACED, "--", "sh", "-c", script],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    while not (tmp_path / "ready").exists():
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does

    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, "caught\n")


def test_what_others_are_called_does_not_reach_the_terminal_as_it_is(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A container has its name from whoever made it, and an error may list those there are."""
    cli.report(ArgtraceError("no container x: lxc a\x1b]0;b\x07\x9b", remedy="é, \u202e, \udcff"))

    said = capfd.readouterr().err
    assert said == "argtrace: no container x: lxc a\\x1b]0;b\\x07\\x9b\n          é, \\u202e, \\udcff\n"
