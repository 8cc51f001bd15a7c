"""What a session is asked for by the options that say whose calls are wanted, and when."""

from __future__ import annotations

import argparse
import os
from argparse import Namespace
from pathlib import Path

import pytest

from argtrace import cgroup_paths, choosing
from argtrace.cli import options, targets
from argtrace.errors import ArgtraceError
from argtrace.fetch.choosing import MOST_CGROUPS
from argtrace.fetch.gate import MOST_CPUS
from argtrace.targets import ALWAYS, NOBODY, Targets, Window
from argtrace.value import replace

OURS, SHELL, SESSION = 120, 110, 100


@pytest.fixture(autouse=True)
def _us(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who we are, and who started us; cgroups and containers are where their name says."""
    monkeypatch.setattr(os, "getpid", lambda: OURS)
    monkeypatch.setattr(choosing, "ancestors", {OURS: (SHELL, SESSION)}.__getitem__)
    monkeypatch.setattr(cgroup_paths, "directory", lambda path: f"/sys/fs/cgroup/{path.strip('/')}")
    monkeypatch.setattr(cgroup_paths, "of_container", lambda name: f"/sys/fs/cgroup/docker/{name}")


@pytest.fixture
def cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of four."""
    monkeypatch.setattr(os, "sysconf", {"SC_NPROCESSORS_CONF": 4}.__getitem__)


def parsed(line: str) -> Namespace:
    """As `trace.main` does."""
    parser = options.parser()
    wanted = parser.parse_args(line.split())
    wanted.command = options.command(wanted.command)
    targets.check(parser, wanted, wanted.command)
    return wanted


def asked(line: str) -> Targets:
    return targets.targets(parsed(line))


def standing(**others: object) -> Targets:
    """A trace that goes on until it is stopped: not of us, nor of who started us."""
    defaults: dict[str, object] = {"not_pids": (SESSION, SHELL), "not_families": (OURS,)}
    return Targets(**(defaults | others))  # type: ignore[arg-type]


def in_order(found: Targets) -> Targets:
    """Excluded ids are a set."""
    return replace(found, not_pids=tuple(sorted(found.not_pids)))


ASKED = [
    pytest.param("ls", NOBODY, id="a command"),
    pytest.param("-p 7", NOBODY, id="a process"),
    pytest.param("-t 7", NOBODY, id="a thread"),
    pytest.param("-a", standing(everyone=True), id="everybody"),
    pytest.param("-a -- sleep 10", standing(everyone=True), id="everybody, beside a command"),
    pytest.param("-a -p 7", standing(everyone=True), id="everybody, and somebody"),
    pytest.param("-u 1000,0", standing(uids=(1000, 0)), id="users"),
    pytest.param("--name nginx,py*", standing(names=("nginx", "py*")), id="names"),
    pytest.param("--exe /bin/sh", standing(exes=("/bin/sh",)), id="programs"),
    pytest.param("--exe /bin/../bin/sh", standing(exes=("/bin/sh",)), id="by any path"),
    pytest.param(
        "--cgroup /a --cgroup b", standing(cgroups=("/sys/fs/cgroup/a", "/sys/fs/cgroup/b")), id="cgroups"
    ),
    pytest.param("--container 4f1c", standing(cgroups=("/sys/fs/cgroup/docker/4f1c",)), id="a container"),
    pytest.param(
        "--container 4f1c --cgroup docker/4f1c",
        standing(cgroups=("/sys/fs/cgroup/docker/4f1c",)),
        id="the same twice is once",
    ),
    pytest.param("--name sh -u 7", standing(names=("sh",), uids=(7,)), id="these add up"),
    # Who started us.
    pytest.param("-a --with-ancestors", standing(everyone=True, not_pids=()), id="our shell too"),
    pytest.param(f"-a -p {SHELL}", standing(everyone=True, not_pids=(SESSION,)), id="our shell is asked for"),
    pytest.param(f"-u 0 -p {SHELL},{SESSION}", standing(uids=(0,), not_pids=()), id="all who started us are"),
    # But some.
    pytest.param("--exclude sh ls", Targets(not_names=("sh",)), id="a command's children but a name's"),
    pytest.param("--exclude 7 ls", Targets(not_pids=(7,)), id="but an id"),
    pytest.param(
        "-a --exclude 7,ssh* --exclude 8",
        standing(everyone=True, not_names=("ssh*",), not_pids=(7, 8, SESSION, SHELL)),
        id="but both",
    ),
    pytest.param("--exclude 7z ls", Targets(not_names=("7z",)), id="a name may begin with a digit"),
    pytest.param(
        f"-a --exclude {SHELL} --with-ancestors",
        standing(everyone=True, not_pids=(SHELL,)),
        id="who is excluded by hand",
    ),
    # CPUs.
    pytest.param("-C 0 ls", Targets(cpus=frozenset({0})), id="a command's calls on one CPU"),
    pytest.param("-C 0 -p 7", Targets(cpus=frozenset({0})), id="a process's"),
    pytest.param("-C 0 -t 7", Targets(cpus=frozenset({0})), id="a thread's"),
    pytest.param("-C 0", standing(everyone=True, cpus=frozenset({0})), id="everybody's"),
    pytest.param("-C 0,2-3", standing(everyone=True, cpus=frozenset({0, 2, 3})), id="on several"),
    pytest.param("-C 0 -a", standing(everyone=True, cpus=frozenset({0})), id="the same in more words"),
    pytest.param("-C 0 -u 7", standing(uids=(7,), cpus=frozenset({0})), id="a user's"),
    pytest.param("-C 0 --name sh -- ls", standing(names=("sh",), cpus=frozenset({0})), id="a name's"),
]  # fmt: skip


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize(("line", "expected"), ASKED)
def test_whose_calls(line: str, expected: Targets) -> None:
    assert in_order(asked(line)) == in_order(expected)


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize(("line", "expected"), ASKED)
def test_what_goes_on_until_it_is_stopped(line: str, expected: Targets) -> None:
    assert targets.standing(parsed(line)) == expected.standing


@pytest.mark.parametrize("line", ["ls", "-p 7", "-t 7", "--exclude sh ls", "-C 0 ls"])
def test_who_asks_for_nobody_else_is_not_looked_for(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor are our ancestors: a command of ours may be one."""

    def never(pid: int) -> tuple[int, ...]:
        raise AssertionError

    monkeypatch.setattr(choosing, "ancestors", never)

    assert asked(line).not_families == ()


def test_a_program_by_a_path_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "program").touch()
    monkeypatch.chdir(tmp_path)

    assert asked("--exe program").exes == (str(tmp_path / "program"),)


def test_a_link_stays_one(tmp_path: Path) -> None:
    """It may lead elsewhere later."""
    link = tmp_path / "link"
    link.symlink_to("/bin/sh")

    assert asked(f"--exe {link}").exes == (str(link),)


@pytest.mark.parametrize("path", ["/nosuch", "{directory}"])
def test_a_program_that_is_none(path: str, tmp_path: Path) -> None:
    path = path.format(directory=tmp_path)
    with pytest.raises(ArgtraceError, match=f"--exe {path}: no such file") as error:
        asked(f"--exe {path}")

    assert error.value.remedy


@pytest.mark.parametrize("more", [0, 1])
def test_so_many_cgroups_and_no_more(more: int) -> None:
    count = MOST_CGROUPS + more
    line = " ".join(f"--cgroup {at}" for at in range(count // 2))
    line += "".join(f" --container {at:x}" for at in range(count - count // 2))
    if not more:
        assert len(asked(line).cgroups) == count
        return
    with pytest.raises(ArgtraceError, match=f"{count} cgroups are more than {MOST_CGROUPS}") as error:
        asked(line)
    assert error.value.remedy == "name one above them"


@pytest.mark.parametrize(
    ("line", "window"),
    [
        ("ls", ALWAYS),
        ("-D 5 ls", Window(5_000_000)),
        ("--switch-on open ls", Window(0, ("open",))),
        ("--switch-on open,%file --switch-on close --switch-off umask ls",
         Window(0, ("open,%file", "close"), ("umask",))),
        ("-D 1 --switch-off umask -a", Window(1_000_000, (), ("umask",))),
    ],
    ids=["always", "after some time", "after a call", "between calls", "until a call"],
)  # fmt: skip
def test_when(line: str, window: Window) -> None:
    assert targets.window(parsed(line)) == window


USAGE = [
    pytest.param("", "nothing to trace", id="nothing"),
    pytest.param("--exclude sh", "nothing to trace", id="nothing but exclusions"),
    pytest.param("--with-ancestors", "nothing to trace", id="nothing but our shell"),
    pytest.param("-p 7 ls", "a COMMAND or -p PID, not both", id="two things"),
    pytest.param("-t 7 ls", "a COMMAND or -p PID, not both", id="a thread and a command"),
    pytest.param("-a --no-follow", "-a has what processes start too", id="everybody, but not who comes"),
    pytest.param("-D 1 --switch-on open ls", "--delay or --switch-on, not both", id="two beginnings"),
    pytest.param("--exclude 0 ls", "'0' is no process id", id="process 0 is none"),
    pytest.param("--exclude sh,4294967296 ls", "'4294967296' is no process id", id="an id beyond all"),
    pytest.param("-t 2147483648", "'2147483648' is no process id", id="a thread beyond all"),
    pytest.param("-u nosuch-user", "no user 'nosuch-user'", id="no such user"),
    pytest.param("-u 4294967296", "'4294967296' is no user id", id="a user beyond all"),
    pytest.param("-s --no-times -D 1 ls", "--no-times does not look at", id="a count by time"),
]


@pytest.mark.parametrize(("line", "message"), USAGE)
def test_a_wrong_command_line(line: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(line)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0", {0}),
        ("0,2-3", {0, 2, 3}),
        ("1-1", {1}),
        (" 1 , 2 ", {1, 2}),
        ("0-8191", set(range(MOST_CPUS))),
        ("3,7", {3, 7}),
        ("", set()),
    ],
)
def test_cpus(text: str, numbers: set[int]) -> None:
    assert targets.cpus(text) == numbers


@pytest.mark.usefixtures("cpus")
@pytest.mark.parametrize(
    "text", ["x", "-1", "1-", "1-2-3", "2-1", "0x1", "1.5", "8192", "0-8192", "4", "5-7", "²", "1-x"]
)
def test_what_are_no_cpus(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        targets.cpus(text)
