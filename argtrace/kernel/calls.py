"""bpf(2) and the descriptors it gives: the one door to the kernel.

`Kernel` is the seam: `Linux` is the real one, tests hand in a fake that
remembers what it was asked (`tests/support/fake_kernel.py`). A descriptor has
one owner, a `Descriptor`, and is closed once.
"""

from __future__ import annotations

import ctypes
import errno
import os
from typing import TYPE_CHECKING, Protocol, Self

from argtrace.errors import KernelRefused, NotSupported
from argtrace.kernel import memlock, uapi

if TYPE_CHECKING:
    from types import TracebackType

    from argtrace.kernel.attrs import Attr, PerfEventAttr

# asm/unistd_64.h and asm-generic/unistd.h (Linux 6.18).
_NR_BPF = {"x86_64": 321, "aarch64": 280}
_NR_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}

_PERF_FLAG_FD_CLOEXEC = 8  # include/uapi/linux/perf_event.h

_COMMANDS = {
    getattr(uapi, name): name
    for name in (
        "BPF_MAP_CREATE",
        "BPF_MAP_LOOKUP_ELEM",
        "BPF_MAP_UPDATE_ELEM",
        "BPF_MAP_DELETE_ELEM",
        "BPF_MAP_GET_NEXT_KEY",
        "BPF_BTF_LOAD",
        "BPF_MAP_UPDATE_BATCH",
        "BPF_PROG_LOAD",
        "BPF_PROG_TEST_RUN",
        "BPF_RAW_TRACEPOINT_OPEN",
        "BPF_OBJ_GET_INFO_BY_FD",
        "BPF_LINK_CREATE",
    )
}


_CHARGED = (uapi.BPF_MAP_CREATE, uapi.BPF_PROG_LOAD, uapi.BPF_BTF_LOAD)
"""What takes memory that may be limited."""


class Kernel(Protocol):
    """Whoever answers bpf(2)."""

    def bpf(self, command: int, attr: Attr) -> int:
        """The call's result. Raises KernelRefused with the errno."""

    def perf_event_open(self, attr: PerfEventAttr, cpu: int = 0) -> int:
        """A descriptor of an event on that CPU, whichever task. Raises KernelRefused."""


PRETEND = "ARGTRACE_PRETEND"
"""A variable of the environment, for tests: the version of an older kernel, to be met in its place."""


class Linux:
    """The running kernel."""

    def __init__(self) -> None:
        machine = os.uname().machine
        if machine not in _NR_BPF:
            raise NotSupported(f"the {machine} architecture", remedy="argtrace traces x86_64 and aarch64")
        self._number = _NR_BPF[machine]
        self._perf_number = _NR_PERF_EVENT_OPEN[machine]
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self._syscall.restype = ctypes.c_long

    def bpf(self, command: int, attr: Attr) -> int:
        lifted = False
        # BPF_PROG_LOAD answers EAGAIN when a signal comes while it verifies.
        for _ in range(5):
            result: int = self._syscall(self._number, command, ctypes.byref(attr), ctypes.sizeof(attr))
            if result >= 0:
                return result
            refused = ctypes.get_errno()
            if refused == errno.EPERM and command in _CHARGED and not lifted and (lifted := memlock.lift()):
                continue
            if refused not in (errno.EAGAIN, errno.EINTR):
                break
        raise KernelRefused(f"bpf({_COMMANDS.get(command, command)})", refused)

    def perf_event_open(self, attr: PerfEventAttr, cpu: int = 0) -> int:
        any_task, on_cpu, no_group = ctypes.c_long(-1), ctypes.c_long(cpu), ctypes.c_long(-1)
        flags = ctypes.c_long(_PERF_FLAG_FD_CLOEXEC)
        number = ctypes.c_long(self._perf_number)
        fd: int = self._syscall(number, ctypes.byref(attr), any_task, on_cpu, no_group, flags)
        if fd < 0:
            raise KernelRefused("perf_event_open", ctypes.get_errno())
        return fd


class Descriptor:
    """A file descriptor with one owner. Closing twice is closing once."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def fileno(self) -> int:
        return self._fd

    def close(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
