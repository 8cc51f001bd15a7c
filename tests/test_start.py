"""What starting costs is what is imported and loaded: neither may grow unseen."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from argtrace.errors import VerifierRejected
from argtrace.kept import Ready
from argtrace.start import Begun
from tests.support.fake_kernel import FakeKernel
from tests.support.generated import program_set

# What only a trace needs that nobody made before, or one with other options.
NOT_FOR_A_KEPT_TRACE = {
    "argtrace.decode.descriptors",
    "argtrace.decode.netlink",
    "argtrace.decode.summary",
    "argtrace.doctor",
    "argtrace.doctor.findings",
    "argtrace.doctor.probes",
    "argtrace.doctor.survey",
    "argtrace.fetch.asm",
    "argtrace.fetch.collectors",
    "argtrace.fetch.programs",
    "argtrace.prepare",
    "argtrace.present.doctor",
    "argtrace.present.jsonl",
    "argtrace.signature.btf",
    "argtrace.signature.calls.ioctl",
    "argtrace.signature.calls.network",
    "argtrace.signature.tables.structs_aarch64",
    "argtrace.signature.tables.structs_ioctl",
    "argtrace.signature.tables.syscalls_aarch64",
    "concurrent.futures",
    "dataclasses",
    "difflib",
    "hashlib",
    "inspect",
    "json",
    "logging",
    "shutil",
    "traceback",
}


def _imported(*arguments: str) -> set[str]:
    """The modules that a Python imports after those that it starts with."""
    said = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    ).stderr
    names = [line.rpartition("|")[2].strip() for line in said.splitlines() if line.startswith("import time:")]
    return set(names[names.index("site") + 1 :])


def test_importing_argtrace_imports_nothing_else() -> None:
    ours = {name for name in _imported("-c", "import argtrace") if name.startswith("argtrace")}
    others = _imported("-c", "import argtrace") - ours

    assert ours == {"argtrace"}
    assert {name.partition(".")[0] for name in others} <= sys.stdlib_module_names


@pytest.mark.live
def test_what_a_trace_like_one_before_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    command = ("-m", "argtrace", "-o", os.devnull, "true")
    _imported(*command)
    second = _imported(*command)

    assert not second & NOT_FOR_A_KEPT_TRACE
    roots = {name.partition(".")[0] for name in second}
    assert roots - sys.stdlib_module_names - {"argtrace", "importlib._bootstrap"} == set()


def _ready(*calls: str) -> Ready:
    return Ready(program_set(*calls).loadable(), {}, frozenset())


def test_everything_is_in_its_place() -> None:
    kernel, ready = FakeKernel(), _ready("openat,getppid,fcntl,execve")
    begun = Begun(kernel, ready)
    begun.finish()

    assert begun.programs.keys() == {code.name for code in ready.loadable.codes}
    placed = {(array, int.from_bytes(key, "little")) for array in ("enter_calls", "exit_calls", "exec_steps")
              for key in kernel.maps[array].values}  # fmt: skip
    assert placed == {(array, index) for array, index, _ in ready.loadable.reached}
    assert (
        kernel.maps["calls"].values[bytes(4)]
        == {name: value for name, _, value in ready.loadable.values}["calls"]
    )


def test_what_leads_back_to_its_array_is_taken_out_at_the_end() -> None:
    kernel, ready = FakeKernel(), _ready("openat,fcntl,execve")
    begun = Begun(kernel, ready)
    begun.finish()
    names = {(array, index): name for array, index, name in ready.loadable.reached}
    begun.close()

    left = {names[array, int.from_bytes(key, "little")] for array in ("enter_calls", "exit_calls")
            for key in kernel.maps[array].values}  # fmt: skip
    assert not left & {"at_choose", "at_sys_exit", "at_exit_late", "at_keep"}
    assert kernel.maps["exec_steps"].values == {}
    assert kernel.open_now() == []


@pytest.mark.parametrize("command", ["BPF_PROG_LOAD", "BPF_MAP_CREATE", "BPF_BTF_LOAD"])
def test_what_the_kernel_refuses_is_told_at_the_end_and_nothing_stays(command: str) -> None:
    kernel = FakeKernel()
    kernel.refuse(command, errno.EINVAL)
    begun = Begun(kernel, _ready("openat,execve"))
    with pytest.raises(VerifierRejected if command == "BPF_PROG_LOAD" else OSError):
        begun.finish()
    begun.close()

    assert kernel.open_now() == []


def test_one_that_is_given_up_leaves_nothing() -> None:
    kernel = FakeKernel()
    Begun(kernel, _ready("openat")).close()

    assert kernel.open_now() == []
