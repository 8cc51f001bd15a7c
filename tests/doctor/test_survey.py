"""The machine asked: what is read from files that are made up, and that no question fails the others."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import NoReturn

import pytest

from argtrace import cgroups
from argtrace.cgroups import ELSE, NoFreezer
from argtrace.doctor import survey
from argtrace.doctor.findings import NO, UNSURE, YES, Machine, Tried, examine
from argtrace.errors import ArgtraceError, KernelRefused
from argtrace.kernel import mounts
from argtrace.kernel.calls import Descriptor

CONFIG = """\
# Automatically generated file; DO NOT EDIT.
CONFIG_BPF_SYSCALL=y
# CONFIG_KPROBES is not set
CONFIG_LOCALVERSION="-x=y"
"""


@pytest.mark.parametrize("compressed", [True, False])
def test_kernel_options(tmp_path: Path, compressed: bool) -> None:
    place = tmp_path / ("config.gz" if compressed else "config-1")
    place.write_bytes(gzip.compress(CONFIG.encode()) if compressed else CONFIG.encode())

    options, where = survey._options((str(tmp_path / "nosuch"), str(place)))

    assert options == {"BPF_SYSCALL": "y", "LOCALVERSION": '"-x=y"'}
    assert where == str(place)


def test_options_that_are_damaged_or_nowhere(tmp_path: Path) -> None:
    (tmp_path / "config.gz").write_bytes(gzip.compress(CONFIG.encode())[:-12])

    assert survey._options((str(tmp_path / "config.gz"), str(tmp_path / "x"))) == (None, "")


def test_a_field_of_a_status() -> None:
    status = "Name:\tSeccomp:\nSeccomp:\t2\nSeccomp_filters:\t1\n"

    assert survey._number(status, "Seccomp:") == 2
    assert survey._number("", "Seccomp:") is None


MOUNTS = "proc /proc proc rw 0 0\nnone /mnt/t tracefs rw 0 0\n"


@pytest.mark.parametrize(
    ("table", "readable", "answer", "cure"),
    [
        (MOUNTS, True, YES, None),
        ("", True, YES, None),
        (MOUNTS, False, NO, "mount -o remount,gid={gid},mode=750 /mnt/t"),
        ("", False, NO, "mount -t tracefs -o gid={gid},mode=750 none /sys/kernel/tracing"),
    ],
)
def test_tracefs(
    table: str, readable: bool, answer: object, cure: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tracefs() -> Descriptor:
        if not readable:
            raise KernelRefused("fsopen", 1)
        return Descriptor(os.open("/", os.O_RDONLY))

    monkeypatch.setattr(mounts, "tracefs", tracefs)
    monkeypatch.setattr(survey, "_read", lambda _: table)
    found = survey._tracefs()

    assert found.answer is answer
    assert found.cure == (cure and "sudo " + cure.format(gid=os.getegid()))


def test_what_cannot_be_tried_is_unsure_and_what_is_refused_a_no() -> None:
    def broken() -> NoReturn:
        raise RuntimeError("the moon is full")

    def refused() -> NoReturn:
        raise ArgtraceError("not here", remedy="go there")

    assert survey._tried(broken) == Tried(UNSURE, "the moon is full")
    assert survey._tried(refused) == Tried(NO, "not here", "go there")


def test_no_cgroup_and_its_cure_without_advice_for_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    def ours() -> NoReturn:
        raise NoFreezer("no cgroup2 is mounted", remedy=f"mount it, or {ELSE}")

    monkeypatch.setattr(cgroups, "ours", ours)
    cgroup, child, freezer = survey._holding()

    assert cgroup == Tried(NO, "no cgroup2 is mounted", "mount it")
    assert (child.answer, freezer.answer) == (UNSURE, UNSURE)


def test_a_cgroup_that_does_not_freeze(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in the place of a kernel: nothing ever happens there."""
    monkeypatch.setattr(survey, "_PATIENCE", 0.01)
    leaf = cgroups.Leaf(str(tmp_path))
    os.mkdir(leaf.path)
    Path(leaf.path, "cgroup.freeze").write_text("0")
    Path(leaf.path, "cgroup.events").write_text("populated 0\nfrozen 0\n")
    leaf._freeze = os.open(f"{leaf.path}/cgroup.freeze", os.O_RDWR)

    assert survey._freezes(leaf).answer is NO
    os.close(leaf._freeze)


def test_the_cache_as_it_would_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    assert survey._cache() == Tried(YES, str(tmp_path / ".cache" / "argtrace"))
    assert not (tmp_path / ".cache").exists(), "asking makes nothing"

    monkeypatch.setenv("XDG_CACHE_HOME", "/nonexistent/home/.cache")
    found = survey._cache()
    assert (found.answer, bool(found.cure)) == (NO, True)


QUESTIONS = (
    "_tracefs",
    "_options",
    "_probes",
    "_programs",
    "_native",
    "_cache",
    "_container",
    "_sysctls",
    "_holding",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_fails_the_others(question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is broken in turn; there is a report nevertheless."""
    monkeypatch.setattr(survey, "_probes", lambda _: ())
    monkeypatch.setattr(survey, "_programs", lambda: None)

    def broken(*_: object) -> NoReturn:
        raise RuntimeError("the moon is full")

    monkeypatch.setattr(survey, question, broken)
    found = survey.machine()

    assert isinstance(found, Machine)
    assert examine(found).groups


def test_a_machine_without_proc_and_sys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_read", lambda _: None)
    monkeypatch.setattr(survey, "_probes", lambda _: ())
    monkeypatch.setattr(survey, "_programs", lambda: ArgtraceError("no"))
    report = examine(survey.machine())

    assert not report.possible
