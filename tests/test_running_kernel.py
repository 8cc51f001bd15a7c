"""What the kernel is asked about itself, and what follows."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from argtrace import cache, running_kernel
from argtrace.errors import KernelRefused, NotFound, NotSupported
from argtrace.fetch.context import PREEMPTIBLE, RAW, Context
from argtrace.kernel import buildid, mounts, uapi
from argtrace.kernel.calls import PRETEND
from tests.support.generated import EVENTS, Types

# Linux 6.19 has no such type, 7.0 has it.
OLD, NEW = (PREEMPTIBLE,), ()


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Context]:
    """That of a kernel which has not these."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(running_kernel.FORCED_TRACEPOINTS, raising=False)
    monkeypatch.setattr(cache, "build_id", lambda: None)
    monkeypatch.setattr(running_kernel, "has_tracefs", lambda: True)

    def ask(*without: str, forced: str | None = None) -> Context:
        monkeypatch.setattr(running_kernel, "btf", lambda: Types(*without))
        if forced is not None:
            monkeypatch.setenv(running_kernel.FORCED_TRACEPOINTS, forced)
        return running_kernel.context()

    return ask


def test_raw_tracepoints_are_taken_unless_programs_there_can_be_preempted(
    context: Callable[..., Context],
) -> None:
    assert context(*OLD) == RAW
    assert context(*NEW).type == uapi.BPF_PROG_TYPE_TRACEPOINT


@pytest.mark.parametrize("without", [OLD, NEW], ids=["6.19", "7.0"])
def test_it_can_be_forced(context: Callable[..., Context], without: tuple[str, ...]) -> None:
    assert context(*without, forced="raw") == RAW
    assert context(*without, forced="event").type == uapi.BPF_PROG_TYPE_TRACEPOINT


def test_a_kernel_that_is_pretended_has_raw_ones(
    context: Callable[..., Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before 5.15 registers are found by the arguments of those alone."""
    monkeypatch.setenv(PRETEND, "5.12")

    assert context(*NEW) == RAW


def test_offsets_are_the_kernels(context: Callable[..., Context]) -> None:
    kernel = Types()
    found = context(*NEW)

    assert found.fork_pid == kernel.field("trace_event_raw_sched_process_fork", "child_pid").offset
    assert found == EVENTS


def test_a_kernel_without_what_it_takes_is_told(context: Callable[..., Context]) -> None:
    with pytest.raises(NotFound, match="bpf_task_from_pid"):
        context("bpf_task_from_pid", forced="event")


def test_a_kernel_that_has_not_all_of_it_has_raw_ones(context: Callable[..., Context]) -> None:
    assert context("bpf_task_from_pid") == RAW


def test_who_may_not_read_the_ids_of_events_has_raw_ones(
    context: Callable[..., Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_kernel, "has_tracefs", lambda: False)

    assert context(*NEW) == RAW
    assert context(*NEW, forced="event").type == uapi.BPF_PROG_TYPE_TRACEPOINT


def test_a_tracefs_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise KernelRefused("fsopen", errno.EPERM)

    monkeypatch.setattr(mounts, "tracefs", refuse)

    assert running_kernel.has_tracefs() is False


def test_the_answer_is_kept_for_a_kernel_build(
    context: Callable[..., Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "build_id", lambda: "b" * 40)
    assert context(*OLD) == RAW
    assert context(*NEW) == RAW


def test_types_from_a_file_are_not_taken_for_the_kernels_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is remembered of one file is not what another says."""
    monkeypatch.delenv(buildid.OWN_BTF, raising=False)
    own = buildid.build_id(NOTES)
    file = tmp_path / "vmlinux.btf"
    file.write_bytes(b"one")
    monkeypatch.setenv(buildid.OWN_BTF, str(file))
    one = buildid.build_id(NOTES)
    file.write_bytes(b"another")

    assert buildid.btf() == str(file)
    assert own is not None
    assert len({own, one, buildid.build_id(NOTES)}) == 3


def test_a_file_of_types_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(buildid.OWN_BTF, f"{tmp_path}/none")
    running_kernel.btf.cache_clear()

    with pytest.raises(NotSupported, match=f"{tmp_path}/none"):
        running_kernel.btf()


NOTES = (
    (4).to_bytes(4, "little") + (2).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"GNU\0\xab\xcd\0\0"
)
