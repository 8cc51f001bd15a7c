"""Which back end is taken, and why."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from argtrace import backend
from argtrace.backend import BPF, PTRACE, Choice
from argtrace.errors import ArgtraceError, KernelRefused, NotPermitted, NotSupported, VerifierRejected

INITIAL = 0xEFFFFFFC  # include/linux/proc_ns.h
BPF_AND_PERFMON = 1 << 39 | 1 << 38


ALLOWED = Choice(BPF, "CAP_BPF and CAP_PERFMON are there, and BTF")
INSIDE = Choice(PTRACE, "inside a pid namespace, where BPF sees other ids")


def status(effective: int) -> str:
    return f"Name:\tpython\nCapEff:\t{effective:016x}\n"


@pytest.mark.parametrize(
    ("effective", "namespace", "btf", "chosen"),
    [
        pytest.param(BPF_AND_PERFMON, INITIAL, True, ALLOWED, id="all is there"),
        pytest.param(1 << 21, INITIAL, True, ALLOWED, id="CAP_SYS_ADMIN has both"),
        pytest.param(0, INITIAL, True, Choice(PTRACE, "no CAP_BPF, CAP_PERFMON"), id="an ordinary user"),
        pytest.param(1 << 39, INITIAL, True, Choice(PTRACE, "no CAP_PERFMON"), id="one of two"),
        pytest.param(BPF_AND_PERFMON, INITIAL, False, None, id="no BTF"),
        pytest.param(BPF_AND_PERFMON, INITIAL + 1, True, INSIDE, id="in a container"),
    ],
)  # fmt: skip
def test_the_first_that_can(
    effective: int, namespace: int, btf: bool, chosen: Choice | None, tmp_path: Path
) -> None:
    types = tmp_path / "vmlinux"
    if btf:
        types.touch()
    expected = chosen or Choice(PTRACE, f"a kernel without BTF ({types})")
    assert backend.choose("auto", status=status(effective), namespace=namespace, btf=str(types)) == expected


@pytest.mark.parametrize("name", [BPF, PTRACE])
def test_what_is_asked_for_is_taken(name: str) -> None:
    assert backend.choose(name, status=status(0)).name == name


@pytest.mark.parametrize(
    ("refused", "goes_on"),
    [
        pytest.param(NotPermitted("loading BPF programs", ("lockdown",)), True, id="no right"),
        pytest.param(KernelRefused("bpf(BPF_MAP_CREATE)", errno.EPERM), True, id="EPERM"),
        pytest.param(KernelRefused("bpf(BPF_MAP_CREATE)", errno.ENOSYS), True, id="no bpf(2)"),
        pytest.param(KernelRefused("bpf(BPF_MAP_CREATE)", errno.ENOMEM), False, id="another error"),
        pytest.param(VerifierRejected("at_enter", errno.EACCES, "R1 invalid"), False, id="the verifier"),
        pytest.param(NotSupported("a kernel that old"), False, id="a reason of its own"),
    ],
)
def test_what_a_refusal_of_bpf_leads_to(refused: ArgtraceError, goes_on: bool) -> None:
    instead = backend.instead(refused)
    assert (instead is not None and instead.name == PTRACE) == goes_on


def test_it_is_said_in_a_line() -> None:
    told = backend.told(Choice(PTRACE, "no CAP_BPF, CAP_PERFMON"))
    assert told == 'tracing with ptrace: no CAP_BPF, CAP_PERFMON ("argtrace doctor" says more)'


def test_what_bpf_alone_can_do_is_refused_with_the_reason() -> None:
    error = backend.refuse("tracing everybody (-a)", Choice(PTRACE, "no CAP_BPF"))
    assert str(error) == (
        "not permitted: tracing everybody (-a): needs the BPF back end, and this is ptrace (no CAP_BPF)"
    )
    assert error.remedy
