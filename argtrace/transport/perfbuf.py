"""perf's buffers, a CPU each, in place of the ring that kernels before 5.8 have not.

Each is an event that never happens but when a program puts something into it. A perf event array says
which is whose.

Sources: perf_event_open(2); include/uapi/linux/perf_event.h (use_clockid: Linux 4.1, BPF_OUTPUT:
4.4); kernel/bpf/arraymap.c, perf_event_fd_array_get_ptr().
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import time

from argtrace.errors import KernelRefused
from argtrace.kernel.attrs import PerfEventAttr
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.kernel.maps import Map, online_cpus
from argtrace.transport.perf import PerfRing, Sample
from argtrace.transport.pour import Poured
from argtrace.transport.records import exact

PAGE = mmap.PAGESIZE

_SOFTWARE, _BPF_OUTPUT = 1, 10  # PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT
_TIME, _RAW = 1 << 2, 1 << 10  # PERF_SAMPLE_TIME, PERF_SAMPLE_RAW
_WATERMARK, _USE_CLOCKID = 1 << 14, 1 << 25  # bits of perf_event_attr

MOST_WAITING = 100_000
"""Samples that are held here, before we leave them where they are."""


class PerfBuffers:
    """The buffers of an event array, of `size` bytes together; read as a ring. Close it before the map."""

    def __init__(self, kernel: Kernel, map: Map, size: int) -> None:
        self._stack = contextlib.ExitStack()
        self._cpus: list[PerfRing] = []
        self.descriptors: list[int] = []
        """Ready for reading when a quarter of one is unread."""
        cpus = online_cpus()
        each = max(1 << (size // len(cpus)).bit_length() - 1, PAGE)
        try:
            for cpu in cpus:
                self._open(kernel, map, cpu, each)
        except BaseException:
            self._stack.close()
            raise
        self._poured = Poured(size)
        self.ring = self._poured.ring
        self.pages = self._poured.pages
        """As `Ring` takes them."""

    def _open(self, kernel: Kernel, map: Map, cpu: int, size: int) -> None:
        attr = PerfEventAttr(
            type=_SOFTWARE, size=ctypes.sizeof(PerfEventAttr), config=_BPF_OUTPUT, sample_period=1,
            sample_type=_TIME | _RAW, bits=_WATERMARK | _USE_CLOCKID, wakeup_events=size // 4,
            clockid=time.CLOCK_MONOTONIC,
        )  # fmt: skip
        event = self._stack.enter_context(Descriptor(kernel.perf_event_open(attr, cpu)))
        try:
            memory = self._stack.enter_context(mmap.mmap(event.fileno(), PAGE + size))
        except OSError as error:  # perf_event_open(2): EPERM where it would be more locked memory than that
            remedy = "take a smaller --buffer, or more in kernel.perf_event_mlock_kb or `ulimit -l`"
            raise KernelRefused("mmap(perf buffer)", error.errno or 0, remedy=remedy) from error
        view = self._stack.enter_context(memoryview(memory))
        data = self._stack.enter_context(view[PAGE:])
        ring = PerfRing(view, data)
        self._stack.callback(ring.release)
        map.update(cpu.to_bytes(4, "little"), event.fileno().to_bytes(4, "little"))
        self._cpus.append(ring)
        self.descriptors.append(event.fileno())

    @property
    def lost(self) -> int:
        """Records that had no room, as perf tells: kernels before 5.1 do not tell the program."""
        return sum(cpu.lost for cpu in self._cpus)

    def gather(self, *, last: bool = False) -> None:
        """Have in the ring what is in the buffers; `last`: all of it, since no more will come."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        found: list[Sample] = []
        if self._poured.waiting < MOST_WAITING:
            for cpu in self._cpus:
                found += [Sample(sample.time, exact(sample.data)) for sample in cpu.samples()]
        self._poured.pour(found, now)
        if last:
            self._poured.pour((), now)

    def unread(self) -> int:
        """Bytes, but for what waits to be put in order."""
        return self.ring.pending() + sum(cpu.pending() for cpu in self._cpus)

    def pending(self) -> bool:
        """Whether anything is unread."""
        return self._poured.waiting > 0 or self.unread() > 0

    def close(self) -> None:
        self._poured.close()
        self._stack.close()
