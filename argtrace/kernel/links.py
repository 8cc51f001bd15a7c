"""Attaching programs to tracepoints. A link is its descriptor: closed, or its owner killed, the
program is off.

Sources: kernel/bpf/syscall.c, bpf_raw_tp_link_attach(), bpf_perf_link_attach() (Linux 5.15);
kernel/trace/trace_event_perf.c. Programs belong to the event and not to who opened it: one that
was opened on the first CPU, and never counts anything, has them run on all.
"""

from __future__ import annotations

import ctypes
import errno
import os
from threading import Thread

from argtrace.errors import ArgtraceError, KernelRefused, NotPermitted, NotSupported
from argtrace.kernel import mounts, uapi
from argtrace.kernel.attrs import LinkCreate, PerfEventAttr, RawTracepointOpen
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.kernel.programs import Program

# include/uapi/linux/perf_event.h: perf_event_attr.type, and its bit `disabled`.
_PERF_TYPE_TRACEPOINT = 2
_DISABLED = 1

_BPF_PERF_EVENT = 41  # include/uapi/linux/bpf.h, enum bpf_attach_type

# Where tracefs has each: include/trace/events/{sched,syscalls,task,signal}.h, TRACE_SYSTEM.
_SYSTEMS = {"sys": "raw_syscalls", "sched": "sched", "task": "task", "signal": "signal"}


class Links:
    """Programs that are attached, each by the way of its type."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._links: list[Descriptor] = []
        self._events: list[Descriptor] = []

    def attach(self, tracepoint: str, program: Program) -> None:
        if program.type != uapi.BPF_PROG_TYPE_TRACEPOINT:
            self._links.append(RawTracepoint(self._kernel, tracepoint, program))
            return
        event = _event(self._kernel, tracepoint)
        self._events.append(event)
        attr = LinkCreate(prog_fd=program.fileno(), target_fd=event.fileno(), attach_type=_BPF_PERF_EVENT)
        self._links.append(Descriptor(self._kernel.bpf(uapi.BPF_LINK_CREATE, attr)))

    def detach(self) -> None:
        """All at once: the kernel waits for a grace period with each (synchronize_rcu_tasks_trace() in
        perf_event_detach_bpf_prog()), in which the others would go on telling half of what happens."""
        links, self._links = self._links, []
        if not self._events:
            for link in reversed(links):
                link.close()
            return
        threads = []
        for link in links:
            thread = Thread(target=link.close)
            try:
                thread.start()
            except RuntimeError:  # there is no room for another one
                link.close()
            else:
                threads.append(thread)
        for thread in threads:
            thread.join()

    def close(self) -> None:
        """Detach, and give the events back, which takes a grace period each again. May be called twice."""
        self.detach()
        while self._events:
            self._events.pop().close()


class RawTracepoint(Descriptor):
    def __init__(self, kernel: Kernel, tracepoint: str, program: Descriptor) -> None:
        name = ctypes.create_string_buffer(tracepoint.encode())
        attr = RawTracepointOpen(name=ctypes.addressof(name), prog_fd=program.fileno())
        try:
            fd = kernel.bpf(uapi.BPF_RAW_TRACEPOINT_OPEN, attr)
        except KernelRefused as refused:
            if refused.errno == errno.ENOENT:
                raise NotSupported(f"tracepoint {tracepoint}") from refused
            raise
        super().__init__(fd)
        self.tracepoint = tracepoint


def _event(kernel: Kernel, tracepoint: str) -> Descriptor:
    event = PerfEventAttr(
        type=_PERF_TYPE_TRACEPOINT,
        size=ctypes.sizeof(PerfEventAttr),
        config=_id(tracepoint),
        sample_period=1,
        bits=_DISABLED,
    )
    return Descriptor(kernel.perf_event_open(event))


def _id(tracepoint: str) -> int:
    """What perf calls it by, from tracefs. Raises NotPermitted and NotSupported."""
    path = f"events/{_SYSTEMS[tracepoint.partition('_')[0]]}/{tracepoint}/id"
    try:
        with mounts.tracefs() as root:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC, dir_fd=root.fileno())
    except FileNotFoundError as error:
        raise NotSupported(f"tracepoint {tracepoint}") from error
    except (ArgtraceError, OSError) as error:
        raise NotPermitted(
            "reading the ids of tracepoints",
            ("a tracefs that it may read",),
            remedy="run it with sudo, or let a group read it: "
            "mount -o remount,gid=GROUP,mode=750 /sys/kernel/tracing",
        ) from error
    with Descriptor(fd):
        return int(os.read(fd, 32))
