"""Who is there already, in a /proc of our own making; and the maps that decide."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from argtrace import choosing, processes
from argtrace.choosing import Choosing, ancestors, found
from argtrace.fetch import gate
from argtrace.fetch.choice import Verdict
from argtrace.fetch.choosing import IDENTIFY
from argtrace.fetch.record import COMPAT_BASE
from argtrace.signature.syscalls import NUMBERS
from argtrace.targets import ALWAYS, Targets, Window

SHELL, PYTHON = (1, 10), (1, 11)


class Process(NamedTuple):
    """One of /proc. `names`: of its threads, the first of which has its id; `exe`: None for the kernel's."""

    pid: int
    names: tuple[str, ...]
    parent: int = 1
    uid: int = 0
    exe: tuple[int, int] | None = SHELL

    def comm(self, tid: int) -> bytes:
        return self.names[tid - self.pid].encode()


INIT = Process(1, ("init",), 0)
KTHREADD = Process(2, ("kthreadd",), 0, exe=None)
KWORKER = Process(5, ("kworker/0:1",), 2, exe=None)
SSHD = Process(100, ("sshd",))
BASH = Process(110, ("bash",), 100, 1000)
ARGTRACE = Process(120, ("argtrace", "reader"), 110, 1000, PYTHON)
PAGER = Process(130, ("less",), 120, 1000)
PYTHON3 = Process(200, ("python3.12", "worker/1", "worker/2"), 1, 1000, PYTHON)
NGINX = Process(300, ("nginx",), 1, 33)
NGINX_CHILD = Process(310, ("nginx", "nginx", "aio"), 300, 33)
EVERYBODY = (INIT, KTHREADD, KWORKER, SSHD, BASH, ARGTRACE, PAGER, PYTHON3, NGINX, NGINX_CHILD)
CALLERS = tuple(process for process in EVERYBODY if process not in (KTHREADD, KWORKER))

Proc = Callable[..., None]


@pytest.fixture
def proc(monkeypatch: pytest.MonkeyPatch) -> Proc:
    """What /proc says. `gone`: who has ended since it was listed; `inside`: who is in which cgroup."""

    def made(
        everybody: Iterable[Process] = EVERYBODY,
        *,
        gone: frozenset[int] = frozenset(),
        inside: dict[str, list[int]] | None = None,
    ) -> None:
        there = {process.pid: process for process in everybody}
        alive = {pid: process for pid, process in there.items() if pid not in gone}
        tasks = {pid + at: p for pid, p in alive.items() for at in range(len(p.names))}

        def file(path: str) -> tuple[int, int] | None:
            process = alive.get(int(path.split("/")[2]))
            return process and process.exe

        monkeypatch.setattr(choosing, "everybody", lambda: list(there))
        monkeypatch.setattr(choosing, "members", lambda directory: (inside or {})[directory])
        monkeypatch.setattr(choosing, "_file", file)
        monkeypatch.setattr(processes, "is_of_kernel", lambda pid: pid in (KTHREADD.pid, KWORKER.pid))
        monkeypatch.setattr(processes, "uid", lambda pid: alive[pid].uid if pid in alive else None)
        monkeypatch.setattr(processes, "parent", lambda pid: alive[pid].parent if pid in alive else 0)
        monkeypatch.setattr(
            processes,
            "threads",
            lambda pid: tuple(pid + at for at in range(len(alive[pid].names))) if pid in alive else (),
        )
        monkeypatch.setattr(processes, "comm", lambda tid: tasks[tid].comm(tid) if tid in tasks else b"")

    return made


def chosen(targets: Targets, *files: tuple[int, int]) -> dict[int, tuple[int, ...]]:
    return dict(found(targets, set(files)))


def whole(*some: Process) -> dict[int, tuple[int, ...]]:
    """With all their threads."""
    return {process.pid: tuple(process.pid + at for at in range(len(process.names))) for process in some}


