"""Which capabilities are kept after attaching: each for its reason, tried in children of ours."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from argtrace import rights
from argtrace.errors import KernelRefused, NotSupported
from argtrace.kernel import capabilities
from argtrace.kernel.capabilities import (
    CAP_BPF,
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    CAP_KILL,
    CAP_SYS_PTRACE,
    mask,
    of_process,
)
from argtrace.proc_files import Proc

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="Only root has capabilities to give up: run it with sudo."
)


def left(act: Callable[[], object]) -> int:
    """The capabilities that a child of ours has in effect after this."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            act()
            os.write(writing, b"%d" % of_process()["effective"])
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(pid, 0)
    with os.fdopen(reading) as told:
        return int(told.read())


def _refused_without(capability: int) -> Callable[[], None]:
    def look() -> None:
        if not of_process()["effective"] >> capability & 1:
            raise KernelRefused("bpf(BPF_MAP_LOOKUP_ELEM)", errno.EPERM)

    return look


@pytest.fixture(autouse=True)
def _usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "_read_ourselves", lambda: None)
    monkeypatch.setattr(rights, "processes_are_hidden", lambda: False)


def test_nothing_is_kept_that_nobody_needs() -> None:
    assert left(lambda: rights.drop(0, lambda: None)) == 0


def test_what_is_asked_for_is_kept() -> None:
    assert left(lambda: rights.drop(rights.for_command())) == mask(CAP_KILL)


def test_a_kernel_that_shows_maps_to_cap_bpf_alone() -> None:
    """Before Linux 5.19."""
    assert left(lambda: rights.drop(0, _refused_without(CAP_BPF))) == mask(CAP_BPF)


def test_a_look_that_fails_for_another_reason_is_no_reason() -> None:
    def look() -> None:
        raise KernelRefused("bpf(BPF_MAP_LOOKUP_ELEM)", errno.ENOENT)

    assert left(lambda: rights.drop(0, look)) == 0


def test_a_program_in_a_home_that_others_may_not_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "home" / "argtrace.py"
    file.parent.mkdir(mode=0o700)
    file.touch()
    os.chown(file.parent, 65534, 65534)

    def read() -> None:
        with open(file):
            pass

    monkeypatch.setattr(rights, "_read_ourselves", read)

    assert left(lambda: rights.drop(0)) == mask(CAP_DAC_READ_SEARCH)
    os.chown(file.parent, 0, 0)
    assert left(lambda: rights.drop(0)) == 0


def test_hidden_processes_are_seen_with_cap_sys_ptrace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "processes_are_hidden", lambda: True)

    assert left(lambda: rights.drop(0)) == mask(CAP_SYS_PTRACE)


@pytest.mark.parametrize(
    ("mode", "kept"),
    [pytest.param(0o755, 0, id="one's own"), pytest.param(0o555, CAP_DAC_OVERRIDE, id="the first cgroup's")],
)
def test_a_cgroup_is_removed_from_its_parent(tmp_path: Path, mode: int, kept: int) -> None:
    (tmp_path / "cgroup.procs").touch(mode=0o644)
    tmp_path.chmod(mode)

    assert rights.for_cgroup(str(tmp_path)) == (mask(kept) if kept else 0)


def test_descriptors_of_all_processes_with_cap_sys_ptrace() -> None:
    assert rights.for_descriptors(None) == mask(CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH)


@pytest.mark.parametrize(
    "identity", [{"user": 65534, "extra_groups": ()}, {}], ids=["another user's", "our own's"]
)
def test_what_they_open_can_be_seen_with_these_and_not_without(identity: dict[str, Any]) -> None:
    """Our own's too: it has more rights than we have then."""
    sleeping = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, **identity)
    try:

        def sees(keep: int) -> Callable[[], None]:
            def act() -> None:
                rights.drop(keep)
                found = Proc(details=False).descriptors(sleeping.pid)
                assert found[0].name == b"/dev/null"

            return act

        assert left(sees(rights.for_descriptors(None))) == mask(CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH)
        with pytest.raises(ValueError, match="''"):  # it failed before it could tell
            left(sees(0))
    finally:
        sleeping.kill()
        sleeping.wait()


def test_without_it_what_the_command_has_is_kept() -> None:
    def act() -> None:
        capabilities.drop(mask(CAP_BPF, CAP_KILL))
        rights.drop(rights.for_descriptors(os.getpid()))

    assert left(act) == mask(CAP_BPF, CAP_KILL)


def test_without_it_and_without_a_command_all_is_kept() -> None:
    def act() -> None:
        capabilities.drop(mask(CAP_BPF, CAP_KILL))
        rights.drop(rights.for_descriptors(None))

    assert left(act) == mask(CAP_BPF, CAP_KILL)


def test_a_sandbox_that_forbids_it_fails_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise KernelRefused("capset", errno.EPERM)

    monkeypatch.setattr(capabilities, "_set", refuse)

    def act() -> None:
        rights.for_cgroup("/")
        assert isinstance(rights.drop(0, lambda: None), KernelRefused)

    assert left(act) == of_process()["effective"]


def test_nor_do_threads_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "_alone", lambda: False)

    def act() -> None:
        assert isinstance(rights.drop(0), NotSupported)

    assert left(act) == of_process()["effective"]
