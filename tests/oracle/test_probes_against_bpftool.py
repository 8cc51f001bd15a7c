"""bpftool's word on program types, map types and helpers: it asks the kernel by libbpf."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

from argtrace import running_kernel
from argtrace.doctor import probes
from argtrace.doctor.probes import everything
from argtrace.kernel import uapi
from argtrace.kernel.calls import Linux
from argtrace.probing import Answer

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(not shutil.which("bpftool"), reason="There is no bpftool on this machine."),
]


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    done = subprocess.run(
        ["bpftool", "-j", "feature", "probe", "kernel"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def ours() -> dict[str, dict[str, Answer]]:
    found: dict[str, dict[str, Answer]] = {}
    for each in everything(Linux(), running_kernel.btf(), uapi.BPF_PROG_TYPE_RAW_TRACEPOINT):
        found.setdefault(each.kind, {})[each.name] = each.answer
    return found


@pytest.mark.parametrize(
    ("kind", "section", "least"),
    [(probes.PROGRAM_TYPE, "program_types", 10), (probes.MAP_TYPE, "map_types", 14)],
)
def test_types(
    kind: str, section: str, least: int, theirs: dict[str, Any], ours: dict[str, dict[str, Answer]]
) -> None:
    ending = f"_{section.removesuffix('s').replace('program', 'prog')}"
    names = {name: name.removeprefix("have_").removesuffix(ending) for name in theirs[section]}
    both = {name: theirs[section][full] for full, name in names.items() if name in ours[kind]}

    assert len(both) >= least
    # What we are unsure of, libbpf takes for a no.
    assert {name: ours[kind][name] is Answer.YES for name in both} == both


def test_helpers(theirs: dict[str, Any], ours: dict[str, dict[str, Answer]]) -> None:
    have = set(theirs["helpers"]["raw_tracepoint_available_helpers"])
    asked = {name: answer for name, answer in ours[probes.HELPER].items() if "(" not in name}

    assert {name: answer is Answer.YES for name, answer in asked.items()} == {
        name: f"bpf_{name}" in have for name in asked
    }