FOUND = [
    pytest.param(Targets(everyone=True), whole(*CALLERS), id="everybody who makes calls"),
    pytest.param(Targets(uids=(33,)), whole(NGINX, NGINX_CHILD), id="a user's"),
    pytest.param(
        Targets(uids=(33, 1000)), whole(BASH, ARGTRACE, PAGER, PYTHON3, NGINX, NGINX_CHILD), id="users'"
    ),
    pytest.param(Targets(uids=(0,)), whole(INIT, SSHD), id="root's"),
    pytest.param(Targets(names=("nginx",)), whole(NGINX, NGINX_CHILD), id="a name's, and its threads"),
    pytest.param(Targets(names=("py*",)), whole(PYTHON3), id="a beginning's"),
    pytest.param(Targets(names=("python",)), {}, id="nobody is called so"),
    pytest.param(Targets(names=("worker/2",)), {200: (202,)}, id="a thread alone has the name"),
    pytest.param(Targets(names=("worker/*", "less")), {200: (201, 202), 130: (130,)}, id="threads too"),
    pytest.param(
        Targets(names=("python3.12",), not_names=("worker/1",)), {200: (200, 202)}, id="but for a thread"
    ),
    pytest.param(
        Targets(names=("worker/*",), not_names=("python3*",)), {}, id="whose process is excluded, is too"
    ),
    pytest.param(
        Targets(everyone=True, not_names=("*",), names=("bash", "less")), whole(BASH, PAGER), id="some of all"
    ),
    pytest.param(
        Targets(uids=(1000,), not_names=("bash",)), whole(ARGTRACE, PAGER, PYTHON3), id="but a name's"
    ),
    pytest.param(Targets(uids=(33,), not_pids=(300,)), whole(NGINX_CHILD), id="but an id alone"),
    pytest.param(Targets(uids=(33,), not_families=(300,)), {}, id="but an id with its children"),
    pytest.param(
        Targets(uids=(1000,), not_families=(120,), not_pids=(110,)), whole(PYTHON3), id="but us and our shell"
    ),
    pytest.param(
        Targets(everyone=True, not_families=(100,)),
        whole(INIT, PYTHON3, NGINX, NGINX_CHILD),
        id="but children's children",
    ),
    pytest.param(Targets(cgroups=("/a",)), whole(NGINX, PYTHON3), id="a cgroup's"),
    pytest.param(Targets(cgroups=("/a", "/b")), whole(NGINX, PYTHON3, BASH), id="cgroups'"),
    pytest.param(Targets(cgroups=("/a",), not_names=("nginx",)), whole(PYTHON3), id="but a name's there"),
    pytest.param(Targets(cgroups=("/a",), not_pids=(200,)), whole(NGINX), id="a cgroup's, but an id"),
    pytest.param(
        Targets(names=("bash",), uids=(33,), cgroups=("/a",)),
        whole(BASH, NGINX, NGINX_CHILD, PYTHON3),
        id="these add up",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("targets", "there"), FOUND)
def test_who_is_there(targets: Targets, there: dict[int, tuple[int, ...]], proc: Proc) -> None:
    proc(inside={"/a": [300, 200], "/b": [110]})

    assert chosen(targets) == there


@pytest.mark.parametrize(
    ("targets", "files", "there"),
    [
        (Targets(), (PYTHON,), whole(ARGTRACE, PYTHON3)),
        (Targets(), ((9, 9),), {}),
        (Targets(not_names=("argtrace",)), (PYTHON,), whole(PYTHON3)),
        (Targets(not_pids=(200,)), (PYTHON,), whole(ARGTRACE)),
        (Targets(), ((2, 11), (1, 12)), {}),
    ],
    ids=["a program", "nobody's", "but a name's", "but an id", "of the same inode or device alone"],
)
def test_who_runs_a_program(
    targets: Targets, files: tuple[tuple[int, int], ...], there: dict[int, tuple[int, ...]], proc: Proc
) -> None:
    proc()

    assert chosen(targets, *files) == there


@pytest.mark.parametrize(
    "targets",
    [Targets(everyone=True), Targets(uids=(33,)), Targets(names=("nginx",)), Targets(cgroups=("/a",))],
    ids=["everybody", "users", "names", "cgroups"],
)
def test_who_has_ended_since_is_nobody(targets: Targets, proc: Proc) -> None:
    proc((NGINX, NGINX_CHILD), gone=frozenset({300}), inside={"/a": [300, 310, 999]})

    assert chosen(targets) == whole(NGINX_CHILD)


def test_who_was_started_by_one_who_has_ended_is_still_there(proc: Proc) -> None:
    proc((NGINX, NGINX_CHILD), gone=frozenset({300}))

    assert chosen(Targets(everyone=True, not_families=(300,))) == {}


# Ancestors.


@pytest.mark.parametrize(
    ("pid", "line"),
    [(130, (120, 110, 100)), (120, (110, 100)), (100, ()), (1, ()), (5, (2,)), (999, ())],
    ids=["a pager's", "ours", "a daemon's: init alone", "init's", "a kernel thread's", "nobody's"],
)
def test_who_started_it(pid: int, line: tuple[int, ...], proc: Proc) -> None:
    proc()

    assert ancestors(pid) == line


def test_ids_that_are_used_again_make_no_circle_of_it(proc: Proc) -> None:
    """Between two looks at /proc one may have become the other's child."""
    proc((Process(50, ("a",), 60), Process(60, ("b",), 70), Process(70, ("c",), 50)))

    assert set(ancestors(50)) == {50, 60, 70}


def test_our_own() -> None:
    """As the real /proc has it."""
    assert ancestors(os.getpid())[0] == os.getppid() or os.getppid() == 1
    assert os.getpid() in choosing.everybody()


# Maps.


class Map:
    def __init__(self) -> None:
        self.values: dict[bytes, bytes] = {}

    def update(self, key: bytes, value: bytes) -> None:
        self.values[key] = value


class Cgroups(Map):
    """Of descriptors it keeps what they are of."""

    def update(self, key: bytes, value: bytes) -> None:
        super().update(key, os.readlink(f"/proc/self/fd/{int.from_bytes(value, 'little')}").encode())


class Program:
    """What a session runs with a descriptor."""

    def __init__(self) -> None:
        self.ran: list[str] = []

    def run(self, argument: bytes) -> int:
        assert len(argument) == 8
        self.ran.append(os.readlink(f"/proc/self/fd/{int.from_bytes(argument, 'little')}"))
        return 0


class Session:
    def __init__(self, targets: Targets) -> None:
        names = ("names", "uids", "excluded", "cpus", "switches")
        self.maps = {name: Map() for name in names} | {"cgroups": Cgroups()}
        self.program = Program()
        self.choosing = Choosing(targets, self.maps, {IDENTIFY: self.program})  # type: ignore[arg-type, dict-item]

    def filled(self) -> dict[str, dict[bytes, bytes]]:
        return {name: map.values for name, map in self.maps.items() if map.values}


def word(number: int) -> bytes:
    return number.to_bytes(4, "little")


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_what_the_maps_are_told(tmp_path: Path) -> None:
    targets = Targets(
        names=("sh",), not_names=("ssh*",), uids=(0, 4_000_000_000), cgroups=(str(tmp_path), "/proc"),
        not_pids=(7, 8), not_families=(8, 9), cpus=frozenset({1}),
    )  # fmt: skip
    session = Session(targets)
    before = descriptors()
    session.choosing.fill(Window(0, ("openat,mkdir", "umask"), ("umask",)))

    filled = session.filled()
    switches = filled.pop("switches")[bytes(4)]
    assert filled == {
        "names": targets.verdicts(),
        "uids": {word(0): word(Verdict.IN), word(4_000_000_000): word(Verdict.IN)},
        "cgroups": {word(0): str(tmp_path).encode(), word(1): b"/proc"},
        "excluded": {
            word(7): word(Verdict.OUT),
            word(8): word(Verdict.OUT_WITH_CHILDREN),
            word(9): word(Verdict.OUT_WITH_CHILDREN),
        },
        "cpus": {bytes(4): gate.cpus(frozenset({1}))},
    }
    # 32-bit programs have the same calls by other numbers.
    opening = {*(NUMBERS[name] for name in ("openat", "mkdir", "umask"))}
    opening |= {COMPAT_BASE + number for number in (295, 39, 60)}
    closing = {NUMBERS["umask"], COMPAT_BASE + 60}
    assert switches == gate.switches(frozenset(opening), frozenset(closing))
    assert descriptors() == before


@pytest.mark.parametrize("window", [ALWAYS, Window(delay=5)], ids=["always", "after a time"])
def test_maps_that_nobody_needs_are_left_alone(window: Window) -> None:
    session = Session(Targets())
    session.choosing.fill(window)

    # A delay has no calls, but programs look there.
    assert set(session.filled()) == ({"switches"} if window.any else set())
    assert not any(session.filled().get("switches", {}).get(bytes(4), b""))


def test_a_cgroup_that_is_gone_meanwhile_leaves_no_descriptor(tmp_path: Path) -> None:
    session = Session(Targets(cgroups=(str(tmp_path), str(tmp_path / "gone"))))
    before = descriptors()
    with pytest.raises(FileNotFoundError):
        session.choosing.fill(ALWAYS)

    assert descriptors() == before


# Programs, which may be replaced.


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    now = 1000.0

    def go(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    return go


def test_a_program_is_identified_once(tmp_path: Path, clock: Callable[[float], None]) -> None:
    program = tmp_path / "program"
    program.touch()
    session = Session(Targets(exes=(str(program),)))
    before = descriptors()
    session.choosing.fill(ALWAYS)
    for _ in range(5):
        clock(2)
        session.choosing.look_again()

    assert session.program.ran == [str(program)]
    assert descriptors() == before


def test_a_program_that_is_replaced_is_another(tmp_path: Path, clock: Callable[[float], None]) -> None:
    program = tmp_path / "program"
    program.touch()
    session = Session(Targets(exes=(str(program),)))
    session.choosing.fill(ALWAYS)
    new = tmp_path / "new"
    new.touch()
    new.replace(program)
    session.choosing.look_again()
    assert len(session.program.ran) == 1  # not so soon
    clock(1.5)
    session.choosing.look_again()
    assert session.program.ran == [str(program)] * 2
    clock(1.5)
    session.choosing.look_again()
    assert len(session.program.ran) == 2


def test_a_program_that_is_gone_for_a_while(tmp_path: Path, clock: Callable[[float], None]) -> None:
    program = tmp_path / "program"
    program.touch()
    keep = tmp_path / "keep"
    session = Session(Targets(exes=(str(program),)))
    session.choosing.fill(ALWAYS)
    program.rename(keep)
    for back in (False, True):
        clock(1.5)
        if back:
            program.touch()  # another file, since the first is still there
        session.choosing.look_again()

    assert session.program.ran == [str(program)] * 2


def test_a_link_is_what_it_leads_to(tmp_path: Path, clock: Callable[[float], None]) -> None:
    """argtrace --exe /bin/sh: what runs is dash."""
    dash, link = tmp_path / "dash", tmp_path / "sh"
    dash.touch()
    link.symlink_to(dash)
    session = Session(Targets(exes=(str(link),)))
    session.choosing.fill(ALWAYS)

    assert session.program.ran == [str(dash)]


def test_who_runs_it_already_is_found_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Callable[[float], None]
) -> None:
    """Ourselves, by what /proc has of us."""
    session = Session(Targets(exes=(os.path.realpath("/proc/self/exe"),)))
    session.choosing.fill(ALWAYS)
    monkeypatch.setattr(choosing, "everybody", lambda: [os.getpid()])

    assert dict(session.choosing.found()) == {os.getpid(): processes.threads(os.getpid())}


def test_where_nobody_is_to_be_found_nobody_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> list[int]:
        raise AssertionError

    monkeypatch.setattr(choosing, "everybody", never)

    assert list(Session(Targets(not_pids=(7,), cpus=frozenset({0}))).choosing.found()) == []
