"""RLIMIT_MEMLOCK is lifted where the kernel counts what bpf(2) makes, once, and put back."""

from __future__ import annotations

import ctypes
import errno
import resource
from collections.abc import Iterator

import pytest

from argtrace.errors import KernelRefused
from argtrace.kernel import memlock, uapi
from argtrace.kernel.attrs import MapCreate
from argtrace.kernel.calls import Linux

LIMITS = (65536, 1 << 20)
NONE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Process:
    """A process with a limit, and a kernel that counts against it as Linux 5.10 does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, may_lift: bool = True) -> None:
        self.limits, self._may_lift, self._patch = LIMITS, may_lift, monkeypatch
        self.asked, self.willing = 0, True
        monkeypatch.setattr(resource, "getrlimit", lambda _: self.limits)
        monkeypatch.setattr(resource, "setrlimit", self._set)

    def _set(self, _: int, limits: tuple[int, int]) -> None:
        if limits == NONE and not self._may_lift:
            raise ValueError("not allowed to raise maximum limit")
        self.limits = limits

    def bpf(self) -> Linux:
        kernel = Linux()
        self._patch.setattr(kernel, "_syscall", self._answer)
        return kernel

    def _answer(self, *_: object) -> int:
        self.asked += 1
        ctypes.set_errno(errno.EPERM)
        return 7 if self.willing and self.limits == NONE else -1


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    yield
    memlock.put_back()


def test_a_map_beyond_the_limit_is_made_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)

    assert process.bpf().bpf(uapi.BPF_MAP_CREATE, MapCreate()) == 7
    assert process.limits == NONE
    memlock.put_back()
    assert process.limits == LIMITS


def test_what_another_thread_has_lifted_is_lifted_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    Process(monkeypatch)

    assert memlock.lift()
    assert memlock.lift()


def test_without_a_limit_there_is_nothing_to_lift(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    process.limits = NONE

    assert not memlock.lift()
    memlock.put_back()
    assert process.limits == NONE


def test_who_may_not_lift_it_is_told_what_the_kernel_said(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch, may_lift=False)

    with pytest.raises(KernelRefused) as refused:
        process.bpf().bpf(uapi.BPF_MAP_CREATE, MapCreate())
    assert refused.value.errno == errno.EPERM
    assert process.asked == 1


def test_what_is_refused_though_it_is_lifted_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    process = Process(monkeypatch)
    process.willing = False

    with pytest.raises(KernelRefused):
        process.bpf().bpf(uapi.BPF_PROG_LOAD, MapCreate())
    assert process.asked == 2
