"""The live tests in a guest: what the host prepares, one boot, what came of it.

Python is 15 to 50 times slower there. So C programs are compiled here, modules of Python too, with the
assertions that pytest rewrites; the guest's interpreter has no other packages than the tests take; and
argtrace is not imported for each test anew (tests/support/zygote.py).
"""

from __future__ import annotations

import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vm import boot, native, outcomes
from vm.boot import Ended, Guest
from vm.kernels import Kernel
from vm.machines import Machine
from vm.outcomes import Outcomes
from vm.qemu import Size
from vm.shares import Share

ROOT = Path(__file__).parents[1]

# What pytest takes; jsonschema has a native half, and is among Debian's packages for other machines.
_PACKAGES = ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py")
_OF_THE_HOST = (
    "jsonschema", "jsonschema_specifications", "referencing", "rpds", "attr", "attrs", "typing_extensions.py",
)  # fmt: skip

PACKAGES = (
    "python3", "python3-jsonschema", "strace", "bpftool", "procps", "util-linux", "mount", "iproute2", "bash",
    "perl-base", "findutils", "tar", "gawk", "sed", "grep", "libcap2-bin", "curl", "git", "openssh-client",
)  # fmt: skip
"""What the tests take, of Debian's, in a root of another machine."""

_TARGETS = ("tests/live/targets", "tests/oracle/targets", "bench/workloads")
_NATIVE = "argtrace/native"
_PREPARED, _RESULTS = "/run/argtrace", "/run/results"


@dataclass(frozen=True)
class Suite:
    """`seconds`: the whole run's limit. `zygote`: whether argtrace is forked rather than started. `cpus`: the
    guest's."""

    tests: Sequence[str]
    seconds: float
    zygote: bool = True
    cpus: int = 1


@dataclass(frozen=True)
class Done:
    ended: Ended
    outcomes: Outcomes


def run(kernel: Kernel, suite: Suite, *, echo: bool = True) -> Done:
    root = boot.root_for(kernel)
    known = collect()
    with _prepared(kernel.machine, root) as prepared, tempfile.TemporaryDirectory() as results:
        shared = (
            Share("prepared", prepared, _PREPARED),
            Share("results", Path(results), _RESULTS, writable=True),
            *([] if root == Path("/") else _checkout(prepared)),
        )
        guest = Guest(
            kernel,
            root,
            shared,
            Size(memory="2G", cpus=suite.cpus),
            seconds=suite.seconds,
            own=(os.path.expanduser("~/.cache"),),
        )
        python = _interpreter(root)
        words = [
            python,
            "-S",
            "-P",
            "-m",
            "pytest",
            "-p",
            "vm.outcomes",
            "-p",
            "no:cacheprovider",
            "-q",
            *suite.tests,
        ]
        ended = boot.run(guest, words, _environment(suite), str(ROOT), echo=echo)
        return Done(ended, outcomes.read(Path(results) / "outcomes", known))


def _checkout(prepared: Path) -> list[Share]:
    """For a root that is not the host's, and modules of that machine."""
    return [Share("checkout", ROOT, str(ROOT)), Share("native", prepared / "native", str(ROOT / _NATIVE))]


def _environment(suite: Suite) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{ROOT}:{_PREPARED}/packages",
        "ARGTRACE_VM": "1",
        "ARGTRACE_EVERYBODY": "1",  # there is nobody else
        "ARGTRACE_TARGETS": f"{_PREPARED}/targets",
        "ARGTRACE_DISK": _RESULTS,
        outcomes.FILE: f"{_RESULTS}/outcomes",
    } | ({"ARGTRACE_ZYGOTE": "1"} if suite.zygote else {})


def _interpreter(root: Path) -> str:
    """The real one: not that of a virtual environment, nor a shell script that looks for one."""
    return os.path.realpath(sys.executable) if root == Path("/") else "/usr/bin/python3"


# ---- what is prepared ---------------------------------------------------------------------


@contextmanager
def _prepared(machine: Machine, root: Path) -> Iterator[Path]:
    """A directory with the packages and the C programs."""
    for path in (ROOT / "argtrace").rglob("*.py"):
        py_compile.compile(str(path), doraise=True)
    with tempfile.TemporaryDirectory(prefix="vm-prepared-") as made:
        directory = Path(made)
        names = _PACKAGES if root != Path("/") else (*_PACKAGES, *_OF_THE_HOST)
        _copy_packages(names, directory / "packages")
        _compile_targets(machine, directory / "targets")
        if root != Path("/"):
            native.build(machine, ROOT / _NATIVE, directory / "native")
        yield directory


def collect() -> frozenset[str]:
    """All live tests. pytest keeps what it makes of them where Python keeps modules, for the guest too."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    listed = subprocess.run(
        [*words, "tests/live", "tests/oracle"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        check=True,
    ).stdout  # fmt: skip
    return frozenset(line for line in listed.splitlines() if "::" in line)


def _copy_packages(names: Sequence[str], to: Path) -> None:
    site = Path(sysconfig.get_path("purelib"))
    to.mkdir()
    for name in names:
        source = site / name
        if source.is_dir():
            shutil.copytree(source, to / name)
        elif source.exists():
            shutil.copy(source, to / name)
    for path in to.rglob("*.py"):
        py_compile.compile(str(path), quiet=2)


def _compile_targets(machine: Machine, to: Path) -> None:
    """Each where `tests.support.live.compile` looks for it."""
    compiler = f"{machine.uname}-linux-gnu-gcc"
    if not shutil.which(compiler):
        raise SystemExit(
            f"vm: {compiler} is not installed (Debian: gcc-{machine.uname.replace('_', '-')}-linux-gnu)"
        )
    for directory in _TARGETS:
        for source in sorted((ROOT / directory).rglob("*.c")):
            made = (to / source.relative_to(ROOT)).with_suffix("")
            made.parent.mkdir(parents=True, exist_ok=True)
            words = [compiler, "-O1", "-w", "-pthread", "-o", str(made), str(source)]
            # Some are of x86-64 alone: without them their tests say so.
            subprocess.run(words, check=False, stderr=subprocess.DEVNULL)
