"""Machines that are made up, and what the doctor says of them."""

from __future__ import annotations

from typing import Any

import pytest

from argtrace.doctor import probes
from argtrace.doctor.findings import NO, PAGES, UNSURE, YES, Finding, Machine, Report, Tried, examine
from argtrace.doctor.probes import Probed
from argtrace.kernel.capabilities import CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN, CAP_SYS_PTRACE, mask

ALL = (1 << 41) - 1
TWO = mask(CAP_BPF, CAP_PERFMON)


def machine(**changes: Any) -> Machine:
    """One on which nothing is missing, but for what is changed."""
    usual: dict[str, Any] = {
        "uid": 0,
        "effective": ALL,
        "python": "/usr/bin/python3.12",
        "release": "6.18.0",
        "architecture": "x86_64",
        "supported": True,
        "user_namespace": True,
        "pid_namespace": True,
        "container": None,
        "seccomp": 0,
        "lockdown": "[none] integrity confidentiality",
        "sysctls": {"kernel.unprivileged_bpf_disabled": "2", "net.core.bpf_jit_enable": "1"},
        "memlock": 8 << 20,
        "processes_hidden": False,
        "btf": 5 << 20,
        "build_id": "ab12",
        "tracefs": Tried(YES, "/sys/kernel/tracing"),
        "options": dict.fromkeys(("BPF_SYSCALL", "BPF_EVENTS", "DEBUG_INFO_BTF"), "y"),
        "options_from": "/proc/config.gz",
        "preemptible": False,
        "forced": None,
        "probes": tuple(Probed(kind, name, YES) for kind, name in sorted(probes.NEEDED)),
        "programs": Tried(YES),
        "cgroup": Tried(YES, "/sys/fs/cgroup/a"),
        "child": Tried(YES, "made and removed"),
        "freezer": Tried(YES, "tried"),
        "native": Tried(YES, "built"),
        "cache": Tried(YES, "/root/.cache/argtrace"),
    }
    return Machine(**(usual | changes))


def of(report: Report, title: str, name: str) -> Finding:
    (found,) = (
        f for group in report.groups if group.title == title for f in group.findings if f.name == name
    )
    return found


def will(report: Report) -> dict[str, Finding]:
    return {found.name: found for found in report.groups[-1].findings}


def test_nothing_is_missing_on_a_machine_that_has_all() -> None:
    report = examine(machine(options=None, options_from=""))

    assert report.possible
    assert [f for group in report.groups for f in group.findings if f.answer is NO] == []
    assert [found.answer for found in report.groups[-1].findings] == [YES] * 10


@pytest.mark.parametrize("feature", probes.FEATURES)
def test_what_an_older_kernel_has_not_is_done_in_another_way(feature: str) -> None:
    """As long as there is another way it is nothing that is missing."""
    missing = Probed(probes.FEATURE, probes.FEATURES[feature], NO, "EINVAL")
    usual = examine(machine()).groups[-1].findings
    found = examine(machine(probes=(*machine().probes, missing))).groups[-1].findings

    assert {each.answer for each in found} == {YES}
    changed = set(found) - set(usual)
    assert len(changed) == 1


@pytest.mark.parametrize(
    ("changes", "says", "cure"),
    [
        pytest.param(
            {"effective": 0, "uid": 1000},
            "CAP_BPF and CAP_PERFMON are needed",
            "sudo setcap cap_bpf",
            id="an ordinary user",
        ),
        pytest.param(
            {"effective": mask(CAP_BPF), "uid": 1000},
            "CAP_BPF and CAP_PERFMON are needed",
            "cap_perfmon",
            id="one of the two",
        ),
        pytest.param(
            {"effective": 0, "container": "docker"},
            "CAP_BPF and CAP_PERFMON",
            "--cap-add BPF",
            id="root in a container",
        ),
        pytest.param(
            {"effective": 0}, "CAP_BPF and CAP_PERFMON", "CapabilityBoundingSet=", id="root of a service"
        ),
        pytest.param(
            {"user_namespace": False},
            "in a user namespace",
            "outside of the user namespace",
            id="root in a user namespace",
        ),
        pytest.param({"pid_namespace": False}, "process ids", "--pid=host", id="a pid namespace"),
        pytest.param({"btf": None}, "no BTF", "CONFIG_DEBUG_INFO_BTF=y", id="no BTF"),
        pytest.param(
            {"programs": Tried(NO, "not permitted: x", "ask somebody")},
            "not permitted: x",
            "ask somebody",
            id="refused at last",
        ),
    ],
)
def test_what_hinders_and_its_cure(changes: dict[str, Any], says: str, cure: str) -> None:
    report = examine(machine(**changes))
    verdict = will(report)["trace by"]

    assert not report.possible
    assert (verdict.answer, says in verdict.says) == (NO, True)
    assert verdict.cure is not None
    assert cure in verdict.cure
    assert len(report.groups[-1].findings) == 1, "nothing else follows from nothing"


