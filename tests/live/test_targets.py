"""Whose calls are shown: of whom each option names, started before and after, and of nobody else.

Subjects are shells that wait for a line and then open a file that is not there, by which they are known.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from argtrace import processes
from argtrace.cgroups import mounted
from tests.live.conftest import Target
from tests.support.live import arg, here, is_running, run
from tests.support.subjects import Subjects, Tracing, marks

pytestmark = pytest.mark.live

UID = 54_321  # nobody's
ID = "4f1c" + "0d2a" * 15


@pytest.fixture
def subjects(tmp_path: Path) -> Iterator[Subjects]:
    found = Subjects(tmp_path)
    yield found
    found.close()


@pytest.fixture
def cgroup() -> Iterator[Callable[[str], str]]:
    """Makes cgroups by path; they are gone at the end."""
    root = mounted()
    if root is None:
        pytest.skip("no cgroup2 is mounted")
    made: list[str] = []

    def make(path: str) -> str:
        directory = root
        for name in path.split("/"):
            directory = f"{directory}/{name}"
            if not os.path.isdir(directory):
                os.mkdir(directory)
                made.append(directory)
        return directory

    yield make
    for directory in reversed(made):
        end = time.monotonic() + 5
        while True:
            try:
                os.rmdir(directory)
                break
            except OSError:  # whoever was in it has not quite ended
                assert time.monotonic() < end
                time.sleep(0.02)


def trace(
    subjects: Subjects,
    options: Sequence[str],
    inside: Callable[[str], object],
    outside: Callable[[str], object],
) -> set[str]:
    """Whose marks are seen of four: in and out, before and after."""
    inside("in, before")
    outside("out, before")
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), *options])
    inside("in, after")
    outside("out, after")
    subjects.go()
    return marks(tracing.stop())


BOTH = {"in, before", "in, after"}


def test_a_user(subjects: Subjects) -> None:
    def become(uid: int) -> Callable[[], None]:
        return lambda: os.setresuid(uid, uid, uid)

    seen = trace(
        subjects,
        ["-u", str(UID)],
        lambda mark: subjects.start(mark, prepare=become(UID)),
        lambda mark: subjects.start(mark, prepare=become(UID + 1)),
    )
    assert seen == BOTH


def test_a_user_is_the_real_one(subjects: Subjects) -> None:
    seen = trace(
        subjects,
        ["-u", str(UID)],
        lambda mark: subjects.start(mark, prepare=lambda: os.setresuid(UID, 0, 0)),
        lambda mark: subjects.start(mark, prepare=lambda: os.setresuid(0, UID, 0)),
    )
    assert seen == BOTH


@pytest.mark.parametrize("name", ["argtraced-a", "argtraced*"], ids=["as it is", "its beginning"])
def test_a_name(subjects: Subjects, name: str) -> None:
    seen = trace(
        subjects,
        ["--name", name],
        lambda mark: subjects.start(mark, subjects.named("argtraced-a")),
        lambda mark: subjects.start(mark, subjects.named("argtrac-b")),
    )
    assert seen == BOTH


def test_a_name_longer_than_the_kernel_keeps(subjects: Subjects) -> None:
    name = "argtraced-with-a-long-name"
    seen = trace(
        subjects,
        ["--name", name],
        lambda mark: subjects.start(mark, subjects.named(name)),
        lambda mark: subjects.start(mark, subjects.named("argtraced-with")),
    )
    assert seen == BOTH


def test_a_name_has_what_it_starts(subjects: Subjects) -> None:
    shell = subjects.named("argtraced-a")
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), "--name", "argtraced-a"])
    subjects.start("itself", shell, then="/bin/sh -c 'true < /nosuch/child'")
    subjects.go()

    assert marks(tracing.stop()) == {"itself", "child"}


def test_a_name_that_is_given_later(subjects: Subjects) -> None:
    """prctl(PR_SET_NAME) and /proc/PID/comm are renames too."""
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), "--name", "argtraced-a"])
    subjects.start("before", then="printf argtraced-a > /proc/$$/comm; true < /nosuch/after")
    subjects.go()

    assert marks(tracing.stop()) == {"after"}


def test_a_program(subjects: Subjects) -> None:
    """Whatever it is called: what runs decides."""
    shell = subjects.named("argtraced-a")
    link = subjects.directory / "link"
    link.symlink_to(shell)
    seen = trace(
        subjects,
        ["--exe", str(link)],
        lambda mark: subjects.start(mark, shell),
        lambda mark: subjects.start(mark, "/bin/sh"),
    )
    assert seen == BOTH


def test_a_program_that_is_replaced(subjects: Subjects) -> None:
    shell = subjects.named("argtraced-a")
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), "--exe", shell])
    os.unlink(shell)
    subjects.named("argtraced-a")
    time.sleep(1.5)  # it is looked at every second
    subjects.start("new one", shell)
    subjects.go()

    assert marks(tracing.stop()) == {"new one"}


def test_a_cgroup_and_those_below(subjects: Subjects, cgroup: Callable[[str], str]) -> None:
    name = f"argtest-{os.getpid()}"
    inner, beside = cgroup(f"{name}/inner"), cgroup(f"{name}-b")

    def enter(directory: str) -> Callable[[], object]:
        return lambda: Path(directory, "cgroup.procs").write_text("0")

    seen = trace(
        subjects,
        ["--cgroup", name],
        lambda mark: subjects.start(mark, prepare=enter(inner)),
        lambda mark: subjects.start(mark, prepare=enter(beside)),
    )
    assert seen == BOTH


def test_who_is_moved_into_a_cgroup(subjects: Subjects, cgroup: Callable[[str], str]) -> None:
    directory = cgroup(f"argtest-{os.getpid()}")
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), "--cgroup", directory])
    pid = subjects.start("moved")
    Path(directory, "cgroup.procs").write_text(str(pid))
    subjects.go()

    assert marks(tracing.stop()) == {"moved"}


@pytest.mark.parametrize(
    ("path", "runtime"),
    [
        pytest.param(f"docker/{ID}", "docker", id="Docker with cgroupfs"),
        pytest.param(f"system.slice-argtest/docker-{ID}.scope", "docker", id="Docker with systemd"),
        pytest.param(f"machine-argtest/libpod-{ID}.scope/container", "podman", id="Podman"),
        pytest.param(
            f"kubepods-argtest/kubepods-burstable-pod12ab.slice/cri-containerd-{ID}.scope",
            "containerd",
            id="Kubernetes with containerd",
        ),
        pytest.param(f"kubepods-argtest/besteffort/pod12ab/{ID}", "container", id="Kubernetes with cgroupfs"),
        pytest.param(f"crio-{ID}.scope", "cri-o", id="CRI-O"),
    ],
)
def test_a_container(subjects: Subjects, cgroup: Callable[[str], str], path: str, runtime: str) -> None:
    directory, other = cgroup(path), cgroup(path.replace(ID, "77" * 32))

    def enter(directory: str) -> Callable[[], object]:
        return lambda: Path(directory, "cgroup.procs").write_text("0")

    subjects.start("in, before", prepare=enter(directory))
    subjects.start("out, before", prepare=enter(other))
    tracing = Tracing(
        subjects.directory, ["-e", here("open,openat"), "--container", ID[:12], "--show", "cgroup"]
    )
    subjects.start("in, after", prepare=enter(directory))
    subjects.start("out, after", prepare=enter(other))
    subjects.go()
    lines = tracing.stop()

    assert marks(lines) == BOTH
    told = [line for line in lines if line["type"] == "call"]
    assert {line["cgroup"] for line in told} == {f"/{path}"}
    assert all(line["container"] == {"runtime": runtime, "id": ID} for line in told)


def test_several_together(subjects: Subjects) -> None:
    seen = trace(
        subjects,
        ["--name", "argtraced-a", "-u", str(UID)],
        lambda mark: (
            subjects.start(mark, subjects.named("argtraced-a")),
            subjects.start(f"{mark}, by user", prepare=lambda: os.setresuid(UID, UID, UID)),
        ),
        subjects.start,
    )
    assert seen == {"in, before", "in, after", "in, before, by user", "in, after, by user"}


def test_a_name_that_is_excluded(subjects: Subjects) -> None:
    seen = trace(
        subjects,
        ["--name", "argtraced-*", "--exclude", "argtraced-b"],
        lambda mark: subjects.start(mark, subjects.named("argtraced-a")),
        lambda mark: subjects.start(mark, subjects.named("argtraced-b")),
    )
    assert seen == BOTH


def test_a_process_that_is_excluded(subjects: Subjects) -> None:
    shell = subjects.named("argtraced-a")
    subjects.start("in", shell)
    out = subjects.start("out", shell)
    tracing = Tracing(
        subjects.directory, ["-e", here("open,openat"), "--name", "argtraced-a", "--exclude", str(out)]
    )
    subjects.go()

    assert marks(tracing.stop()) == {"in"}


def test_children_of_a_command_that_are_excluded(subjects: Subjects) -> None:
    shell = subjects.named("argtraced-b")
    script = f"true < /nosuch/shell; {shell} -c 'true < /nosuch/child'; true < /nosuch/shell-again"
    trace = run(
        "/bin/sh", "-c", script,
        options=["-e", here("open,openat"), "--exclude", "argtraced-b"], directory=subjects.directory,
    )  # fmt: skip
    assert marks(trace.lines) == {"shell", "shell-again"}


def test_a_thread(target: Target, subjects: Subjects) -> None:
    """Of a process with threads only one, and what it starts."""
    process = subprocess.Popen([target("waiter")], stdout=subprocess.PIPE)
    try:
        end = time.monotonic() + 10
        while len(processes.threads(process.pid)) < 2:
            assert time.monotonic() < end, "no threads"
            time.sleep(0.01)
        tid = max(processes.threads(process.pid))
        tracing = Tracing(subjects.directory, ["-t", str(tid)])
        time.sleep(0.5)
        seen = {line["tid"] for line in tracing.stop() if line["type"] == "call"}
    finally:
        process.kill()
        process.communicate()
    assert seen == {tid}


def test_an_id_that_is_used_again(target: Target, subjects: Subjects) -> None:
    """A process of that id is no longer the one that was named."""
    first, other = subjects.start("first"), subjects.start("other")
    tracing = Tracing(subjects.directory, ["-e", here("open,openat"), "-p", f"{first},{other}"])
    subjects.go("first")
    assert not is_running(first)
    subprocess.run([target("reuse"), str(first), "/nosuch/again"], check=True)
    subjects.go("other")
    tracing.process.communicate(timeout=60)

    assert marks(tracing.read()) == {"first", "other"}


def test_an_excluded_id_that_is_used_again(target: Target, subjects: Subjects) -> None:
    shell = subjects.named("argtraced-a")
    out = subjects.start("out", shell)
    reuse = shutil.copy(target("reuse"), subjects.directory / "argtraced-a2")
    tracing = Tracing(
        subjects.directory, ["-e", here("open,openat"), "--name", "argtraced-*", "--exclude", str(out)]
    )
    subjects.go("out")
    subprocess.run([reuse, str(out), "/nosuch/again"], check=True)

    assert marks(tracing.stop()) == {"again"}


def test_a_process_has_an_identity(subjects: Subjects) -> None:
    """When it began, as /proc says it, of the command and of what it starts."""
    trace = run(
        "/bin/sh", "-c", "cat /proc/$$/stat; cat /proc/self/stat", options=["-e", "execve"],
        directory=subjects.directory,
    )  # fmt: skip
    shell, cat = (line.rpartition(") ")[2].split()[19] for line in trace.stdout.splitlines())
    first, _, second = trace.calls("execve")

    assert (first["started"], second["started"]) == (int(shell), int(cat))


def test_cpus(subjects: Subjects) -> None:
    """A command that runs here and there; those calls that began on one CPU."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        pytest.skip("one CPU")
    one, there = allowed[:2]
    script = f"""
import os
for n in range(20):
    for cpu in ({one}, {there}):
        os.sched_setaffinity(0, [cpu])
        os.access(f"/nosuch/{{cpu}}", 0)
"""
    trace = run(
        "python3", "-I", "-S", "-c", script,
        options=["-e", here("access,sched_setaffinity"), "-C", str(there), "--show", "cpu"],
        directory=subjects.directory,
    )  # fmt: skip
    asked = [str(arg(call, "filename")["value"]) for call in trace.calls(here("access"))]

    assert [name for name in asked if name.startswith("/nosuch")] == [f"/nosuch/{there}"] * 20
    assert {call["cpu"] for call in trace.calls()} == {there}


