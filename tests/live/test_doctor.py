"""The doctor on this machine: as root, with less, and in namespaces. It fails nowhere and leaves nothing."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from argtrace import running_kernel
from argtrace.cgroups import NoFreezer, ours
from tests.live.conftest import Target
from tests.live.test_rights import ANYONE, ROOT, anyones  # noqa: F401 (a fixture)
from tests.support.live import ARGTRACE, ENVIRONMENT, IN_A_GUEST, ours_in_kernel
from tests.support.pen import becomes

pytestmark = pytest.mark.live

SCHEMA = json.loads((Path(ROOT) / "docs" / "reference" / "doctor.schema.json").read_text())
_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")

Findings = dict[str, dict[str, Any]]


def doctor(
    prefix: Sequence[str] = (), program: Sequence[str] = ARGTRACE, **environment: str
) -> tuple[int, Findings]:
    """How it ended, and what it found by name; of two alike the last."""
    done = subprocess.run(
        [*prefix, *program, "doctor", "--json"], capture_output=True, text=True, timeout=120, cwd="/",
        env=ENVIRONMENT | {"PYTHONPATH": ROOT} | environment, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    report = json.loads(done.stdout)
    if not IN_A_GUEST:  # which may have no jsonschema
        import jsonschema

        assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(report))
    assert report["possible"] == (done.returncode == 0)
    return done.returncode, {f["name"]: f for group in report["groups"] for f in group["findings"]}


def test_as_root() -> None:
    status, found = doctor()

    assert status == 0
    for name in ("trace by", "argtrace's own programs", "BTF", "attaching to a tracepoint", "user namespace"):
        assert found[name]["answer"] == "yes", found[name]
    assert found["user"]["says"] == "root"
    assert found["release"]["says"].startswith(os.uname().release)


def test_nothing_stays_behind() -> None:
    def cgroups() -> set[str]:
        try:
            return {entry.name for entry in os.scandir(ours()) if entry.name.startswith("argtrace-")}
        except NoFreezer:
            return set()

    had, loaded = cgroups(), ours_in_kernel()
    doctor()

    assert cgroups() - had == set()
    # The kernel frees programs some time after their last use: an earlier test's may go meanwhile, too.
    assert becomes(lambda: not ours_in_kernel() - loaded)


def test_with_two_capabilities(anyones: tuple[str, ...]) -> None:  # noqa: F811
    status, found = doctor(ANYONE, anyones)

    assert status == 0
    assert found["argtrace's own programs"]["answer"] == "yes"
    assert found["CAP_SYS_PTRACE"]["answer"] == "no"


def test_an_ordinary_user_is_told_what_to_do(anyones: tuple[str, ...]) -> None:  # noqa: F811
    status, found = doctor(_NOBODY, anyones)

    assert found["argtrace's own programs"]["answer"] == "no"
    assert found["CAP_BPF"]["cure"].startswith("run it with sudo")
    if status == 1:
        assert found["trace by"]["says"] == "nothing: CAP_BPF and CAP_PERFMON are needed"
    else:
        assert "ptrace" in found["trace by"]["says"]
    # What it may not ask it is not sure of; a kernel that is pretended says no to everybody.
    asked = ["raw_tracepoint", *(["ringbuf", "test run"] if running_kernel.features().ring else [])]
    assert {found[name]["answer"] for name in asked} <= {"unsure", "yes"}


@pytest.mark.parametrize(
    ("unshare", "namespace"),
    [(("-U", "-r"), "user namespace"), (("-p", "-f", "--mount-proc"), "pid namespace")],
)
def test_in_a_namespace(unshare: tuple[str, ...], namespace: str) -> None:
    if subprocess.run(["unshare", *unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("Such a namespace cannot be made here.")
    status, found = doctor(["unshare", *unshare])

    assert found[namespace]["answer"] == "no"
    assert found[namespace]["cure"]
    assert status == 1 or "ptrace" in found["trace by"]["says"]


def test_where_bpf_is_forbidden_altogether(target: Target) -> None:
    """bpf(2) does not exist for it: a filter answers ENOSYS, as a kernel without CONFIG_BPF_SYSCALL."""
    status, found = doctor([target("nobpf")])

    assert found["prog_array"] | {"matters": True} == found["prog_array"]
    assert (found["prog_array"]["answer"], found["prog_array"]["says"]) == ("no", "ENOSYS")
    assert found["seccomp"]["says"].startswith("filtered")
    assert status == 1 or "ptrace" in found["trace by"]["says"]


def test_text_is_coloured_where_it_is_wanted() -> None:
    def said(*words: str) -> str:
        done = subprocess.run(
            [*ARGTRACE, "doctor", *words], capture_output=True, text=True, timeout=120, check=False,
            env=ENVIRONMENT | {"PYTHONPATH": ROOT},
        )  # fmt: skip
        return done.stdout

    assert "\x1b[" in said("--color", "always")
    plain = said()
    assert "\x1b[" not in plain
    assert plain.index("Rights\n") < plain.index("BPF: helpers\n") < plain.index("argtrace will\n")
