"""Raw tracepoints: attached while the link's descriptor is open."""

from __future__ import annotations

import errno

import pytest

from argtrace.errors import KernelRefused, NotSupported
from argtrace.kernel import uapi
from argtrace.kernel.links import RawTracepoint
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