def test_between_two_calls(subjects: Subjects) -> None:
    opens = [f"true < /nosuch/{at}" for at in range(1, 5)]
    script = "{}; umask 022; {}; ulimit -n 64; {}; umask 022; {}".format(*opens)
    trace = run(
        "/bin/sh", "-c", script,
        options=["-e", "openat,umask,prlimit64", "--switch-on", "umask", "--switch-off", "prlimit64"],
        directory=subjects.directory,
    )  # fmt: skip
    calls = trace.calls()

    assert marks(trace.lines) == {"2", "4"}
    # To set one dash asks for it first; to set a limit too.
    assert [call["name"] for call in calls if call["name"] != "openat"] == ["umask"] * 3 + ["prlimit64"] + [
        "umask"
    ] * 3


def test_what_happens_outside_is_not_shown(subjects: Subjects) -> None:
    """Signals and ends neither; names are kept all the same."""
    script = "trap : USR1; /bin/true; kill -USR1 $$; umask 022; kill -USR1 $$; /bin/true"
    trace = run(
        "/bin/sh", "-c", script, options=["--switch-on", "umask", "--switch-off", "exit_group"],
        directory=subjects.directory,
    )  # fmt: skip
    assert len([line for line in trace.of("signal") if line["name"] == "SIGUSR1"]) == 1
    assert {line["comm"] for line in trace.calls("execve")} == {"true"}
    assert trace.of("exit") == []


