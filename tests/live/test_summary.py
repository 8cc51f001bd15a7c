"""`-s` and `-S` on the real kernel: counts that are exact, against strace's and against loops."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.live.conftest import Target
from tests.support import live
from tests.support.live import Json

pytestmark = pytest.mark.live

# How often a program calls these differs from run to run.
VARYING = {"brk", "futex", "getrandom", "rt_sigreturn", "rt_sigprocmask", "mmap", "munmap"}

ways = pytest.mark.parametrize("way", [["-s"], ["-S"], ["-s", "--no-times"]], ids=" ".join)


def rows(trace: live.Trace) -> list[Json]:
    return trace.of("summary")


def counts(found: Sequence[Json]) -> dict[tuple[str, str | None], tuple[int, int]]:
    """Calls and errors."""
    sums: dict[tuple[str, str | None], tuple[int, int]] = {}
    for row in found:
        key = (row["name"], row["abi"])
        calls, errors = sums.get(key, (0, 0))
        sums[key] = calls + row["calls"], errors + row["errors"]
    return sums


@ways
def test_what_strace_counts(way: list[str], tmp_path: Path) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is needed to compare with; install it.")
    command = ["sh", "-c", "ls /nonexistent; cat /etc/hostname; kill -USR1 $$"]
    trace = live.run(*command, options=way, directory=tmp_path)
    told = tmp_path / "strace.txt"
    subprocess.run(
        ["strace", "-f", "-c", "-U", "name,calls,errors", "-o", str(told), *command],
        env=live.ENVIRONMENT, capture_output=True, check=False,
    )  # fmt: skip

    strace = {
        name: (int(calls), int(errors or 0))
        for name, calls, errors in re.findall(r"^(\w+) +(\d+) *(\d*)$", told.read_text(), re.MULTILINE)
        if name not in VARYING | {"total"}
    }
    ours = {name: numbers for (name, _), numbers in counts(rows(trace)).items()}
    assert len(strace) > 15
    assert {name: ours.get(name) for name in strace} == strace
    assert ours.keys() - strace.keys() <= VARYING | {"exit_group"}


@ways
def test_a_thousand_threads(way: list[str], target: Target, tmp_path: Path) -> None:
    """More than have places in an array; one of them runs another program."""
    trace = live.run(target("threads"), options=[*way, "--by", "thread"], directory=tmp_path)

    found = [row for row in rows(trace) if row["name"] == "getppid"]
    assert len({row["tid"] for row in found}) == 1000
    assert {(row["calls"], row["pid"], row["comm"]) for row in found} == {(1, found[0]["pid"], "threads")}
    assert counts(rows(trace))["execve", None] == (2, 0)
    assert not trace.of("note")


@ways
def test_32_bit_and_unknown_calls(way: list[str], target: Target, tmp_path: Path) -> None:
    trace = live.run(target("compat"), options=way, directory=tmp_path)

    found = counts(rows(trace))
    assert found["open", live.COMPAT] == (2, 1)
    assert found["close", live.COMPAT] == (1, 0)
    assert found["syscall_0x1ff", live.COMPAT] == (1, 1)
    assert found["syscall_0xbad", None] == (1, 1)
    assert found["syscall_0x190", None] == (1, 1)


def test_beside_a_trace_the_table_counts_its_lines(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "ls /nonexistent; true", options=["-S", "--by", "errno"], directory=tmp_path)

    lines = Counter((call["name"], (call["result"] or {}).get("error")) for call in trace.calls())
    assert lines == {(row["name"], row["error"]): row["calls"] for row in rows(trace)}
    for row in rows(trace):
        same = [
            call["duration"] for call in trace.calls(row["name"])
            if (call["result"] or {}).get("error") == row["error"] and call["duration"] is not None
        ]  # fmt: skip
        # Ours looks at the clock a moment before the record is finished.
        assert row["total"] <= sum(same)
        assert sum(count for _, count in row["histogram"]) == len(same)


@ways
def test_filters_decide_what_is_counted(way: list[str], tmp_path: Path) -> None:
    options = [*way, "-e", "%file", "--errno", "ENOENT"]
    trace = live.run("ls", "/nonexistent", options=options, directory=tmp_path)

    found = counts(rows(trace))
    assert found
    assert all(calls == errors for calls, errors in found.values())
    assert ("read", None) not in found


@pytest.mark.parametrize("way", [["-s"], ["-s", "--no-times"], ["-s", "--by", "process"]], ids=" ".join)
def test_every_call_of_many_processes_at_once(way: list[str], target: Target, tmp_path: Path) -> None:
    """Cells are a CPU's own: none is lost where several processes make the same call."""

    def opens(times: int) -> int:
        loops = " & ".join([f"{target('loop')} {times}"] * 4)
        trace = live.run("sh", "-c", f"{loops} & wait", options=way, directory=tmp_path)
        assert not trace.of("note")
        return counts(rows(trace))["openat", None][0]

    assert opens(30000) - opens(1) == 4 * 29999


def test_attached_until_interrupted(tmp_path: Path) -> None:
    """The call it was in has no duration; the one it is in at the end is pending."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
        assert cat.stdin
        assert cat.stdout
        table = tmp_path / "table"
        tracer = subprocess.Popen(
            [*live.ARGTRACE, "-s", "--json", "-o", str(table), "-p", str(cat.pid)],
            cwd=Path(__file__).parents[2],
        )
        deadline = time.monotonic() + 60
        while not (table.exists() and table.stat().st_size) and time.monotonic() < deadline:
            links = Path(f"/proc/{tracer.pid}/fd")
            with contextlib.suppress(FileNotFoundError):  # it closes some
                if sum("bpf" in os.readlink(link) for link in links.iterdir()) > 5:
                    time.sleep(live.SLOWER)
                    break
            time.sleep(0.1)
        for _ in range(3):
            cat.stdin.write(b"line\n")
            cat.stdin.flush()
            assert cat.stdout.readline() == b"line\n"
        time.sleep(0.2)
        tracer.send_signal(signal.SIGINT)
        assert tracer.wait(60) == 0
        cat.stdin.close()

    lines = [json.loads(line) for line in table.read_text().splitlines()]
    found = {row["name"]: row for row in lines if row["type"] == "summary"}
    assert (found["read"]["calls"], found["read"]["untimed"], found["read"]["pending"]) == (3, 1, 1)
    assert (found["write"]["calls"], found["write"]["untimed"], found["write"]["pending"]) == (3, 0, 0)


def test_the_table_is_text_by_default() -> None:
    told = live.text("-s", "--top", "2", "--histogram", "--", "true")

    assert told.returncode == 0
    assert told.stdout == ""
    assert (
        "   syscall            calls  errors  total       min       avg       max       stddev\n"
        in told.stderr
    )
    calls = told.stderr.partition("stddev\n")[2].partition("\n\n")[0]
    assert len(re.findall(r"^   [a-z]\w+ +\d", calls, re.MULTILINE)) == 2
    assert "(" not in told.stderr.split("Summary of events")[0], "no lines of calls"


def test_the_exit_status_is_the_commands() -> None:
    assert live.text("-s", "--", "sh", "-c", "exit 7").returncode == 7