def test_another_architecture() -> None:
    report = examine(machine(architecture="riscv64", supported=False))

    assert not report.possible
    assert "riscv64" in will(report)["trace by"].says
    assert of(report, "Kernel", "release").answer is NO


@pytest.mark.parametrize("name", sorted(probes.NEEDED))
def test_whatever_is_needed_and_not_there_hinders(name: tuple[str, str]) -> None:
    found = [
        Probed(*n, NO if n == name else YES, "EINVAL" if n == name else "") for n in sorted(probes.NEEDED)
    ]
    report = examine(machine(probes=tuple(found)))

    assert not report.possible
    assert f"{name[0]} {name[1]}: EINVAL" in will(report)["trace by"].says


def test_what_is_not_needed_hinders_nothing() -> None:
    found = Probed(probes.MAP_TYPE, "arena", NO, "EINVAL")
    report = examine(machine(probes=(*machine().probes, found)))

    assert report.possible
    arena = of(report, "BPF: map types", "arena")
    assert (arena.answer, arena.matters, arena.cure) == (NO, False, None)


def test_cap_sys_admin_has_the_two_in_it() -> None:
    report = examine(machine(effective=mask(CAP_SYS_ADMIN), uid=1000))

    assert report.possible
    assert of(report, "Rights", "CAP_BPF").answer is YES


def test_two_capabilities_are_enough_and_what_more_would_add() -> None:
    refused = Tried(NO, "cannot make a cgroup", "be root")
    report = examine(
        machine(effective=TWO, uid=1000, tracefs=Tried(NO, "may not be read", "mount it"), child=refused,
                freezer=Tried(UNSURE))
    )  # fmt: skip
    found = will(report)

    assert report.possible
    assert of(report, "Rights", "CAP_SYS_PTRACE").cure == "run it with sudo"
    assert (found["name arguments by"].answer, found["name arguments by"].cure) == (NO, "mount it")
    assert (found["freeze a command"].answer, found["freeze a command"].cure) == (NO, "be root")
    assert found["name descriptors (-y)"].answer is NO


def test_nobody_is_told_to_give_a_python_more_than_the_two() -> None:
    """Every program of it would have them, whoever starts it."""
    report = examine(machine(effective=0, uid=1000))
    cures = {f.cure for group in report.groups for f in group.findings if f.cure and "setcap" in f.cure}

    assert all("setcap cap_bpf,cap_perfmon+ep /usr/bin/python3.12" in cure for cure in cures)


@pytest.mark.parametrize(
    ("changes", "answer", "says"),
    [
        ({}, YES, "raw tracepoints"),
        ({"preemptible": None}, YES, "raw tracepoints"),
        ({"preemptible": True}, YES, "perf's events"),
        ({"preemptible": True, "tracefs": Tried(NO, "", "mount it")}, NO, "what is left out so is counted"),
        ({"preemptible": True, "forced": "raw"}, None, "ARGTRACE_TRACEPOINTS"),
    ],
)
def test_what_it_attaches_to(changes: dict[str, Any], answer: object, says: str) -> None:
    found = will(examine(machine(**changes)))["attach to"]

    assert found.answer is answer
    assert says in found.says


