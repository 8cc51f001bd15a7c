"""Tracepoints: attached while the link's descriptor is open."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from argtrace.errors import KernelRefused, NotPermitted, NotSupported
from argtrace.kernel import mounts, uapi
from argtrace.kernel.calls import Descriptor
from argtrace.kernel.links import Links, RawTracepoint
from argtrace.kernel.programs import Program
from tests.support.fake_kernel import FakeKernel, FakeLink

CODE = bytes.fromhex("b700000000000000 9500000000000000")  # r0 = 0; exit


def _program(kernel: FakeKernel) -> Program:
    return Program(kernel, "at_sys_enter", CODE, uapi.BPF_PROG_TYPE_RAW_TRACEPOINT)


def test_a_program_is_attached_until_its_link_is_closed() -> None:
    kernel = FakeKernel()

    with _program(kernel) as program:
        with RawTracepoint(kernel, "sys_enter", program) as link:
            assert kernel.links == [FakeLink("sys_enter", "at_sys_enter")]
            assert kernel.open_now() == ["program at_sys_enter", "link sys_enter"]
            assert link.tracepoint == "sys_enter"

        assert kernel.open_now() == ["program at_sys_enter"]


def test_a_tracepoint_that_is_not_there_is_not_supported() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_RAW_TRACEPOINT_OPEN", errno.ENOENT, only="task_rename")

    with _program(kernel) as program, pytest.raises(NotSupported) as caught:
        RawTracepoint(kernel, "task_rename", program)

    assert caught.value.feature == "tracepoint task_rename"
    assert kernel.open_now() == []


def test_other_refusals_are_shown_as_they_are() -> None:
    kernel = FakeKernel()
    kernel.refuse("BPF_RAW_TRACEPOINT_OPEN", errno.EPERM)

    with _program(kernel) as program, pytest.raises(KernelRefused, match="EPERM"):
        RawTracepoint(kernel, "sys_enter", program)


@pytest.fixture
def tracefs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tracefs of our own, with the tracepoint sched_process_fork."""
    event = tmp_path / "events/sched/sched_process_fork"
    event.mkdir(parents=True)
    (event / "id").write_text("321\n")
    opened = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    monkeypatch.setattr(mounts, "tracefs", lambda: Descriptor(os.open(tmp_path, opened)))
    return tmp_path


def _event_program(kernel: FakeKernel) -> Program:
    return Program(kernel, "at_fork", CODE, uapi.BPF_PROG_TYPE_TRACEPOINT)


@pytest.mark.usefixtures("tracefs")
def test_a_program_for_event_records_is_attached_to_the_event_with_the_tracepoints_id() -> None:
    kernel = FakeKernel()

    links = Links(kernel)
    with _event_program(kernel) as program:
        links.attach("sched_process_fork", program)
        assert kernel.links == [FakeLink("event 321", "at_fork")]
        assert kernel.open_now() == ["program at_fork", "event 321", "link event 321"]
        links.detach()
        assert kernel.open_now() == ["program at_fork", "event 321"]
        links.close()
        assert kernel.open_now() == ["program at_fork"]
        links.close()

    (event,) = kernel.events
    assert (event["type"], event["size"], event["config"]) == (2, 104, 321)  # PERF_TYPE_TRACEPOINT
    (link,) = kernel.of("BPF_LINK_CREATE")
    assert link.fields["attach_type"] == 41  # BPF_PERF_EVENT


@pytest.mark.usefixtures("tracefs")
def test_where_no_thread_can_be_started_links_are_closed_without(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading, "_start_new_thread", refused)
    kernel = FakeKernel()

    links = Links(kernel)
    with _event_program(kernel) as program:
        links.attach("sched_process_fork", program)
        links.detach()
        assert kernel.open_now() == ["program at_fork", "event 321"]
        links.close()


def test_a_raw_program_is_attached_to_the_raw_tracepoint() -> None:
    kernel = FakeKernel()

    links = Links(kernel)
    with _program(kernel) as program:
        links.attach("sys_enter", program)
        assert kernel.links == [FakeLink("sys_enter", "at_sys_enter")]
        links.detach()
        assert kernel.open_now() == ["program at_sys_enter"]
    assert not kernel.events


def test_an_event_that_is_not_there_is_not_supported(tracefs: Path) -> None:
    (tracefs / "events/sched/sched_process_fork/id").unlink()
    kernel = FakeKernel()

    with _event_program(kernel) as program, pytest.raises(NotSupported, match="sched_process_fork"):
        Links(kernel).attach("sched_process_fork", program)
    assert kernel.open_now() == []


def test_a_tracefs_that_cannot_be_read_is_told_with_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> Descriptor:
        raise KernelRefused("fsopen", errno.EPERM)

    monkeypatch.setattr(mounts, "tracefs", refused)
    kernel = FakeKernel()

    with _event_program(kernel) as program, pytest.raises(NotPermitted, match="ids of tracepoints") as caught:
        Links(kernel).attach("sched_process_fork", program)
    assert "sudo" in str(caught.value.remedy)
