"""bpf(2) as the kernel is asked it, and descriptors that have one owner."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterator

import pytest

from argtrace.errors import KernelRefused, NotSupported
from argtrace.kernel import uapi
from argtrace.kernel.attrs import MapCreate, RawTracepointOpen
from argtrace.kernel.calls import Descriptor, Linux

Answer = Callable[[int], int]


class Syscall:
    """syscall(2) with answers of its own: a result, or an errno as a negative number."""

    def __init__(self, *answers: int) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[int, int, int]] = []

    def __call__(self, number: int, command: int, _attr: object, size: int) -> int:
        self.asked.append((number, command, size))
        answer = self._answers.pop(0)
        if answer < 0:
            ctypes.set_errno(-answer)
            return -1
        return answer


def _linux(monkeypatch: pytest.MonkeyPatch, syscall: Syscall) -> Linux:
    kernel = Linux()
    monkeypatch.setattr(kernel, "_syscall", syscall)
    return kernel


def _machine(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    system = os.uname()
    monkeypatch.setattr(os, "uname", lambda: os.uname_result((*system[:4], name)))


@pytest.mark.parametrize(
    ("machine", "number"),
    [
        pytest.param("x86_64", 321, id="x86-64 has bpf(2) at 321"),
        pytest.param("aarch64", 280, id="arm64 has bpf(2) at 280"),
    ],
)
def test_number_of_the_call(monkeypatch: pytest.MonkeyPatch, machine: str, number: int) -> None:
    _machine(monkeypatch, machine)
    syscall = Syscall(0)

    _linux(monkeypatch, syscall).bpf(uapi.BPF_RAW_TRACEPOINT_OPEN, RawTracepointOpen())

    assert syscall.asked == [(number, uapi.BPF_RAW_TRACEPOINT_OPEN, ctypes.sizeof(RawTracepointOpen))]


def test_another_machine_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    _machine(monkeypatch, "riscv64")

    with pytest.raises(NotSupported, match="riscv64") as caught:
        Linux()

    assert caught.value.remedy


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        pytest.param([7], 7, id="a descriptor is the result"),
        pytest.param([0], 0, id="zero is a result too"),
        pytest.param([-errno.EAGAIN] * 4 + [7], 7, id="a load that signals disturb is tried five times"),
        pytest.param([-errno.EINTR, 7], 7, id="an interrupted call is tried again"),
    ],
)
def test_result(monkeypatch: pytest.MonkeyPatch, answers: list[int], result: int) -> None:
    syscall = Syscall(*answers)

    assert _linux(monkeypatch, syscall).bpf(uapi.BPF_MAP_CREATE, MapCreate()) == result
    assert len(syscall.asked) == len(answers)


@pytest.mark.parametrize(
    ("answers", "command", "message"),
    [
        pytest.param(
            [-errno.EINVAL],
            uapi.BPF_MAP_CREATE,
            "bpf(BPF_MAP_CREATE): EINVAL (Invalid argument)",
            id="an error is not asked about twice",
        ),
        pytest.param(
            [-errno.EAGAIN] * 5,
            uapi.BPF_PROG_LOAD,
            "bpf(BPF_PROG_LOAD): EAGAIN (Resource temporarily unavailable)",
            id="the fifth EAGAIN is the answer",
        ),
        pytest.param(
            [-errno.EPERM],
            uapi.BPF_ITER_CREATE,
            f"bpf({uapi.BPF_ITER_CREATE}): EPERM (Operation not permitted)",
            id="a command we never use goes by its number",
        ),
    ],
)
def test_refusal(monkeypatch: pytest.MonkeyPatch, answers: list[int], command: int, message: str) -> None:
    syscall = Syscall(*answers)

    with pytest.raises(KernelRefused) as caught:
        _linux(monkeypatch, syscall).bpf(command, MapCreate())

    assert str(caught.value) == message
    assert caught.value.errno == -answers[-1]
    assert len(syscall.asked) == len(answers)


def test_the_real_kernel_is_asked() -> None:
    """With privileges it says EINVAL of a map of no type; without, EPERM; a sandbox may say ENOSYS."""
    with pytest.raises(KernelRefused) as caught:
        Linux().bpf(uapi.BPF_MAP_CREATE, MapCreate(map_type=0xFFFF))

    assert caught.value.errno in (errno.EINVAL, errno.EPERM, errno.ENOSYS)


@pytest.fixture
def number() -> Iterator[int]:
    """A descriptor's number, which is free again afterwards whoever has it."""
    number = os.open(os.devnull, os.O_RDONLY)
    yield number
    with contextlib.suppress(OSError):
        os.close(number)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def test_a_descriptor_is_closed_once(number: int) -> None:
    descriptor = Descriptor(number)
    descriptor.close()
    assert not _is_open(number)
    os.dup2(2, number)  # somebody else's now

    descriptor.close()

    assert _is_open(number)
    assert descriptor.fileno() == -1


def test_a_descriptor_is_closed_when_its_block_fails(number: int) -> None:
    def fail(descriptor: Descriptor) -> None:
        with descriptor:
            assert _is_open(number)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail(Descriptor(number))

    assert not _is_open(number)