def test_pages_are_not_waited_for_where_they_could_be() -> None:
    sleeps = Probed(probes.PROGRAM_TYPE, probes.SLEEPABLE, YES)
    found = [
        will(examine(machine(probes=(*machine().probes, *more))))["read pages that are not there"]
        for more in ((), (sleeps,))
    ]

    assert [each.says for each in found] == list(PAGES[1:])


@pytest.mark.parametrize(
    ("backend", "changes", "possible", "says"),
    [
        (("ptrace", "no CAP_BPF"), {"effective": 0, "uid": 1000}, True, "ptrace: no CAP_BPF"),
        (("ptrace", "--backend ptrace"), {}, True, "ptrace: --backend ptrace"),
        (("bpf", "the rights are there"), {}, True, "BPF"),
        (
            ("bpf", "the rights are there"),
            {"programs": Tried(NO, "R1 !read_ok")},
            False,
            "nothing: R1 !read_ok",
        ),
    ],
)
def test_where_there_are_several_back_ends(
    backend: tuple[str, str], changes: dict[str, Any], possible: bool, says: str
) -> None:
    report = examine(machine(backend=backend, **changes))

    assert report.possible is possible
    assert says in will(report)["trace by"].says


def test_by_ptrace_it_is_told_why_not_by_bpf() -> None:
    found = will(examine(machine(backend=("ptrace", "no CAP_BPF"), effective=0, uid=1000)))

    assert found["by BPF"].answer is NO
    assert "freeze a command" not in found


@pytest.mark.parametrize(
    ("lockdown", "answer"),
    [
        ("[none] integrity confidentiality", YES),
        ("none [integrity] confidentiality", YES),
        ("none integrity [confidentiality]", NO),
        (None, None),
    ],
)
def test_lockdown(lockdown: str | None, answer: object) -> None:
    found = of(examine(machine(lockdown=lockdown)), "Kernel", "lockdown")

    assert found.answer is answer
    assert bool(found.cure) == (answer is NO)


@pytest.mark.parametrize(
    ("name", "value", "answer"),
    [
        ("net.core.bpf_jit_enable", "0", NO),
        ("net.core.bpf_jit_harden", "2", NO),
        ("net.core.bpf_jit_harden", "1", YES),
        ("kernel.bpf_stats_enabled", "1", NO),
        ("kernel.perf_event_paranoid", "4", None),
        ("kernel.yama.ptrace_scope", "77", None),
    ],
)
def test_settings(name: str, value: str, answer: object) -> None:
    found = of(examine(machine(sysctls={name: value})), "Kernel", name)

    assert found.answer is answer
    assert found.says.startswith(value)
    if answer is NO:
        assert (found.cure or "").startswith(f"sudo sysctl {name}=")


def test_options_that_are_missing() -> None:
    report = examine(machine(options={"BPF_SYSCALL": "y", "KPROBES": "n"}))
    found = {f.name: f for f in next(g for g in report.groups if g.title == "Kernel options").findings}

    assert found["CONFIG_BPF_SYSCALL"].answer is YES
    assert (found["CONFIG_KPROBES"].answer, found["CONFIG_KPROBES"].cure) == (NO, None)
    assert found["CONFIG_DEBUG_INFO_BTF"].cure == "a kernel built with CONFIG_DEBUG_INFO_BTF=y"


def test_what_cannot_be_found_out_is_said() -> None:
    unknown = Tried(UNSURE, "OSError")
    report = examine(
        machine(
            seccomp=None,
            lockdown=None,
            sysctls={},
            memlock=None,
            build_id=None,
            options=None,
            probes=(),
            tracefs=unknown,
            cgroup=unknown,
            child=unknown,
            freezer=unknown,
            native=unknown,
            cache=unknown,
            preemptible=None,
        )
    )

    assert report.possible, "its own programs were loaded"
    assert of(report, "Kernel", "seccomp").says == "not known"
    assert of(report, "Descriptions", "kernel options").answer is UNSURE


def test_capabilities_that_count_for_ptrace_alone() -> None:
    report = examine(machine(effective=TWO | mask(CAP_SYS_PTRACE), uid=1000))

    assert will(report)["name descriptors (-y)"].answer is YES
