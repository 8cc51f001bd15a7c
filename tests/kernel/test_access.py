"""What this process may do, read from /proc/self/status, and what to tell the user."""

from __future__ import annotations

import errno
import os
import sys

import pytest

from argtrace.errors import KernelRefused, VerifierRejected
from argtrace.kernel import access, memlock

# /proc/self/status of Linux 6.18, from where capabilities are on.
STATUS = """\
Name:\tpython3
Umask:\t0022
State:\tR (running)
CapInh:\t000001ffffffffff
CapPrm:\t000001ffffffffff
CapEff:\t{effective:016x}
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t0
"""

# include/uapi/linux/capability.h
SYS_PTRACE, SYS_ADMIN, PERFMON, BPF = 1 << 19, 1 << 21, 1 << 38, 1 << 39


@pytest.mark.parametrize(
    ("effective", "missing"),
    [
        pytest.param(0, ("CAP_BPF", "CAP_PERFMON"), id="an ordinary user has neither"),
        pytest.param(BPF, ("CAP_PERFMON",), id="CAP_BPF does not read the kernel"),
        pytest.param(PERFMON, ("CAP_BPF",), id="CAP_PERFMON does not load"),
        pytest.param(BPF | PERFMON, (), id="the two together are enough"),
        pytest.param(SYS_ADMIN, (), id="CAP_SYS_ADMIN has both in it"),
        pytest.param(SYS_PTRACE, ("CAP_BPF", "CAP_PERFMON"), id="other capabilities do not help"),
        pytest.param((1 << 41) - 1, (), id="root has all"),
    ],
)
def test_missing_capabilities(effective: int, missing: tuple[str, ...]) -> None:
    assert access.missing_capabilities(STATUS.format(effective=effective)) == missing


def test_this_process_can_be_asked() -> None:
    assert set(access.missing_capabilities()) <= {"CAP_BPF", "CAP_PERFMON"}


def test_a_user_without_rights_is_told_which_and_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "missing_capabilities", lambda: ("CAP_BPF", "CAP_PERFMON"))

    told = access.explain(KernelRefused("bpf(BPF_MAP_CREATE)", errno.EPERM))

    assert told is not None
    assert str(told) == "not permitted: loading BPF programs: needs CAP_BPF, CAP_PERFMON"
    assert told.remedy is not None
    assert told.remedy.endswith(f"sudo setcap cap_bpf,cap_perfmon+ep {os.path.realpath(sys.executable)}")


def test_locked_memory_is_told_of_where_it_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "missing_capabilities", lambda: ())
    monkeypatch.setattr(memlock, "counted", lambda: 64 << 10)

    told = access.explain(KernelRefused("bpf(BPF_MAP_CREATE)", errno.EPERM))

    assert told is not None
    assert "more than the 64 KiB of RLIMIT_MEMLOCK" in str(told)
    assert told.remedy is not None
    assert told.remedy.startswith("ulimit -l unlimited")
    assert "cap_bpf,cap_perfmon,cap_sys_resource+ep" in told.remedy


def test_and_the_right_for_it_where_others_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "missing_capabilities", lambda: ("CAP_PERFMON",))
    monkeypatch.setattr(memlock, "counted", lambda: 64 << 10)

    told = access.explain(KernelRefused("bpf(BPF_MAP_CREATE)", errno.EPERM))

    assert told is not None
    assert told.remedy is not None
    assert "setcap cap_perfmon,cap_sys_resource+ep" in told.remedy


def test_a_user_with_rights_is_told_that_something_else_forbids_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "missing_capabilities", lambda: ())

    told = access.explain(KernelRefused("bpf(BPF_MAP_CREATE)", errno.EPERM))

    assert told is not None
    assert told.remedy is not None
    assert "lockdown" in told.remedy


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(KernelRefused("bpf(BPF_MAP_CREATE)", errno.ENOMEM), id="no memory is no right"),
        pytest.param(
            VerifierRejected("at_enter_0", errno.EACCES, "R0 invalid mem access 'scalar'\n"),
            id="the verifier says EACCES of a bad access, and that is about the program",
        ),
    ],
)
def test_errors_that_rights_do_not_explain(refused: KernelRefused) -> None:
    assert access.explain(refused) is None