def test_a_delay(subjects: Subjects) -> None:
    script = "true < /nosuch/early; sleep 1; true < /nosuch/late"
    trace = run("/bin/sh", "-c", script, options=["-e", "openat", "-D", "500"], directory=subjects.directory)
    assert marks(trace.lines) == {"late"}


def test_a_summary_of_a_user(subjects: Subjects) -> None:
    tracing = Tracing(subjects.directory, ["-s", "-u", str(UID), "-e", "openat"])
    for at in range(3):
        subjects.start(str(at), prepare=lambda: os.setresuid(UID, UID, UID))
    subjects.start("another's")
    subjects.go()
    rows = [line for line in tracing.stop() if line["type"] == "summary"]

    # ld.so.cache and libc for each, and what is not there: one, or all places where libc might be.
    cached = Path("/etc/ld.so.cache").exists()
    missing = 3 if cached else rows[0]["errors"]
    assert [(row["name"], row["calls"], row["errors"]) for row in rows] == [
        ("openat", (6 if cached else 3) + missing, missing)
    ]
    assert missing % 3 == 0


def test_where_nothing_is_left_behind(subjects: Subjects) -> None:
    tracing = Tracing(subjects.directory, ["-u", str(UID), "--name", "argtraced-a"])
    tracing.process.kill()
    tracing.process.communicate()
    listed = subprocess.run(["bpftool", "-j", "prog", "list"], capture_output=True, text=True, check=True)
    holders = [p for p in json.loads(listed.stdout) if p.get("name", "").endswith("_who")]

    end = time.monotonic() + 10
    while holders and time.monotonic() < end:
        listed = subprocess.run(["bpftool", "-j", "prog", "list"], capture_output=True, text=True, check=True)
        now = {p["id"] for p in json.loads(listed.stdout)}
        holders = [p for p in holders if p["id"] in now]
    assert not holders


def test_a_trace_that_is_never_idle_can_be_stopped(target: Target, subjects: Subjects) -> None:
    """Somebody always calls, and the reader is slower: the ring is never empty."""
    looping = subprocess.Popen([target("loop"), "1000000000"])
    try:
        tracing = Tracing(subjects.directory, ["-p", str(looping.pid), "-y", "--buffer", "1M"])
        time.sleep(0.5)
        assert tracing.stop()[-1]["type"] == "end"
    finally:
        looping.kill()
        looping.communicate()
