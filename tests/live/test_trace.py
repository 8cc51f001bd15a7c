"""A command traced on the real kernel, from its exec to its end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.live.conftest import Target, holding
from tests.support import live
from tests.support.live import arg

pytestmark = pytest.mark.live


def test_a_shell_and_its_children(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "cat /etc/hostname; cat /nonexistent", directory=tmp_path)

    assert trace.status == 1
    assert trace.stdout == Path("/etc/hostname").read_text()
    first = trace.calls()[0]
    assert (first["name"], arg(first, "filename")["value"]) == ("execve", "/usr/bin/sh")
    execs = [[word["value"] for word in arg(call, "argv")["value"]] for call in trace.calls("execve")]
    assert execs == [
        ["sh", "-c", "cat /etc/hostname; cat /nonexistent"],
        ["cat", "/etc/hostname"],
        ["cat", "/nonexistent"],
    ]
    opened = {arg(call, "filename")["value"]: call["result"] for call in trace.calls("openat")}
    assert opened["/etc/hostname"]["value"] == 3
    assert opened["/nonexistent"]["error"] == "ENOENT"
    assert len({call["pid"] for call in trace.calls()}) == 3
    assert [line["status"] for line in trace.of("exit")] == [0, 1, 1]
    assert trace.lost == 0


def test_a_string_is_what_the_kernel_saw(target: Target, tmp_path: Path, on_disk: Path) -> None:
    """Cold pages are read again at exit; a bad pointer, NULL and "" are three things."""
    trace = live.run(target("cold"), str(on_disk / "one"), str(on_disk / "two"), directory=tmp_path)

    assert trace.stdout == "", "the target says when a page was resident after all"
    paths = [arg(call, "filename") for call in trace.calls("openat")]
    ours = [path for path in paths if not str(path["value"]).startswith((str(on_disk), "/lib", "/etc/ld"))]
    assert [(path["kind"], path["value"]) for path in ours[:5]] == [
        ("string", "/etc/hostname"),
        ("string", "/cold/nonexistent"),
        ("missing", None),
        ("address", "0x0"),
        ("string", ""),
    ]
    assert (ours[2]["raw"], ours[2]["why"], ours[2]["reason"]) == ("0x10", "unreadable", "EFAULT")


@pytest.mark.parametrize(
    "calls", ["write", "writev", "poll", "write,writev,poll", "write,writev,poll,openat"]
)
def test_blocks_in_cold_pages(calls: str, target: Target, tmp_path: Path) -> None:
    """Whatever else the record has room for: alone a call has what it needs itself and no more."""
    trace = live.run(target("cold_blocks"), options=["-e", live.here(calls)], directory=tmp_path)

    poll = live.here("poll")
    seen = {call["name"]: call for call in trace.calls() if call["result"]["value"] in (1, 15, 16)}
    assert set(seen) == set(live.here(calls).split(",")) - {"openat"}
    if "write" in seen:
        assert arg(seen["write"], "buf")["value"] == "one cold buffer"
    if "writev" in seen:
        parts = [part["value"]["iov_base"]["value"] for part in arg(seen["writev"], "vec")["value"]]
        assert parts == ["first part", "second"]
    if poll in seen:
        changed = arg(seen[poll], "ufds")["value"][0]["value"]
        assert changed["events"]["names"] == ["POLLIN"]
        assert changed["revents"]["names"] == ["POLLIN"]


def looks_late() -> bool:
    """Whether an exec copies its arguments before it looks for the file: only the version tells."""
    major, minor, *_ = os.uname().release.split(".")
    return (int(major), int(minor)) < (6, 8)


def test_exec_from_cold_pages(target: Target, tmp_path: Path, on_disk: Path) -> None:
    trace = live.run(target("cold"), str(on_disk / "one"), str(on_disk / "two"), directory=tmp_path)

    failed, worked = trace.calls("execve")[1:]
    assert failed["result"]["error"] == "ENOENT"
    assert arg(failed, "filename")["value"] == "/cold/nosuch"
    # The file was not there. The kernel looks for it before it copies argv[0] (Linux 6.8): then it
    # never touched it, and nobody can know what it held.
    first, second = arg(failed, "argv")["value"]
    assert first["kind"] == "missing" or (looks_late() and first["value"] == "never read")
    assert second["value"] == "warm"
    assert arg(worked, "filename")["value"] == "/bin/true"
    assert [item["value"] for item in arg(worked, "argv")["value"]] == ["true", "cold argument"]
    assert [item["value"] for item in arg(worked, "envp")["value"]] == ["A=1", "B=2"]


@holding
def test_a_fast_loop_loses_nothing(target: Target, tmp_path: Path) -> None:
    options, rounds = ["-e", "openat,close"], live.rounds(100_000)
    trace = live.run(target("loop"), str(rounds), options=options, directory=tmp_path, timeout=180)

    opens = [c for c in trace.calls("openat") if arg(c, "filename")["value"] == "/dev/zero"]
    assert len(opens) == rounds
    assert {call["result"]["value"] for call in opens} == {3}
    assert len(trace.calls("close")) >= rounds
    assert trace.lost == 0


def test_a_loss_is_counted_to_the_last_record(target: Target, tmp_path: Path) -> None:
    options = ["-e", "openat,close,exit_group", "--buffer", "64K", "--no-backpressure"]
    times = live.rounds(30_000)
    whole = live.run(target("loop"), "10", options=options, directory=tmp_path)
    trace = live.run(target("loop"), str(times), options=options, directory=tmp_path)

    expected = len(whole.calls()) + 2 * (times - 10)
    end = trace.lines[-1]
    assert end["lost"] > 0
    # Task events (the exit) may be among the lost ones; calls are counted apart.
    lost_calls = sum(count for name, count in end["lost_by_call"].items() if name != "task events")
    assert len(trace.calls()) + lost_calls == expected
    assert sum(line["count"] for line in trace.of("lost")) == end["lost"]
    assert trace.status == 0


def test_strict_makes_a_loss_a_failure(target: Target, tmp_path: Path) -> None:
    options = ["--buffer", "64K", "--no-backpressure", "--strict"]
    trace = live.run(target("loop"), str(live.rounds(30_000)), options=options, directory=tmp_path)

    assert trace.status == 125
    assert "lost: " in trace.stderr


def test_hostile_strings_stay_strings(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("unprintable"), directory=tmp_path)

    lines = (tmp_path / "trace.json").read_text()
    assert lines.isascii()
    assert not any(ord(c) < 0x20 and c != "\n" for c in lines)
    title, invalid, long = [arg(call, "filename") for call in trace.calls("openat") if "red" in call["comm"]]
    assert title["value"] == '\x1b]0;title\a\x1b[2J\r\n\t"quote\\'
    assert invalid["base64"] == "//4gwyggY2Fmw6k="
    assert (len(long["value"]), long["cut"], long["length"]) == (4096, True, None)


@pytest.mark.parametrize("style", ["perf", "strace"])
def test_hostile_strings_cannot_reach_the_terminal(target: Target, style: str) -> None:
    done = live.text("-v", "--style", style, "--", target("unprintable"))

    assert '\\33]0;title\\7\\33[2J\\r\\n\\t\\"quote\\\\' in done.stderr
    assert done.stderr.isascii()
    assert not any(ord(character) < 0x20 and character != "\n" for character in done.stderr)


def test_32_bit_calls_are_not_decoded_with_the_64_bit_table(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("compat"), directory=tmp_path)

    compat = [call for call in trace.calls() if call["abi"] == live.COMPAT]
    own = [] if live.ON_X86_64 else ["set_tls", "exit"]
    assert [call["name"] for call in compat] == ["open", "open", "close", "syscall_0x1ff", *own]
    assert not any(call["decoded"] for call in compat)
    assert compat[0]["args"][0]["raw"] == "0x10000000"
    assert compat[0]["result"]["value"] == 3
    assert [call["result"].get("error") for call in compat[:4]] == [None, "EFAULT", None, "ENOSYS"]
    unknown = [call for call in trace.calls() if call["abi"] is None and not call["decoded"]]
    assert [(call["name"], call["result"]["error"]) for call in unknown] == [
        ("syscall_0xbad", "ENOSYS"),
        ("syscall_0x190", "ENOSYS"),
    ]
    assert [word["value"] for word in unknown[0]["args"]] == [1, 2, 3, 4, 5, 6]


def test_a_call_that_seccomp_refuses_is_shown(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("refused"), options=["-e", live.here("mkdir,openat")], directory=tmp_path)

    (refused,) = trace.calls(live.here("mkdir"))
    assert refused["result"]["error"] == "EACCES"
    assert arg(refused, "pathname")["value"] == "/refused"
    assert (refused["entry_seen"], refused["duration"]) == (False, None)


def test_every_child_of_a_fork_storm(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("storm"), "3", "500", options=["-e", "getppid"], directory=tmp_path)

    assert len(trace.calls("getppid")) == 1500
    assert len(trace.of("exit")) == 1504
    assert trace.lost == 0


def test_a_thousand_threads_and_an_exec_from_one(target: Target, tmp_path: Path) -> None:
    trace = live.run(target("threads"), directory=tmp_path)

    assert trace.stdout == "from a thread\n"
    assert len(trace.calls("getppid")) == 1000
    first, second = trace.calls("execve")
    assert [word["value"] for word in arg(second, "argv")["value"]] == ["echo", "from a thread"]
    assert second["tid"] != first["tid"]
    (taken_over,) = [line for line in trace.of("exec") if line["former_tid"] != line["tid"]]
    assert (taken_over["tid"], taken_over["former_tid"]) == (first["tid"], second["tid"])
    assert trace.of("exit")[-1]["comm"] == "echo"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(["--failure"], {"ENOENT"}, id="only what fails"),
        pytest.param(["--success"], {None}, id="only what does not fail"),
        pytest.param(["--errno", "ENOENT"], {"ENOENT"}, id="only what fails for one reason"),
        pytest.param(["--errno", "EACCES,EPERM"], set(), id="reasons that do not occur"),
    ],
)
def test_filters(options: list[str], expected: set[str | None], tmp_path: Path) -> None:
    command = ["sh", "-c", "cat /etc/hostname; cat /nonexistent"]
    trace = live.run(*command, options=["-e", "openat,close", *options], directory=tmp_path)

    assert {call["result"].get("error") for call in trace.calls()} == expected


def test_duration_keeps_only_slow_calls(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "sleep 0.05; true", options=["--duration", "40"], directory=tmp_path)

    assert {"clock_nanosleep", "wait4"} <= {call["name"] for call in trace.calls()}
    assert all(call["duration"] >= 40_000_000 for call in trace.calls())


def test_no_follow_leaves_children_alone(tmp_path: Path) -> None:
    trace = live.run("sh", "-c", "cat /etc/hostname; true", options=["--no-follow"], directory=tmp_path)

    assert len({call["pid"] for call in trace.calls()}) == 1
    assert len(trace.calls("execve")) == 1


def test_only_selected_calls_leave_the_kernel(tmp_path: Path) -> None:
    trace = live.run(
        "cat",
        "/etc/hostname",
        options=["-e", f"%file,!{live.here('access')},!newfstatat"],
        directory=tmp_path,
    )

    names = {call["name"] for call in trace.calls()}
    assert "openat" in names
    assert not names & {live.here("access"), "newfstatat", "read", "mmap"}


def test_max_events_ends_the_trace_and_not_the_command() -> None:
    done = live.text("--max-events", "3", "--", "sh", "-c", "sleep 0.1; echo done; exit 7")

    assert (done.returncode, done.stdout) == (7, "done\n")
    assert len(live.said(done).splitlines()) == 3


def test_a_shorter_string_limit_cuts(tmp_path: Path) -> None:
    options = ["-e", "openat", "--string-limit", "8"]
    trace = live.run("cat", "/etc/hostname", options=options, directory=tmp_path)

    path = arg(trace.calls("openat")[-1], "filename")
    assert (path["value"], path["cut"], path["length"]) == ("/etc/hos", True, None)


def test_python_session_gives_events(target: Target) -> None:
    import argtrace

    with argtrace.Session(argtrace.Options(calls=("openat",))) as session:
        command = argtrace.Command(["cat", "/etc/hostname"], live.ENVIRONMENT)
        try:
            session.run(command)
            events = [event for batch in session.batches() for event in batch]
        finally:
            command.close()

    from argtrace.decode.events import Call, Exit

    paths = [e.args["filename"].data for e in events if isinstance(e, Call)]  # type: ignore[union-attr]
    assert b"/etc/hostname" in paths
    assert isinstance(events[-1], Exit)
