"""Attaching programs. A raw tracepoint's link is its descriptor: closed, or its
owner killed, the program is off."""

from __future__ import annotations

import ctypes
import errno

from argtrace.errors import KernelRefused, NotSupported
from argtrace.kernel import uapi
from argtrace.kernel.attrs import RawTracepointOpen
from argtrace.kernel.calls import Descriptor, Kernel
from argtrace.kernel.programs import Program


class RawTracepoint(Descriptor):
    def __init__(self, kernel: Kernel, tracepoint: str, program: Program) -> None:
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
