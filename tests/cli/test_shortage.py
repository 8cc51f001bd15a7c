"""What argtrace is short of is a sentence with a cure; whatever else went wrong is none of it."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys

import pytest

from argtrace import address_space, cli
from argtrace.cli import short_of
from argtrace.errors import ArgtraceError


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(OSError(errno.EMFILE, os.strerror(errno.EMFILE), "a.py"), "descriptors", id="a file"),
        pytest.param(OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "memory", id="a mapping"),
        pytest.param(BlockingIOError(errno.EAGAIN, "Resource…"), "processes or threads", id="a fork"),
        pytest.param(MemoryError(), "memory: MemoryError", id="an object"),
        pytest.param(RuntimeError("can't start new thread"), "processes or threads", id="a thread"),
        pytest.param(ImportError("libz.so.1: failed to map segment from …"), "memory", id="a library"),
        pytest.param(
            ImportError("libz.so.1: cannot open shared object file: Too many open files"), "descriptors",
            id="a library's descriptor",
        ),
        pytest.param(SystemError("… returned NULL without …"), "memory", id="Python's own"),
    ],
)  # fmt: skip
def test_a_shortage_is_named(error: BaseException, what: str) -> None:
    found = short_of(error)

    assert found is not None
    assert str(found).startswith(f"out of {what}")
    assert found.remedy


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOENT, "No such file"),
        RuntimeError("dictionary changed size"),
        ImportError("no module x"),
    ],
    ids=repr,
)
def test_nothing_else_is_one(error: BaseException) -> None:
    assert short_of(error) is None


def test_it_is_a_failure_of_ours_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fails(_: str) -> None:
        raise MemoryError

    monkeypatch.setattr("importlib.import_module", fails)

    assert cli.main(["--", "true"]) == cli.FAILED
    assert capfd.readouterr().err.startswith("argtrace: out of memory: MemoryError\n")


def test_a_fault_of_ours_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("importlib.import_module", fails)

    with pytest.raises(RuntimeError, match="a fault"):
        cli.main(["--", "true"])


def test_addresses_that_are_too_few_for_any_trace() -> None:
    address_space.ask(resource.RLIM_INFINITY, 1 << 40)
    address_space.ask((20 << 20) + address_space.LEAST, 20 << 20)
    with pytest.raises(ArgtraceError, match="out of memory: 16 MiB of addresses are left"):
        address_space.ask((19 << 20) + address_space.LEAST, 20 << 20)
    with pytest.raises(ArgtraceError, match="out of memory: 0 MiB"):
        address_space.ask(1, 2)


@pytest.mark.parametrize("command", [["--backend", "bpf"], ["--backend", "ptrace"], ["exec"]])
@pytest.mark.parametrize("kib", [26_000, 28_500, 29_500])
def test_they_are_asked_for_before_anything_is_begun(kib: int, command: list[str]) -> None:
    """Where Python would run out of them somewhere, and might go round for good."""
    limited = ["sh", "-c", f'ulimit -v {kib}; exec "$@"', "sh", sys.executable, "-m", "argtrace"]
    words = [*limited, *command, "--", "echo", "ran"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stdout) == (cli.FAILED, "")
    assert done.stderr.startswith("argtrace: out of memory: ")
    assert done.stderr.endswith(" raise `ulimit -v`\n")
