"""What /proc says of a process: of ourselves, of one with an odd name, and of one that is gone."""

from __future__ import annotations

import io
import os
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from argtrace import processes
from argtrace.errors import FormatError


@pytest.fixture
def gone() -> int:
    """The id of nobody."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


@pytest.fixture(params=[") R 7 8 (", "a b) S", "\x1b[2J", ")"])
def odd(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is called so."""
    process = subprocess.Popen(
        ["sh", "-c", 'printf %s "$1" > /proc/$$/comm; echo; read line', "sh", request.param],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.communicate(b"\n")


def test_who_is_gone(gone: int) -> None:
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    zombie = subprocess.Popen(["true"])
    os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert thread.native_id is not None
        assert processes.gone([os.getpid(), gone, zombie.pid, thread.native_id]) == [gone]
    finally:
        done.set()
        thread.join()
        zombie.wait()


def test_ourselves() -> None:
    pid = os.getpid()

    assert processes.parent(pid) == os.getppid()
    assert processes.uid(pid) == os.getuid()
    assert pid in processes.threads(pid)
    assert processes.tgid(pid) == pid
    assert not processes.ended(pid)


def test_a_thread_of_ours() -> None:
    found: list[tuple[int, int | None, bool]] = []

    def look() -> None:
        tid = threading.get_native_id()
        found.append((processes.tgid(tid), processes.uid(tid), processes.ended(tid)))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert found == [(os.getpid(), os.getuid(), False)]


def test_a_child_began_after_us(odd: subprocess.Popen[bytes]) -> None:
    """Whatever its name makes of the line that says so."""
    ours, its = processes.started(os.getpid()), processes.started(odd.pid)
    assert ours is not None
    assert its is not None

    assert 0 < ours <= its
    assert its / os.sysconf("SC_CLK_TCK") <= time.clock_gettime(time.CLOCK_BOOTTIME)
    assert processes.parent(odd.pid) == os.getpid()
    assert not processes.ended(odd.pid)
    assert not processes.is_of_kernel(odd.pid)


def test_threads_of_the_kernel() -> None:
    """Where our pid namespace shows them they are kthreadd, which is 2, and its children."""
    if processes.comm(2) == b"kthreadd":
        assert processes.is_of_kernel(2)
    assert not processes.is_of_kernel(os.getpid())


def test_one_that_is_gone(gone: int) -> None:
    assert processes.parent(gone) == 0
    assert processes.uid(gone) is None
    assert processes.started(gone) is None
    assert processes.comm(gone) == b""
    assert processes.threads(gone) == ()
    assert processes.tgid(gone) == gone
    assert processes.ended(gone)


def test_one_that_nobody_has_waited_for() -> None:
    """It has an id, and does nothing more."""
    child = subprocess.Popen(["true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert processes.ended(child.pid)
    assert processes.parent(child.pid) == os.getpid()
    child.wait()


@pytest.mark.parametrize(
    "stat",
    [
        pytest.param(b"1 (sh) R", id="fields are missing"),
        pytest.param(b"1 (sh) R x" + b" 0" * 40, id="a word in place of a number"),
        pytest.param(b"1 (sh", id="no end of the name"),
        pytest.param(b"1 (sh) R " + b"9" * 5000 + b" 0" * 40, id="more digits than there are numbers"),
    ],
)
def test_what_is_no_stat_is_a_format_error(monkeypatch: pytest.MonkeyPatch, stat: bytes) -> None:
    monkeypatch.setattr(processes, "open", lambda *_: io.BytesIO(stat), raising=False)

    for question in (processes.parent, processes.started, processes.ended, processes.is_of_kernel):
        with pytest.raises(FormatError):
            question(1)


@pytest.mark.parametrize("status", [b"Name:\tsh\nTgid:\nUid:\n", b"Tgid:\tone\nUid:\troot\n"])
def test_what_is_no_status_is_a_format_error(monkeypatch: pytest.MonkeyPatch, status: bytes) -> None:
    monkeypatch.setattr(processes, "open", lambda *_: io.BytesIO(status), raising=False)

    for question in (processes.tgid, processes.uid):
        with pytest.raises(FormatError):
            question(1)
